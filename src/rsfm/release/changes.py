"""CHANGES.md and changes.jsonl: what differs from the release before, for people and for those who sync."""

from __future__ import annotations

from pathlib import Path

from rsfm.diff import Diff, compare, unmet
from rsfm.diff_report import as_delta, as_markdown
from rsfm.package import Package, PackageError
from rsfm.versions import version


def since(package: Package, before: str) -> Diff:
    """What differs from the release ``before``.

    Raises PackageError where the version is too low for it, or an id has vanished without a redirect.
    """
    with version(before, package.root) as old:
        found = compare(old, package)
    faults = list(unmet(found))
    if faults:
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        raise PackageError(f"not released after {before}: {faults[0]}{more}")
    return found


def write(differences: Diff | None, folder: Path) -> None:
    """Write both files; for the first release CHANGES.md alone, which says that it is."""
    text = "# The first release\n" if differences is None else as_markdown(differences)
    (folder / "CHANGES.md").write_text(text, encoding="utf-8", newline="\n")
    if differences is not None:
        (folder / "changes.jsonl").write_text(as_delta(differences), encoding="utf-8", newline="\n")

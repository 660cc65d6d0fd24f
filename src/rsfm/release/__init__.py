"""The release of a package: every format written, read back, compared with the tables, and put in place as a whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from rsfm.atomic import replace_folder
from rsfm.engine import Engine
from rsfm.linter import lint_package
from rsfm.package import Package, PackageError, open_package
from rsfm.problem import Problem, Severity
from rsfm.release import csvs, descriptor, parquet, sqlite, sums
from rsfm.release.verify import MismatchError, compare
from rsfm.rules import all_rules

__all__ = ["MismatchError", "RefusedError", "build"]

WRITERS = (csvs, parquet, sqlite)
"""The formats; each module has write(), which makes its files, and read(), which yields the rows of a table again."""


class RefusedError(Exception):
    """The package has errors, so it is not released."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


def build(path: Path, out: Path | None = None, *, progress: Callable[[str], None] = lambda _: None) -> Path:
    """Lint the package at ``path`` and write its release to ``out`` (default: dist/NAME-VERSION); returns the folder.

    The folder is replaced whole, or left as it was. Raises PackageError, RefusedError when the package has errors,
    MismatchError when what was written does not read back as it should, and OSError.
    """
    package = open_package(path)
    target = out or Path("dist") / f"{package.descriptor.get('name', 'package')}-{_version(package)}"
    _check_target(target, package)
    for table in package.tables:
        if not table.fields:
            raise PackageError(f"{table.path}: resource {table.name} has no schema; write one")
    progress("linting")
    problems = [item for item in lint_package(package, all_rules()) if item.severity is Severity.ERROR]
    if problems:
        raise RefusedError(problems)
    engine = Engine(package)
    try:
        with replace_folder(target) as folder:
            for writer in WRITERS:
                progress(f"writing {writer.FOLDER or writer.NAME}")
                writer.write(package, engine, folder)
            descriptor.write(package, engine, folder)
            for writer in WRITERS:
                progress(f"reading back {writer.FOLDER or writer.NAME}")
                compare(package, engine, folder, writer)
            sums.write(folder)
    finally:
        engine.close()
        progress("")
    return target


def _version(package: Package) -> str:
    version = package.descriptor.get("version")
    if not isinstance(version, str) or not version:
        raise PackageError(f'{package.root / "datapackage.json"}:1: no version; write "version": "1.0.0"')
    return version


def _check_target(target: Path, package: Package) -> None:
    """Refuse a target that holds anything but an earlier release."""
    if target.is_dir():
        if any(target.iterdir()) and not (target / sums.NAME).is_file():
            raise PackageError(f"{target}: holds something other than a release; name an empty or a new folder")
    elif target.exists():
        raise PackageError(f"{target}: is a file; name a folder")
    if package.root.is_relative_to(target.resolve()):
        raise PackageError(f"{target}: holds the package itself; name another folder")

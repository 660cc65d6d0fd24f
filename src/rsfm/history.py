"""The last release in the git history of a package: its version and its files."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from rsfm.package import DESCRIPTOR


@dataclass(frozen=True)
class Release:
    """The newest tag vX.Y.Z that the checkout descends from."""

    root: Path
    tag: str

    @property
    def version(self) -> str:
        """The version that was released."""
        return self.tag.removeprefix("v")

    def read(self, path: str) -> bytes | None:
        """A file of the package as it was released; None where it was not there."""
        return _git(self.root, "show", f"{self.tag}:./{path}")

    def differs(self, *paths: str) -> bool:
        """Whether any of the files or folders is now other than it was released."""
        return _git(self.root, "diff", "--quiet", self.tag, "--", *paths) is None


def last_release(root: Path) -> Release | None:
    """The last release; None outside a git checkout, or where nothing has been released."""
    if not any((folder / ".git").exists() for folder in (root, *root.parents)):
        return None
    tag = _git(root, "describe", "--tags", "--abbrev=0", "--match", "v[0-9]*.[0-9]*.[0-9]*")
    return Release(root, tag.decode().strip()) if tag else None


def earlier_release(root: Path, version: str) -> str | None:
    """The newest tag vX.Y.Z of another version that the checkout descends from and that has the package; None: none."""
    tags = _git(root, "tag", "--merged", "HEAD", "--sort=-version:refname", "--list", "v[0-9]*.[0-9]*.[0-9]*")
    names = (tags or b"").decode().split()
    others = (name for name in names if name != f"v{version}")
    return next((name for name in others if _git(root, "cat-file", "-e", f"{name}:./{DESCRIPTOR}") is not None), None)


def _git(root: Path, *arguments: str) -> bytes | None:
    """What git prints; None where it fails, or is not there."""
    try:
        result = subprocess.run(["git", *arguments], cwd=root, capture_output=True, check=False)
    except OSError:
        return None
    return result.stdout if result.returncode == 0 else None

"""A version of a package by name: a folder, a zip file, or a git revision."""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rsfm.opening import open_package
from rsfm.package import DESCRIPTOR, Package, PackageError


@contextmanager
def version(name: str, here: Path = Path()) -> Iterator[Package]:
    """The package that a folder, a zip file or a git revision of the repository ``here`` names. Raises PackageError."""
    path = Path(name)
    with tempfile.TemporaryDirectory() as scratch:
        if path.is_dir() or path.name == DESCRIPTOR:
            folder = path
        elif path.is_file():
            _unzip(path, Path(scratch))
            inside = sorted(Path(scratch).glob(f"*/{DESCRIPTOR}"))  # a zip of the folder rather than of what is in it
            at_top = (Path(scratch) / DESCRIPTOR).is_file()
            folder = inside[0].parent if len(inside) == 1 and not at_top else Path(scratch)
        else:
            folder = Path(scratch)
            _check_out(name, here, folder)
        yield open_package(folder)


def _unzip(path: Path, folder: Path) -> None:
    if not zipfile.is_zipfile(path):
        raise PackageError(f"{path}: is neither a folder nor a zip file; name one, or a git revision")
    try:
        with zipfile.ZipFile(path) as archive:
            archive.extractall(folder)  # which drops absolute paths and ".."
    except zipfile.BadZipFile as error:
        raise PackageError(f"{path}: is a broken zip file: {error}; get it again") from None


def _check_out(revision: str, here: Path, folder: Path) -> None:
    """The files of a git revision at the place of ``here`` in its repository."""
    command = ["git", "archive", "--format=tar", revision, "--", "."]
    try:
        if revision.startswith("-"):
            raise PackageError(f"{revision}: no folder, zip file or git revision of that name; name one")
        done = subprocess.run(command, cwd=here, capture_output=True, check=False)
    except OSError as error:
        raise PackageError(f"{revision}: no such folder or file, and git cannot be run: {error.strerror}") from None
    if done.returncode:
        raise PackageError(f"{revision}: no folder, zip file or git revision of that name; name one")
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")

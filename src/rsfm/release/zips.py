"""Zip files that are the same bytes on every machine: entries in order, no times, and stored as they are.

Compression would depend on which zlib the machine has, so there is none.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from pathlib import Path

from rsfm.package import Package

EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip file can say


def write_zip(path: Path, entries: Iterable[tuple[str, bytes]]) -> None:
    """Write a zip file of (name, bytes)."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, data in entries:
            info = zipfile.ZipInfo(name, EPOCH)
            info.create_system, info.external_attr = 3, 0o644 << 16
            archive.writestr(info, data)


def write(package: Package, folder: Path) -> None:
    """Write NAME-VERSION-csv.zip, the folder csv/ as a data package in one file."""
    files = sorted((folder / "csv").iterdir())
    name = f"{package.descriptor['name']}-{package.descriptor['version']}-csv.zip"
    write_zip(folder / name, ((path.name, path.read_bytes()) for path in files))

"""Where rsfm's own data lies: inside the installed package, or in the checkout it runs from."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from rsfm.opening import open_package
from rsfm.package import DESCRIPTOR, Package, PackageError


def bundled_folder() -> Path:
    """The folder with rsfm's own datapackage.json; raises PackageError where there is none."""
    here = Path(__file__).resolve().parent
    for folder in (here / "_data", here.parents[1]):
        if (folder / DESCRIPTOR).is_file():
            return folder
    raise PackageError(f"{here / '_data'}: the data is missing; install rsfm again")


@cache
def bundled_package() -> Package:
    """Rsfm's own data package."""
    return open_package(bundled_folder())

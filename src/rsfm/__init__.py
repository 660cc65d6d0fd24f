"""The open dataset of remote sensing foundation models: load it, describe it, lint it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rsfm.access import cite, connect, describe, load, records, tables

    __version__: str

__all__ = ["__version__", "cite", "connect", "describe", "load", "records", "tables"]


def __getattr__(name: str) -> Any:
    """Import what is asked for, and nothing before it is."""
    if name == "__version__":
        from rsfm.data import bundled_package

        return bundled_package().descriptor["version"]
    if name in __all__:
        from rsfm import access

        return getattr(access, name)
    raise AttributeError(f"module 'rsfm' has no attribute {name!r}")

"""A fault found in a package, and how to mend it, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How grave a fault is: an error makes the data wrong or unreadable, a warning makes it worse."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class CellFix:
    """Write ``value`` into one cell: the row that starts at physical ``line``, the column ``field``."""

    table: str
    line: int
    field: str
    value: str


@dataclass(frozen=True)
class Rewrite:
    """Write the table again in canonical form: UTF-8, LF, minimal quotes, schema order, sorted by key."""

    table: str


@dataclass(frozen=True)
class Problem:
    """One fault: where it stands (``path`` relative to the package, physical ``line``, column) and what to write."""

    code: str
    name: str
    severity: Severity
    path: str
    line: int
    field: str | None
    message: str
    fix: CellFix | Rewrite | None = None

    @property
    def fixable(self) -> bool:
        """Whether ``rsfm lint --fix`` mends it."""
        return self.fix is not None

"""Two versions of a package compared: rows and schemas that changed, and the version that must follow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from rsfm import csvfile
from rsfm.package import Field, Package, PackageError, Table

Key = tuple[str, ...]
LOWER = ("minimum", "minLength", "exclusiveMinimum")
UPPER = ("maximum", "maxLength", "exclusiveMaximum")
FLAGS = ("required", "unique")


class Bump(IntEnum):
    """How far a change raises the version, by the Data Package recipe."""

    NONE = 0
    PATCH = 1
    MINOR = 2
    MAJOR = 3


@dataclass
class TableDiff:
    """What differs in one table; ``changed`` has, by key, the old and new cell of each column that differs."""

    name: str
    key: tuple[str, ...]
    added: dict[Key, dict[str, str]] = field(default_factory=dict)
    removed: dict[Key, dict[str, str]] = field(default_factory=dict)
    changed: dict[Key, dict[str, tuple[str, str]]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


@dataclass(frozen=True)
class SchemaChange:
    """One change of the schemas, in words, and what it means for the version."""

    text: str
    bump: Bump


@dataclass(frozen=True)
class Diff:
    """All that differs between two versions."""

    old_version: str
    new_version: str
    tables: tuple[TableDiff, ...]
    schema: tuple[SchemaChange, ...]
    vanished: tuple[str, ...]

    @property
    def bump(self) -> Bump:
        """The largest bump that one of the changes demands."""
        bumps = [change.bump for change in self.schema]
        for table in self.tables:
            bumps += [Bump.MINOR] if table.added or table.removed else []
            bumps += [Bump.PATCH] if table.changed else []
        return max([*bumps, Bump.MAJOR if self.vanished else Bump.NONE])

    @property
    def next_version(self) -> str:
        """The least version that the changes demand; the old one where nothing differs."""
        parts = _numbers(self.old_version)
        if self.bump is Bump.NONE:
            return self.old_version
        place = 3 - self.bump
        return ".".join(map(str, [*parts[:place], parts[place] + 1, *[0] * (2 - place)]))

    @property
    def version_suffices(self) -> bool:
        """Whether the new version is at least the one that the changes demand."""
        return _numbers(self.new_version) >= _numbers(self.next_version)


def _numbers(version: str) -> list[int]:
    parts = version.split(".")
    if len(parts) != 3 or not all(part.isdecimal() for part in parts):
        raise PackageError(f"version {version!r} is not MAJOR.MINOR.PATCH; write it so")
    return [int(part) for part in parts]


def compare(old: Package, new: Package) -> Diff:
    """What differs from ``old`` to ``new``. Raises PackageError where a table cannot be read."""
    tables = []
    for table in new.tables:
        before = old.by_name.get(table.name)
        tables.append(_rows(before, table, old, new))
    tables += [_rows(table, None, old, new) for table in old.tables if table.name not in new.by_name]
    return Diff(
        str(old.descriptor.get("version", "")),
        str(new.descriptor.get("version", "")),
        tuple(table for table in tables if table),
        tuple(_schema_changes(old, new)),
        tuple(_vanished(tables, old, new)),
    )


def _rows(before: Table | None, after: Table | None, old: Package, new: Package) -> TableDiff:
    table = after or before
    assert table is not None
    key = table.primary_key or tuple(item.name for item in table.fields)
    here = _by_key(before, key, old) if before else {}
    there = _by_key(after, key, new) if after else {}
    found = TableDiff(table.name, key)
    for name, row in there.items():
        if name not in here:
            found.added[name] = row
        elif row != here[name]:
            columns = dict.fromkeys((*here[name], *row))
            cells = {column: (here[name].get(column, ""), row.get(column, "")) for column in columns}
            differing = {column: pair for column, pair in cells.items() if pair[0] != pair[1]}
            if differing:
                found.changed[name] = differing
    found.removed = {name: row for name, row in here.items() if name not in there}
    return found


def _by_key(table: Table, key: Sequence[str], package: Package) -> dict[Key, dict[str, str]]:
    path = package.root / table.path
    try:
        parsed = csvfile.read(path, table.path, table.delimiter)
    except OSError as error:
        raise PackageError(f"{path}: cannot be read: {error.strerror}") from None
    rows = (dict(zip(parsed.header, cells, strict=False)) for _, cells in parsed.rows)
    return {tuple(row.get(name, "") for name in key): row for row in rows}


def _vanished(tables: Sequence[TableDiff], old: Package, new: Package) -> Iterator[str]:
    """The keys that were taken away and that no redirect leads on from.

    Those of the tables that redirects can speak of; without redirects, of the tables that others refer to.
    """
    redirects = new.by_name.get("redirects")
    known = _by_key(redirects, ("table", "id"), new) if redirects else {}
    kept = {key.resource for table in old.tables for key in table.foreign_keys}
    if redirects and "table" in redirects.by_name:
        kept = set(redirects.by_name["table"].constraints.get("enum", kept))
    for table in tables:
        for key in table.removed:
            if table.name in kept and (table.name, key[0]) not in known:
                yield f"{table.name} {', '.join(key)}"


def _schema_changes(old: Package, new: Package) -> Iterator[SchemaChange]:
    for name in old.by_name:
        if name not in new.by_name:
            yield SchemaChange(f"table {name} removed", Bump.MAJOR)
    for table in new.tables:
        before = old.by_name.get(table.name)
        if before is None:
            yield SchemaChange(f"table {table.name} added", Bump.MINOR)
            continue
        names, fields = [item.name for item in before.fields], [item.name for item in table.fields]
        yield from (SchemaChange(f"{table.name}.{gone} removed", Bump.MAJOR) for gone in names if gone not in fields)
        yield from (SchemaChange(f"{table.name}.{fresh} added", Bump.MAJOR) for fresh in fields if fresh not in names)
        both = [name for name in names if name in fields]
        if both != [name for name in fields if name in names]:
            yield SchemaChange(f"{table.name}: columns in another order", Bump.MAJOR)
        for part in ("primary_key", "foreign_keys", "unique_keys"):
            if getattr(before, part) != getattr(table, part):
                yield SchemaChange(f"{table.name}: {part.replace('_', ' ')} changed", Bump.MAJOR)
        for name in both:
            yield from _field_changes(table.name, before.by_name[name], table.by_name[name])
    if _about(old) != _about(new):
        yield SchemaChange("descriptive metadata changed", Bump.PATCH)


def _field_changes(table: str, old: Field, new: Field) -> Iterator[SchemaChange]:
    name = f"{table}.{new.name}"
    if (old.type, old.format, old.delimiter) != (new.type, new.format, new.delimiter):
        yield SchemaChange(f"{name}: type changed from {old.type} to {new.type}", Bump.MAJOR)
    for constraint in sorted({*old.constraints, *new.constraints}):
        before, after = old.constraints.get(constraint), new.constraints.get(constraint)
        if before != after:
            looser = _is_looser(constraint, before, after)
            word = "looser" if looser else "stricter"
            yield SchemaChange(f"{name}: {constraint} {word}", Bump.MINOR if looser else Bump.MAJOR)
    ignored = {"name", "type", "format", "delimiter", "constraints"}
    rest = [{key: value for key, value in item.descriptor.items() if key not in ignored} for item in (old, new)]
    if rest[0] != rest[1]:
        yield SchemaChange(f"{name}: description changed", Bump.PATCH)


def _is_looser(constraint: str, before: Any, after: Any) -> bool:
    """Whether each value that was good is good still; where that cannot be told, it is not."""
    if after is None or (constraint in FLAGS and not after):
        return True
    if before is None:
        return False
    if constraint == "enum" and isinstance(before, list) and isinstance(after, list):
        return all(value in after for value in before)
    if not all(isinstance(value, int | float) for value in (before, after)):
        return False
    return bool(after < before if constraint in LOWER else after > before if constraint in UPPER else False)


def _about(package: Package) -> dict[str, Any]:
    """The descriptor but for its version and what the tables say themselves."""
    computed = {"bytes", "hash", "rowCount", "schema", "path", "dialect"}
    about = {key: value for key, value in package.descriptor.items() if key not in {"version", "created", "resources"}}
    resources = [
        {key: value for key, value in item.items() if key not in computed}
        for item in package.descriptor["resources"]
        if item.get("name") in package.by_name
    ]
    return about | {"resources": resources}


def unmet(diff: Diff) -> Iterator[str]:
    """What keeps a release from following the old version, each with what to do."""
    if not diff.version_suffices:
        yield f"version {diff.new_version} is too low; write {diff.next_version} or higher"
    for key in diff.vanished:
        yield f"{key} has vanished; add a row to redirects, or bring it back"

"""Opens a data package: reads its descriptor and Table Schemas, and notes each fault that it reads past."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from rsfm.jsonfile import JsonDocument, JsonError, read_json
from rsfm.package import DESCRIPTOR, TYPES, Fault, Field, ForeignKey, Package, PackageError, Table
from rsfm.shapes import CONSTRAINTS, FIELD, SCHEMA, Shape


def open_package(path: Path) -> Package:
    """Open the package at a folder or at its datapackage.json; raises PackageError when it cannot be read at all."""
    descriptor_path = path / DESCRIPTOR if path.is_dir() else path
    try:
        document = read_json(descriptor_path)
    except FileNotFoundError:
        raise PackageError(f"{descriptor_path}: no such file; name a folder that holds a {DESCRIPTOR}") from None
    except OSError as error:
        raise PackageError(f"{descriptor_path}: cannot be read: {error.strerror}") from None
    except JsonError as error:
        raise PackageError(f"{descriptor_path}:{error.line}: not JSON: {error}") from None
    if not isinstance(document.value, dict):
        raise PackageError(f"{descriptor_path}:1: the descriptor is not an object; write {{...}}")
    resources = document.value.get("resources")
    if not isinstance(resources, list) or not resources:
        line = document.line("resources")
        raise PackageError(f"{descriptor_path}:{line}: no resources; write a list with one object for each table")
    return _Reader(descriptor_path.resolve(), document).package(resources)


def package_of(paths: Sequence[Path]) -> Path:
    """The one package that these paths name: each is its folder, its descriptor, or a file in it; none means here.

    Raises PackageError where they name none or several.
    """
    if len(paths) == 1 and (paths[0].suffix == ".json" or not is_file(paths[0])):
        single = paths[0]
        return single if single.is_dir() or not _is_inside_a_package(single) else _enclosing(single)
    found = {folder.resolve(): folder for folder in map(_enclosing, paths or [Path()])}
    if len(found) > 1:
        raise PackageError(f"{', '.join(sorted(map(str, found.values())))}: several packages; name one at a time")
    return next(iter(found.values()))


def _is_inside_a_package(path: Path) -> bool:
    """Whether a JSON file is a part of a package (a schema, say) rather than a descriptor."""
    return path.name != DESCRIPTOR and any((folder / DESCRIPTOR).is_file() for folder in path.resolve().parents)


def _enclosing(path: Path) -> Path:
    if path.is_dir() or not path.exists():
        return path
    for folder in path.resolve().parents:
        if (folder / DESCRIPTOR).is_file():
            return folder
    raise PackageError(f"{path}: in no data package; name a folder that holds a {DESCRIPTOR}")


class _Reader:
    """Builds the dataclasses, noting each fault it reads past."""

    def __init__(self, descriptor_path: Path, document: JsonDocument) -> None:
        self.root = descriptor_path.parent
        self.descriptor_name = descriptor_path.name
        self.document = document
        self.faults: list[Fault] = []
        self.schemas: dict[str, JsonDocument] = {}

    def fault(self, kind: str, *pointer: str | int, path: str = "", **values: Any) -> None:
        document = self.schemas.get(path, self.document)
        self.faults.append(Fault(kind, path or self.descriptor_name, document.line(*pointer), values))

    def package(self, resources: list[Any]) -> Package:
        for pointer, line in self.document.repeated_keys:
            self.faults.append(Fault("repeated-key", self.descriptor_name, line, {"key": pointer[-1]}))
        tables: list[Table] = []
        names: set[str] = set()
        for index, resource in enumerate(resources):
            where = ("resources", index)
            if not isinstance(resource, dict) or not isinstance(resource.get("name"), str) or not resource["name"]:
                self.fault("broken-resource", *where, found="a resource without a name", advice='write "name": "..."')
                continue
            if resource["name"] in names:
                self.fault("repeated-resource", *where, "name", resource=resource["name"])
                continue
            names.add(resource["name"])
            table = self.table(resource, where, {item.column.casefold() for item in tables})
            if table:
                tables.append(table)
        known = {table.name: table for table in tables}
        for table in tables:
            self.check_references(table, known)
        return Package(self.root, self.descriptor_name, self.document, tuple(tables), tuple(self.faults), self.schemas)

    def table(self, resource: dict[str, Any], where: tuple[str | int, ...], taken: set[str]) -> Table | None:
        name = resource["name"]
        path = self.path(resource.get("path"), where, name, data="data" in resource)
        schema_path, schema = self.schema(resource.get("schema"), where, name)
        if path is None or schema is None:
            return None
        if not _is_tabular(resource, path):
            if resource.get("type") == "table" or resource.get("profile") == "tabular-data-resource":
                self.fault("not-checked", *where, resource=name, found=f"the file {path}")
            if not is_file(self.root / path):
                reason = "is a folder" if is_folder(self.root / path) else "No such file or directory"
                self.fault("missing-file", *where, "path", file=path, reason=reason)
            return None
        delimiter = self.delimiter(resource, where, name)
        if delimiter is None:
            return None
        schema = self.shaped(schema, SCHEMA, () if schema_path else (*where, "schema"), schema_path)
        fields = self.fields(schema, schema_path, where)
        if fields is None:
            return None
        names = {item.name for item in fields}
        missing = schema.get("missingValues", resource.get("missingValues", [""]))
        return Table(
            name=name,
            path=path,
            fields=fields,
            primary_key=self.key(schema.get("primaryKey"), names, schema_path, where, "primaryKey"),
            unique_keys=tuple(
                self.key(key, names, schema_path, where, "uniqueKeys") for key in _as_list(schema.get("uniqueKeys"))
            ),
            foreign_keys=tuple(self.foreign_keys(schema, names, schema_path, where, name)),
            missing_values=tuple(
                item if isinstance(item, str) else str(item.get("value", ""))
                for item in _as_list(missing)
                if isinstance(item, str | dict)
            ),
            delimiter=delimiter,
            schema_path=schema_path,
            schema=schema,
            column=_unique_name(name, taken),
        )

    def path(self, value: Any, where: tuple[str | int, ...], name: str, *, data: bool) -> str | None:
        """The resource's path if it is a file inside the package, which is then safe to read."""
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if not isinstance(value, str) or not value:
            if data or isinstance(value, list):
                found = "several files" if isinstance(value, list) else "inline data"
                self.fault("not-checked", *where, resource=name, found=found)
            else:
                advice = 'write "path": "data/NAME.csv"'
                self.fault("broken-resource", *where, found=f"resource {name} without a path", advice=advice)
            return None
        return value if self.inside(value, (*where, "path"), name) else None

    def inside(self, value: str, pointer: tuple[str | int, ...], name: str) -> bool:
        """Whether the path is a plain relative one that stays inside the package, links followed."""
        pure = PurePosixPath(value)
        if "://" in value:
            reason = "is a URL"
        elif pure.is_absolute() or (len(value) > 1 and value[1] == ":"):
            reason = "is absolute"
        elif "\\" in value:
            reason = "holds a backslash"
        elif ".." in pure.parts:
            reason = "leads out of the package"
        elif "\0" in value:
            reason = "holds a NUL"
        elif not resolves_inside(self.root, value):
            reason = "is a link out of the package"
        else:
            return True
        self.fault("unsafe-path", *pointer, resource=name, found=value, reason=reason)
        return False

    def schema(self, value: Any, where: tuple[str | int, ...], name: str) -> tuple[str, dict[str, Any] | None]:
        """The path of the schema ("" when it is inline or absent) and its object."""
        if value is None:
            return "", {}
        if isinstance(value, dict):
            return "", value
        pointer = (*where, "schema")
        if not isinstance(value, str):
            self.fault(
                "broken-schema", *pointer, found="a schema that is neither a path nor an object", advice="write one"
            )
            return "", None
        if not self.inside(value, pointer, name):
            return "", None
        try:
            document = read_json(self.root / value)
        except OSError as error:
            self.fault("missing-file", *pointer, file=value, reason=error.strerror or "cannot be read")
            return value, None
        except JsonError as error:
            self.faults.append(
                Fault("broken-schema", value, error.line, {"found": f"not JSON: {error}", "advice": "mend the syntax"})
            )
            return value, None
        self.schemas[value] = document
        for repeated, line in document.repeated_keys:
            self.faults.append(Fault("repeated-key", value, line, {"key": repeated[-1]}))
        if not isinstance(document.value, dict):
            self.fault(
                "broken-schema", path=value, found="a schema that is not an object", advice='write {"fields": []}'
            )
            return value, None
        return value, document.value

    def delimiter(self, resource: dict[str, Any], where: tuple[str | int, ...], name: str) -> str | None:
        """The CSV delimiter; None, with a fault, where the file is in a form that the linter does not read."""
        dialect = resource.get("dialect") or {}
        if isinstance(dialect, dict) and isinstance(dialect.get("csv"), dict):
            dialect = dialect["csv"]
        if not isinstance(dialect, dict):
            self.fault("not-checked", *where, "dialect", resource=name, found="a dialect by reference")
            return None
        delimiter = dialect.get("delimiter", "\t" if str(resource.get("path", "")).endswith(".tsv") else ",")
        plain = {
            "quoteChar": ('"',),
            "doubleQuote": (True,),
            "header": (True,),
            "escapeChar": (None,),
            "skipInitialSpace": (False,),
            "commentChar": (None, ""),
            "headerRows": ([1],),
        }
        odd = sorted(key for key, usual in plain.items() if key in dialect and dialect[key] not in usual)
        encoding = str(resource.get("encoding", "utf-8")).lower()
        if odd or not isinstance(delimiter, str) or len(delimiter) != 1 or delimiter in '"\r\n':
            self.fault(
                "not-checked", *where, "dialect", resource=name, found=f"dialect {', '.join(odd) or 'delimiter'}"
            )
        elif encoding not in {"utf-8", "utf8", "ascii", "us-ascii"}:
            self.fault("not-checked", *where, "encoding", resource=name, found=f"encoding {encoding}")
        elif resource.get("compression"):
            self.fault("not-checked", *where, "compression", resource=name, found="a compressed file")
        else:
            return delimiter
        return None

    def fields(
        self, schema: dict[str, Any], schema_path: str, where: tuple[str | int, ...]
    ) -> tuple[Field, ...] | None:
        prefix = () if schema_path else (*where, "schema")
        descriptors = schema.get("fields", [])
        if not isinstance(descriptors, list):
            found = "fields is not a list"
            self.fault("broken-schema", *prefix, "fields", path=schema_path, found=found, advice="write [...]")
            return None
        fields: list[Field] = []
        for index, item in enumerate(descriptors):
            pointer = (*prefix, "fields", index)
            if not isinstance(item, dict) or not isinstance(item.get("name"), str) or not item["name"]:
                found = "a field without a name"
                self.fault("broken-schema", *pointer, path=schema_path, found=found, advice='write "name": "..."')
                return None
            if item["name"] in {known.name for known in fields}:
                found = f"field {item['name']} twice"
                self.fault("broken-schema", *pointer, path=schema_path, found=found, advice="name each field once")
                return None
            kind = item.get("type", "string" if "type" not in item else None)
            if not isinstance(kind, str) or kind not in TYPES:
                found = f"field {item['name']} has the unknown type {kind}"
                advice = "write one of " + ", ".join(sorted(TYPES - {"default"}))
                self.fault("broken-schema", *pointer, "type", path=schema_path, found=found, advice=advice)
                return None
            shaped = self.shaped(item, FIELD, pointer, schema_path)
            if len(shaped) < len(item):
                kind = "any"  # what a cell must be like is not known
            item = shaped
            if "constraints" in item:
                inner = (*pointer, "constraints")
                item["constraints"] = self.shaped(item["constraints"], CONSTRAINTS, inner, schema_path)
            column = _unique_name(item["name"], {"_line", "_first"} | {known.column.casefold() for known in fields})
            fields.append(Field(item["name"], kind, str(item.get("format") or "default"), item, column))
        return tuple(fields)

    def shaped(
        self, value: dict[str, Any], shapes: Mapping[str, Shape], pointer: tuple[str | int, ...], path: str
    ) -> dict[str, Any]:
        """The object without the properties that are not of the shape they must have; each is a fault."""
        shaped = dict(value)
        for key, (fits, wanted) in shapes.items():
            if key in value and not fits(value[key]):
                found = f"{key} is {json.dumps(value[key], ensure_ascii=False)}"
                self.fault("broken-schema", *pointer, key, path=path, found=found, advice=f"write {wanted}")
                del shaped[key]
        return shaped

    def key(
        self, value: Any, names: set[str], schema_path: str, where: tuple[str | int, ...], kind: str
    ) -> tuple[str, ...]:
        """A key's field names; one that names an unknown field is a fault and counts as no key."""
        prefix = () if schema_path else (*where, "schema")
        key = tuple(item for item in _as_list(value) if isinstance(item, str))
        unknown = [item for item in key if item not in names]
        if unknown:
            found = f"{kind} names {', '.join(unknown)}, which is no field"
            self.fault(
                "broken-schema", *prefix, kind, path=schema_path, found=found, advice="name a field of the table"
            )
            return ()
        return key

    def foreign_keys(
        self, schema: dict[str, Any], names: set[str], schema_path: str, where: tuple[str | int, ...], table: str
    ) -> Iterator[ForeignKey]:
        for item in _as_list(schema.get("foreignKeys")):
            reference = item.get("reference") if isinstance(item, dict) else None
            if not isinstance(reference, dict):
                prefix = () if schema_path else (*where, "schema")
                advice = 'write {"fields": ..., "reference": {"resource": ..., "fields": ...}}'
                found = "a foreign key without a reference"
                self.fault("broken-schema", *prefix, "foreignKeys", path=schema_path, found=found, advice=advice)
                continue
            fields = self.key(item.get("fields"), names, schema_path, where, "foreignKeys")
            reference_fields = tuple(str(name) for name in _as_list(reference.get("fields")))
            if not _as_list(item.get("fields")):
                prefix = () if schema_path else (*where, "schema")
                found, advice = "a foreign key without fields", "name the columns that hold the key"
                self.fault("broken-schema", *prefix, "foreignKeys", path=schema_path, found=found, advice=advice)
            if fields:
                yield ForeignKey(fields, str(reference.get("resource") or table), reference_fields)

    def check_references(self, table: Table, known: Mapping[str, Table]) -> None:
        """Note each foreign key whose target does not exist."""
        index = [item.get("name") if isinstance(item, dict) else None for item in self.document.value["resources"]]
        prefix = () if table.schema_path else ("resources", index.index(table.name), "schema")
        declared = set(index)
        for key in table.foreign_keys:
            target = known.get(key.resource)
            if target is None and key.resource in declared:
                continue  # the resource itself is at fault, and that is reported
            if target is None:
                found = f"a foreign key to {key.resource}, which is no resource"
            elif [name for name in key.reference_fields if name not in target.by_name]:
                found = f"a foreign key to {key.resource}({', '.join(key.reference_fields)}), which has no such field"
            elif len(key.fields) != len(key.reference_fields):
                found = f"a foreign key of {len(key.fields)} fields to {len(key.reference_fields)}"
            else:
                continue
            advice = "name fields that exist"
            self.fault("broken-schema", *prefix, "foreignKeys", path=table.schema_path, found=found, advice=advice)


def is_file(path: Path) -> bool:
    """Whether there is a file; False for what cannot be a path."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def is_folder(path: Path) -> bool:
    """Whether there is a folder; False for what cannot be a path."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def resolves_inside(root: Path, value: str) -> bool:
    """Whether a path, links followed, stays inside the folder ``root``."""
    try:
        return (root / value).resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError, ValueError):
        return False


def _is_tabular(resource: dict[str, Any], path: str) -> bool:
    declared = resource.get("profile") == "tabular-data-resource" or resource.get("type") == "table"
    form = str(resource.get("format") or PurePosixPath(path).suffix.lstrip(".")).lower()
    return form in {"csv", "tsv"} or (declared and form in {"", "txt"})


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _unique_name(name: str, taken: set[str]) -> str:
    """The name, or the name with a number behind it where another one differs from it in case alone."""
    candidate, number = name, 2
    while candidate.casefold() in taken:
        candidate, number = f"{name}~{number}", number + 1
    return candidate

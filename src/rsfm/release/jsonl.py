"""jsonl/: one object a line, typed, cells with several values as arrays; beside it the JSON Schema of each table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rsfm.engine import Engine
from rsfm.package import Field, Package, Table
from rsfm.sql import literal, quoted
from rsfm.typed import PARSERS, Value, kind_of, typed_column

NAME = FOLDER = "jsonl"
JSON_TYPES = {"int64": "integer", "float64": "number", "bool": "boolean"}
BOUNDS = {"minimum": "minimum", "maximum": "maximum", "minLength": "minLength", "maxLength": "maxLength"}


def write(package: Package, engine: Engine, folder: Path) -> None:
    """Write jsonl/TABLE.jsonl and jsonl/TABLE.schema.json for each table."""
    (folder / FOLDER).mkdir()
    for table in package.tables:
        path = folder / FOLDER / f"{table.name}.jsonl"
        columns = ", ".join(_column(field) for field in table.fields)
        engine.connection.execute(f"COPY (SELECT {columns} FROM {table.sql}) TO {literal(str(path))} (FORMAT json)")
        text = json.dumps(json_schema(table), ensure_ascii=False, indent=2) + "\n"
        path.with_suffix(".schema.json").write_text(text, encoding="utf-8", newline="\n")


def read(package: Package, folder: Path, table: Table) -> Iterator[tuple[Value, ...]]:
    """The rows of a table, typed."""
    del package
    with (folder / FOLDER / f"{table.name}.jsonl").open(encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            yield tuple(_restored(row[field.name], field) for field in table.fields)


def _column(field: Field) -> str:
    if field.delimiter:
        items = f"string_split({field.sql}, {literal(field.delimiter)})"
        return f"CASE WHEN {field.sql} IS NULL THEN [] ELSE {items} END AS {quoted(field.name)}"
    if kind_of(field).arrow == "datetime":
        return f"strftime(CAST({field.sql} AS TIMESTAMP), '%Y-%m-%dT%H:%M:%S') AS {quoted(field.name)}"
    return typed_column(field)


def _restored(value: Any, field: Field) -> Value:
    if field.delimiter:
        return field.delimiter.join(value) or None
    kind = kind_of(field).arrow
    if value is not None and kind in {"date", "datetime"}:
        return PARSERS[field.type](value)
    restored: Value = float(value) if value is not None and kind == "float64" else value
    return restored


def json_schema(table: Table) -> dict[str, Any]:
    """JSON Schema 2020-12 of a line of the table's file, from its Table Schema."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": table.schema.get("title", table.name),
        **({"description": table.schema["description"]} if "description" in table.schema else {}),
        "type": "object",
        "required": [field.name for field in table.fields],
        "properties": {field.name: _property(field, table) for field in table.fields},
        "additionalProperties": False,
    }


def _property(field: Field, table: Table) -> dict[str, Any]:
    known = field.constraints
    about = {key: field.descriptor[key] for key in ("title", "description") if key in field.descriptor}
    kind = kind_of(field).arrow
    if field.delimiter:
        return about | {"type": "array", "items": {"type": "string", "minLength": 1}}
    shape: dict[str, Any] = {"type": JSON_TYPES.get(kind, "string")}
    shape |= {there: known[here] for here, there in BOUNDS.items() if isinstance(known.get(here), int | float)}
    if kind in {"date", "datetime"}:
        shape["pattern"] = "^-?[0-9]{4,}-[0-9]{2}-[0-9]{2}" + ("$" if kind == "date" else "T")
    elif "pattern" in known and kind == "unicode":
        shape["pattern"] = f"^({known['pattern']})$"
    if "enum" in known and kind == "unicode":
        shape["enum"] = list(known["enum"])
    required = known.get("required") is True or field.name in table.primary_key
    return about | (shape if required else {"anyOf": [shape, {"type": "null"}]})

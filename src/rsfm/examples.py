"""Builds the small package of a rule's example, for its test and its documentation."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rsfm.data import bundled_package
from rsfm.rules import Example


def write_example(example: Example, folder: Path) -> None:
    """Write the example's package into an empty folder."""
    resources = []
    for name, content in example.files.items():
        data = content if isinstance(content, bytes) else content.encode("utf-8")
        _write(folder / "data" / f"{name}.csv", data)
        header = next(csv.reader([data.decode("utf-8-sig", "replace").split("\n", 1)[0].rstrip("\r")]), [])
        schema = _house_schema(name, header) | dict(example.schemas.get(name, {}))
        _write(folder / "schema" / f"{name}.json", _json(schema))
        resources.append({"name": name, "path": f"data/{name}.csv", "schema": f"schema/{name}.json"})
    descriptor: dict[str, Any] = {"name": "example", "resources": resources} | dict(example.descriptor)
    _write(folder / "datapackage.json", _json(descriptor))
    for path, text in example.data.items():
        _write(folder / path, text.encode("utf-8"))


def _house_schema(name: str, header: list[str]) -> dict[str, Any]:
    """Those fields of rsfm's own table that the header names; for another table, text fields."""
    house = bundled_package().by_name.get(name)
    columns = list(dict.fromkeys(column for column in header if column))
    if house is None:
        return {"fields": [{"name": column, "type": "string"} for column in columns]}
    fields: list[Mapping[str, Any]] = [house.by_name[column].descriptor for column in columns]
    key = [column for column in house.primary_key if column in columns]
    return {"fields": fields} | ({"primaryKey": key} if key == list(house.primary_key) else {})


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode("utf-8")


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)

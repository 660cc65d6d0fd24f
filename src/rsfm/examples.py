"""Builds the small package of a rule's example, for its test and its documentation."""

from __future__ import annotations

import csv
import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rsfm.data import bundled_package
from rsfm.rules import Example


def write_example(example: Example, folder: Path) -> None:
    """Write the example's package into an empty folder, with its last release in git where it has one."""
    files = example_files(example)
    if example.released:
        _write(folder, files | {path: text.encode("utf-8") for path, text in example.released.items()})
        for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "release"], ["tag", "v1.0.0"]):
            who = ["-c", "user.name=example", "-c", "user.email=example@example.com"]
            subprocess.run(["git", *who, *command], cwd=folder, check=True, capture_output=True)
    _write(folder, files)


def example_files(example: Example) -> dict[str, bytes]:
    """The files of the example's package by path."""
    files: dict[str, bytes] = {}
    resources = []
    for name, content in example.files.items():
        data = content if isinstance(content, bytes) else content.encode("utf-8")
        files[f"data/{name}.csv"] = data
        header = next(csv.reader([data.decode("utf-8-sig", "replace").split("\n", 1)[0].rstrip("\r")]), [])
        files[f"schema/{name}.json"] = _json(_house_schema(name, header) | dict(example.schemas.get(name, {})))
        resources.append({"name": name, "path": f"data/{name}.csv", "schema": f"schema/{name}.json"})
    descriptor: dict[str, Any] = {"name": "example", "resources": resources} | dict(example.descriptor)
    return files | {"datapackage.json": _json(descriptor)} | {k: v.encode("utf-8") for k, v in example.data.items()}


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


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

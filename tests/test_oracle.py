"""frictionless as oracle: whatever it reports of a generated package, rsfm reports at the same row and field.

The differences that are known, with their reasons, stand in docs/frictionless.md.
"""

from __future__ import annotations

import csv
import json
import tempfile
from pathlib import Path
from typing import Any

import frictionless
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rsfm import linter

RULES = linter.chosen_rules(select=("F", "S"))
CODES = {
    "type-error": {"S001"},
    "constraint-error": {"S002", "S006", "S007", "S008", "S009", "S012"},
    "unique-error": {"S003"},
    "primary-key": {"S002", "S004"},
    "foreign-key": {"S005"},
    "missing-cell": {"F008"},
    "extra-cell": {"F008"},
    "blank-row": {"F009", "F008"},
    "blank-label": {"F010"},
    "duplicate-label": {"F011"},
    "incorrect-label": {"F021"},
    "missing-label": {"F021"},
    "extra-label": {"F021"},
}
ROW_ONLY = {"primary-key", "foreign-key", "missing-cell", "extra-cell", "blank-row"}

VALUES: dict[str, list[str]] = {
    "string": ["a", "b", "ab", "abc", "é", "中文", "a b", "x,y", 'q"q', "-"],
    "integer": ["0", "1", "-1", "+2", "007", "10", "1.0", "1e3", "x", "12345678901234567890", "1 000", "٣"],
    "number": ["0", "1.5", "-2.25", "+3", ".5", "5.", "1e3", "1E-2", "x", "1,5", "NaN", "INF", "-INF", "--1", "1_0"],
    "boolean": ["true", "false", "TRUE", "FALSE", "True", "False", "1", "0", "yes", "T"],
    "date": [
        "2024-02-29",
        "2023-02-29",
        "2024-1-1",
        "2024-01-01",
        "20240101",
        "2024-13-01",
        "x",
        "2024-01-01T00:00:00",
    ],
    "datetime": ["2024-01-02T03:04:05Z", "2024-01-02T03:04:05", "2024-01-02", "x", "2024-01-02T25:00:00"],
    "time": ["03:04:05", "23:59:59", "24:00:00", "3:04", "x", "03:04"],
    "year": ["2024", "0001", "-100", "24", "x", "20240"],
    "yearmonth": ["2024-01", "2024-13", "2024", "x", "2024-1"],
    "any": ["a", "1"],
}
ENUMS: dict[str, list[Any]] = {
    "string": ["a", "ab", "é"],
    "integer": [1, 10, -1],
    "number": [1.5, 1000, 0],
    "boolean": [True],
    "date": ["2024-02-29", "2024-01-01"],
    "year": [2024],
}
BOUNDS: dict[str, tuple[Any, Any]] = {
    "integer": (0, 5),
    "number": (-1, 100),
    "date": ("2024-01-02", "2024-12-31"),
    "year": (2000, 2023),
}


@st.composite
def fields(draw: st.DrawFn, name: str) -> dict[str, Any]:
    kind = draw(st.sampled_from(sorted(VALUES)))
    constraints: dict[str, Any] = {}
    for key in draw(
        st.sets(st.sampled_from(["required", "unique", "enum", "pattern", "length", "bounds"]), max_size=2)
    ):
        if key in {"required", "unique"}:
            constraints[key] = True
        elif key == "enum" and kind in ENUMS:
            constraints["enum"] = draw(st.lists(st.sampled_from(ENUMS[kind]), min_size=1, unique=True))
        elif key == "pattern" and kind == "string":
            constraints["pattern"] = draw(
                st.sampled_from(["[a-z]+", "a.*", "(a|b)", "[^ ]+", r"\w+", "(?!a).*", "[a-c]{1,2}"])
            )
        elif key == "length" and kind == "string":
            constraints[draw(st.sampled_from(["minLength", "maxLength"]))] = draw(st.integers(1, 3))
        elif key == "bounds" and kind in BOUNDS:
            constraints[draw(st.sampled_from(["minimum", "maximum"]))] = draw(st.sampled_from(BOUNDS[kind]))
    return {"name": name, "type": kind, **({"constraints": constraints} if constraints else {})}


def cells(field: dict[str, Any]) -> st.SearchStrategy[str]:
    own = VALUES[field["type"]]
    return st.one_of(st.sampled_from(own), st.sampled_from(own[:4]), st.sampled_from(["", "-", "a"]))


@st.composite
def packages(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, list[list[str]]]]:
    """A descriptor in the spelling of version 1 or 2, and its tables with their headers."""
    first = draw(st.integers(1, 3).flatmap(lambda n: st.tuples(*(fields(f"f{k}") for k in range(n)))))
    second = [{"name": "id", "type": "string"}, draw(fields("value"))]
    schemas: dict[str, dict[str, Any]] = {"one": {"fields": list(first)}, "two": {"fields": second}}
    tables: dict[str, list[list[str]]] = {}
    for name, schema in schemas.items():
        if draw(st.booleans()):
            schema["missingValues"] = draw(st.sampled_from([[""], ["", "-"]]))
        drawn = draw(st.lists(st.tuples(*(cells(field) for field in schema["fields"])), min_size=1, max_size=5))
        header = [field["name"] for field in schema["fields"]]
        tables[name] = [header, *(list(row) for row in drawn)]
    listed = draw(st.booleans())
    if draw(st.booleans()):
        schemas["two"]["primaryKey"] = ["id"] if listed else "id"
        if first[0]["type"] == "string":
            reference = {"resource": "two", "fields": ["id"] if listed else "id"}
            schemas["one"]["foreignKeys"] = [{"fields": ["f0"] if listed else "f0", "reference": reference}]
    rows = tables["one"]
    fault = draw(st.sampled_from(["", "", "", "short", "long", "blank", "label", "duplicate", "extra"]))
    at = draw(st.integers(1, len(rows) - 1))
    if fault == "short" and len(rows[at]) > 1:
        rows[at] = rows[at][:-1]
    elif fault == "long":
        rows[at] = [*rows[at], "more"]
    elif fault == "blank" and len(rows[0]) > 1:
        rows.insert(at, [])
    elif fault == "label":
        rows[0] = ["other", *rows[0][1:]]
    elif fault == "duplicate" and len(rows[0]) > 1:
        rows[0] = [rows[0][1], *rows[0][1:]]
    elif fault == "extra":
        rows[:] = [[*row, "x"] for row in rows]
    two = draw(st.booleans())
    resources = [
        {"name": name, "path": f"{name}.csv", "schema": schema}
        | ({"type": "table"} if two else {"profile": "tabular-data-resource"})
        for name, schema in schemas.items()
    ]
    return {"name": "generated", "resources": resources}, tables


LENIENT = {("date", "2024-1-1"), ("yearmonth", "2024-1"), ("integer", "٣"), ("number", "1_0")}
"""Cells that frictionless reads and the standard does not have: Python's parsers are wider than it."""


def texts_of(rows: list[list[str]], schema: dict[str, Any], name: str | None) -> dict[int, str]:
    """The cells of a column by line; nothing for a column that the schema has not."""
    names = [field["name"] for field in schema["fields"]]
    if name not in names:
        return {}
    number = names.index(name)
    return {line: row[number] for line, row in enumerate(rows[1:], start=2) if len(row) > number}


def is_lenient(rows: list[list[str]], schema: dict[str, Any], name: str | None) -> set[int]:
    """The lines on which a column holds a cell that frictionless alone reads."""
    kinds = {field["name"]: field["type"] for field in schema["fields"]}
    return {line for line, text in texts_of(rows, schema, name).items() if (kinds[str(name)], text) in LENIENT}


def known_difference(error: Any, rows: list[list[str]], schema: dict[str, Any]) -> bool:
    """Whether docs/frictionless.md gives a reason for not reporting this."""
    line = getattr(error, "row_number", 0) or 0
    cells = rows[line - 1] if 0 < line <= len(rows) else []
    missing = {"", *schema.get("missingValues", [""])}
    if all(cell in missing for cell in cells) and error.type in {"blank-row", "primary-key"}:
        return True  # a row of missing values
    lenient = is_lenient(rows, schema, getattr(error, "field_name", None))
    return error.type in {"constraint-error", "unique-error"} and bool(lenient)


def both(
    descriptor: dict[str, Any], tables: dict[str, list[list[str]]]
) -> tuple[frictionless.Report, set[tuple[str, str, int, str | None]]]:
    """What frictionless and what rsfm report of the package."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
        for table, rows in tables.items():
            with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows(rows)
        report = frictionless.validate(str(folder / "datapackage.json"))
        problems = linter.lint(folder, RULES)
    return report, {(item.path, item.code, item.line, item.field) for item in problems}


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(packages())
def test_what_frictionless_reports_is_reported(generated: tuple[dict[str, Any], dict[str, list[list[str]]]]) -> None:
    descriptor, tables = generated
    report, ours = both(descriptor, tables)
    schemas = {resource["name"]: resource["schema"] for resource in descriptor["resources"]}
    withheld = {path for path, code, _, _ in ours if code in {"F010", "F011", "F021"}}
    for task in report.tasks:
        path = f"{task.name}.csv"
        for error in task.errors:
            assert error.type in CODES, f"{error.type}: {error.message}"
            line = getattr(error, "row_number", None) or 1
            label = getattr(error, "field_name", None) if error.type not in ROW_ONLY else None
            codes = CODES[error.type]
            if known_difference(error, tables[task.name], schemas[task.name]):
                continue
            if path in withheld and not error.type.endswith("label"):
                continue  # rows under a wrong header are not checked before the header is mended
            if error.type.endswith("label"):
                found = any(p == path and code in {"F010", "F011", "F021"} for p, code, _, _ in ours)
            else:
                found = any(
                    p == path and code in codes and at == line and (label is None or field == label)
                    for p, code, at, field in ours
                )
            assert found, f"{error.type} {path}:{line}:{label}: {error.message}; ours: {sorted(map(str, ours))}"


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(packages())
def test_what_frictionless_passes_is_passed(generated: tuple[dict[str, Any], dict[str, list[list[str]]]]) -> None:
    """Where it finds a package valid, no rule of its kind (types, constraints, keys, ragged rows) speaks up."""
    descriptor, tables = generated
    report, ours = both(descriptor, tables)
    if not report.valid:
        return
    kinds = set().union(*CODES.values())
    schemas = {f"{resource['name']}.csv": resource["schema"] for resource in descriptor["resources"]}
    unexplained = {
        (path, code, line, field)
        for path, code, line, field in ours
        if code in kinds
        and not (code == "S001" and line in is_lenient(tables[path.removesuffix(".csv")], schemas[path], field))
    }
    assert unexplained == set()


def test_every_known_difference_is_documented() -> None:
    page = (Path(__file__).resolve().parents[1] / "docs/frictionless.md").read_text(encoding="utf-8")
    for _, cell in LENIENT:
        assert f"`{cell}`" in page

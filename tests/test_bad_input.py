"""Bad input of every kind: a message that says where and what, the right exit code, and every file as it was."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Mapping
from itertools import zip_longest
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner, Result

from rsfm.cli import main
from rsfm.release import MismatchError, csvs, descriptor, jsonl, metadata, parquet, sqlite, sums, xlsx
from rsfm.rules import Rule, all_rules

CSV = "id,name\na,Alpha\n"
RAGGED = "id,name\na,Alpha\nb\n"
DATA = "data/things.csv"
SCHEMA = "schema/things.json"
WAIVERS = "schema/exceptions.csv"
BRACES = "{x}"
NESTED = "[" * 100_000
LONG_NUMBER = "9" * 5_000
HUGE = 1_000_000


def package(
    folder: Path,
    csv: str | bytes | None = CSV,
    *,
    field: Mapping[str, Any] | None = None,
    schema: Mapping[str, Any] | None = None,
    resource: Mapping[str, Any] | None = None,
    top: Mapping[str, Any] | None = None,
    others: Mapping[str, str] | None = None,
    files: Mapping[str, str | bytes] | None = None,
    links: Mapping[str, str] | None = None,
) -> Path:
    """A package of one table, things(id, name), in folder/package; each argument changes or adds one part.

    What ``field``, ``schema`` and ``resource`` add stands from line 8, 10 and 9 of its file on.
    """
    root = folder / "package"
    table = {"name": "things", "path": DATA, "schema": SCHEMA} | dict(resource or {})
    fields = [{"name": "id"}, {"name": "name"} | dict(field or {})]
    content: dict[str, str | bytes] = {SCHEMA: json.dumps({"fields": fields} | dict(schema or {}), indent=2)}
    if csv is not None:
        content[DATA] = csv
    resources = [table]
    for name, text in (others or {}).items():
        path = f"data/other-{name}.csv"
        columns = text.split("\n", 1)[0].split(",")
        resources.append({"name": name, "path": path, "schema": {"fields": [{"name": column} for column in columns]}})
        content[path] = text
    whole = {"name": "package", "version": "1.0.0", "resources": resources} | dict(top or {})
    content["datapackage.json"] = json.dumps(whole, indent=2)
    for path, data in (content | dict(files or {})).items():
        write(root / path, data)
    for path, target in (links or {}).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).symlink_to(target)
    return root


def write(path: Path, data: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())


def snapshot(folder: Path) -> dict[str, bytes | None]:
    """Everything below the folder: a file's bytes, a link's target, None for a folder."""
    found: dict[str, bytes | None] = {}
    for path in folder.rglob("*"):
        data = os.fsencode(path.readlink()) if path.is_symlink() else path.read_bytes() if path.is_file() else None
        found[str(path.relative_to(folder))] = data
    return found


def run(*arguments: str | Path) -> Result:
    """Run the command; what a user would see as a traceback is raised here."""
    return CliRunner().invoke(main, [str(item) for item in arguments], catch_exceptions=False)


def assert_lines(output: str, *starts: str) -> None:
    """There are as many lines as starts, and each line starts so."""
    pairs = list(zip_longest(output.splitlines(), starts, fillvalue=""))
    assert [line[: len(start)] for line, start in pairs] == [start for _, start in pairs], output


def assert_problems(result: Result, *starts: str) -> None:
    """These problems are printed, then their count."""
    plural = "" if len(starts) == 1 else "s"
    assert_lines(result.output, *starts, f"{len(starts)} problem{plural}")
    assert result.exit_code == 1


def case(name: str, *starts: str, **built: Any) -> pytest.ParameterSet:
    """Arguments of package(), and how each problem found there starts."""
    return pytest.param(built, starts, id=name)


# No package: exit code 2, whatever the command


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param('{\n  "resources": [\n}\n', "3: not JSON: Expecting value", id="broken"),
        pytest.param("", "1: not JSON: Expecting value", id="empty-file"),
        pytest.param(b'{\n  "name": "caf\xe9"\n}\n', "2: not JSON: not UTF-8: write the file in UTF-8", id="not-utf-8"),
        pytest.param("\ufeff{}", "1: not JSON: Unexpected UTF-8 BOM", id="byte-order-mark"),
        pytest.param("[]\n", "1: the descriptor is not an object; write {...}", id="list"),
        pytest.param('{\n  "name": "x"\n}\n', "1: no resources; write a list", id="no-resources"),
        pytest.param('{\n  "resources": []\n}\n', "2: no resources; write a list", id="empty-resources"),
        pytest.param('{\n  "resources": {}\n}\n', "2: no resources; write a list", id="resources-no-list"),
        pytest.param(NESTED, "1: not JSON: nested too deeply", id="nested"),
        pytest.param(
            f'{{\n  "a": {LONG_NUMBER}\n}}\n',
            "2: not JSON: ",
            id="long-number",
        ),
        pytest.param(
            '{\n  "a": NaN,\n  "resources": [{"name": "x", "data": []}]\n}\n',
            "2: not JSON: ",
            id="nan",
        ),
    ],
)
def test_a_descriptor_that_cannot_be_read(content: str | bytes, message: str, tmp_path: Path) -> None:
    root = package(tmp_path, files={"datapackage.json": content})
    before = snapshot(tmp_path)
    for command in (["lint"], ["lint", "--fix"], ["release", "--out", tmp_path / "out"]):
        result = run(*command, root)
        assert_lines(result.output, f"rsfm: {root / 'datapackage.json'}:{message}")
        assert result.exit_code == 2
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize("command", [["lint"], ["lint", "--fix"], ["release"]], ids=" ".join)
def test_no_package_there(command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for path, named in ((".", "datapackage.json"), ("gone", "gone")):
        result = run(*command, path)
        assert result.output == f"rsfm: {named}: no such file; name a folder that holds a datapackage.json\n"
        assert result.exit_code == 2
    assert snapshot(tmp_path) == {}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param("rule,key\n", "1: the header is rule,key; write rule,table,key,reason", id="header"),
        pytest.param("", "1: empty-file; write rule,table,key,reason", id="empty"),
        pytest.param("rule,table,key,reason\nF014,things\n", "2: ragged-row; write ", id="ragged"),
        pytest.param('rule,table,key,reason\n"F014\n', "2: unbalanced-quote; write ", id="quote"),
        pytest.param(
            b"rule,table,key,reason\nF014,things,a,caf\xe9\n",
            "2: ",
            id="not-utf-8",
        ),
    ],
)
def test_waivers_that_cannot_be_read(content: str | bytes, message: str, tmp_path: Path) -> None:
    root = package(tmp_path, files={WAIVERS: content})
    before = snapshot(tmp_path)
    for command in (["lint"], ["lint", "--fix"], ["release", "--out", tmp_path / "out"]):
        result = run(*command, root)
        assert_lines(result.output, f"rsfm: {root / WAIVERS}:{message}")
        assert result.exit_code == 2
    assert snapshot(tmp_path) == before


# A package with faults that nothing can mend: exit code 1


def resource_path(name: str, start: str, path: Any) -> pytest.ParameterSet:
    """A resource whose path names no file of the package; some are links or folders."""
    links = {"out.csv": "../outside.csv", "loop.csv": "loop.csv"}
    files = {"../outside.csv": CSV, "folder.csv/readme": "", "folder/readme": ""}
    start = "datapackage.json:7: " + start
    return case(f"path-{name}", start, csv=None, resource={"path": path}, links=links, files=files)


PATHS = [
    resource_path("absolute", "K002 resource things: path /things.csv is absolute; ", "/things.csv"),
    resource_path("parent", "K002 resource things: path ../x.csv leads out of the package; ", "../x.csv"),
    resource_path("link-out", "K002 resource things: path out.csv is a link out of the package; ", "out.csv"),
    resource_path("url", "K002 resource things: path https://e.org/x.csv is a URL; ", "https://e.org/x.csv"),
    resource_path("windows", r"K002 resource things: path C:\data\x.csv is absolute; ", r"C:\data\x.csv"),
    resource_path("folder", "K003 folder.csv: is a folder; ", "folder.csv"),
    resource_path("missing", "K003 data/no.csv: No such file or directory; ", "data/no.csv"),
    case("path-no-text", "datapackage.json:5: K004 resource things without a path; ", csv=None, resource={"path": 5}),
    resource_path(
        "backslash",
        r"K002 resource things: path data\x.csv holds a backslash; ",
        r"data\x.csv",
    ),
    resource_path("folder-of-no-format", "K003 folder: is a folder; ", "folder"),
    resource_path("missing-of-no-format", "K003 data/no.txt: No such file ", "data/no.txt"),
    resource_path(
        "too-long",
        "K003 xxx",
        "x" * 5_000 + ".csv",
    ),
    resource_path(
        "link-loop",
        "K002 resource things: path loop.csv is a link ",
        "loop.csv",
    ),
]


def foreign_keys(name: str, start: str, value: Any) -> pytest.ParameterSet:
    """Foreign keys that cannot be followed."""
    return case(f"foreign-keys-{name}", f"{SCHEMA}:10: K006 {start}", schema={"foreignKeys": value})


SCHEMAS = [
    case(
        "schema-outside",
        "datapackage.json:8: K002 resource things: path ../s.json leads",
        resource={"schema": "../s.json"},
    ),
    case(
        "schema-missing", "datapackage.json:8: K003 schema/no.json: No such file", resource={"schema": "schema/no.json"}
    ),
    case("schema-folder", "datapackage.json:8: K003 schema: Is a directory; ", resource={"schema": "schema"}),
    case(
        "schema-list-in-place",
        "datapackage.json:8: K006 a schema that is neither a path nor an object; write ",
        resource={"schema": ["id"]},
    ),
    case("schema-broken", f"{SCHEMA}:3: K006 not JSON: Expecting value; ", files={SCHEMA: '{\n  "fields": [\n}\n'}),
    case(
        "schema-not-utf-8", f"{SCHEMA}:2: K006 not JSON: not UTF-8: ", files={SCHEMA: b'{\n  "title": "caf\xe9"\n}\n'}
    ),
    case("schema-nested", f"{SCHEMA}:1: K006 not JSON: nested too deeply; ", files={SCHEMA: NESTED}),
    case(
        "schema-long-number",
        f"{SCHEMA}:2: K006 not JSON: ",
        files={SCHEMA: f'{{\n  "a": {LONG_NUMBER}\n}}\n'},
    ),
    case("schema-list", f"{SCHEMA}:1: K006 a schema that is not an object; ", files={SCHEMA: "[]"}),
    case("fields-no-list", f"{SCHEMA}:2: K006 fields is not a list; ", schema={"fields": {"name": "id"}}),
    case("field-no-object", f"{SCHEMA}:3: K006 a field without a name; ", schema={"fields": ["id", "name"]}),
    case("type-unknown", f"{SCHEMA}:8: K006 field name has the unknown type text; ", field={"type": "text"}),
    case(
        "type-list",
        f"{SCHEMA}:8: K006 field name has the unknown type ",
        field={"type": ["string"]},
    ),
    case(
        "true-values-no-list",
        f"{SCHEMA}:9: ",
        field={"type": "boolean", "trueValues": 5},
    ),
    case("constraints-no-object", f"{SCHEMA}:8: ", field={"constraints": ["required"]}),
    case("enum-no-list", f"{SCHEMA}:9: ", field={"constraints": {"enum": "Alpha"}}),
    case("pattern-no-regex", f"{SCHEMA}:9: ", field={"constraints": {"pattern": "(["}}),
    case("pattern-no-text", f"{SCHEMA}:9: ", field={"constraints": {"pattern": 5}}),
    case("length-no-number", f"{SCHEMA}:9: ", field={"constraints": {"maxLength": "2"}}),
    case("required-no-boolean", f"{SCHEMA}:9: ", field={"constraints": {"required": "yes"}}),
    case(
        "json-schema-of-unknown-type",
        f"{SCHEMA}:10: ",
        csv="id,name\na,{}\n",
        field={"type": "object", "constraints": {"jsonSchema": {"type": "thing"}}},
    ),
    case("missing-values-number", f"{SCHEMA}:10: ", schema={"missingValues": 5}),
    case("missing-values-text", f"{SCHEMA}:10: ", schema={"missingValues": "NA"}),
    case("missing-values-object", f"{SCHEMA}:10: ", schema={"missingValues": {"NA": 1}}),
    case("key-unknown", f"{SCHEMA}:10: K006 primaryKey names no, which is no field; ", schema={"primaryKey": "no"}),
    case("key-no-name", f"{SCHEMA}:10: K006 ", schema={"primaryKey": 5}),
    foreign_keys("text", 'foreignKeys is "name"; ', "name"),
    foreign_keys("without-reference", "a foreign key without a reference; ", [{"fields": "name"}]),
    foreign_keys("without-fields", "", [{"reference": {"resource": "things", "fields": "id"}}]),
    foreign_keys(
        "to-no-table",
        "a foreign key to gone, which is no resource; ",
        [{"fields": "name", "reference": {"resource": "gone", "fields": "id"}}],
    ),
    foreign_keys(
        "to-a-list",
        "a foreign key to ['things'], which is no resource; ",
        [{"fields": "name", "reference": {"resource": ["things"], "fields": "id"}}],
    ),
    foreign_keys(
        "to-no-field",
        "a foreign key of 1 fields to 0; ",
        [{"fields": "name", "reference": {"resource": "things"}}],
    ),
    case("profile-broken", "schema/profile.json:2: K001 is no JSON Schema: ", files={"schema/profile.json": "{\n"}),
    case(
        "profile-list",
        "schema/profile.json:1: K001 is no JSON Schema: ",
        files={"schema/profile.json": "[]"},
    ),
    case(
        "profile-that-refers-to-nothing",
        "schema/profile.json:1: K001 ",
        files={"schema/profile.json": '{"$ref": "#/gone"}'},
    ),
    case(
        "profile-that-refers-to-itself",
        "schema/profile.json:1: K001 ",
        files={"schema/profile.json": '{"$ref": "#"}'},
    ),
]

FILES = [
    case("not-utf-8", f"{DATA}:3: F001 not UTF-8; save the file in UTF-8", csv=b"id,name\na,Alpha\nb,caf\xe9\n"),
    case(
        "not-utf-8-behind-a-byte-order-mark",
        f"{DATA}:1: F003 starts with a byte order mark; ",
        f"{DATA}:3: F001 not UTF-8; save the file in UTF-8",
        csv=b"\xef\xbb\xbfid,name\na,Alpha\nb,caf\xe9\n",
    ),
    case("empty", f"{DATA}:1: F002 the file is empty; write at least the header", csv=""),
    case("nul", f"{DATA}:3: F006 holds a NUL byte; delete it", csv="id,name\na,Alpha\nb,Be\0ta\n"),
    case("too-few-cells", f"{DATA}:3: F008 the row has 1 cells, the header 2; ", csv=RAGGED),
    case("too-many-cells", f"{DATA}:2: F008 the row has 3 cells, the header 2; ", csv="id,name\na,Al,pha\n"),
    case(
        "ragged-with-carriage-returns",
        f"{DATA}:1: F004 the line ends in a carriage return; ",
        f"{DATA}:3: F008 the row has 1 cells, the header 2; ",
        csv=RAGGED.replace("\n", "\r\n"),
    ),
    case(
        "quote-open-to-the-end",
        f'{DATA}:3: F007 a quote does not close: "Beta; ',
        csv='id,name\na,Alpha\nb,"Beta\nc,Gamma\nd\n',
    ),
    case(
        "quote-that-swallows-rows",
        f'{DATA}:3: F007 a quote does not close: b,"Beta; ',
        f"{DATA}:6: F008 the row has 1 cells, the header 2; ",
        csv='id,name\na,Alpha\nb,"Beta\nc,Gamma\nd,"\ne\n',
    ),
    case("text-behind-a-quote", f'{DATA}:2: F007 a quote does not close: "Al"pha; ', csv='id,name\na,"Al"pha\n'),
    case(
        "header-name-twice",
        f"{DATA}:1:id: F011 column id stands twice; ",
        f"{DATA}:1:name: F021 the schema's column name is missing; ",
        csv="id,id\na,Alpha\n",
    ),
    case("header-name-empty", f"{DATA}:1: F010 column 2 has no name; ", csv="id,\na,Alpha\n"),
    case("only-a-line-end", f"{DATA}:1: F010 column 1 has no name; ", csv="\n"),
    case(
        "behind-a-line-break-in-a-cell",
        f"{DATA}:2:name: F016 a line break in 'Al\\n\\npha'; ",
        f"{DATA}:5: F008 the row has 1 cells, the header 2; ",
        csv='id,name\na,"Al\n\npha"\nb\n',
    ),
    case(
        "behind-a-line-break-in-the-first-cell",
        f"{DATA}:2:id: F016 a line break in 'a\\nb'; ",
        f"{DATA}:4: F008 the row has 1 cells, the header 2; ",
        csv='id,name\n"a\nb",Alpha\nc\n',
    ),
]


@pytest.mark.parametrize(("built", "starts"), [*PATHS, *SCHEMAS, *FILES])
def test_a_fault_that_cannot_be_mended(built: dict[str, Any], starts: list[str], tmp_path: Path) -> None:
    root = package(tmp_path, **built)
    before = snapshot(tmp_path)
    assert_problems(run("lint", root), *starts)
    assert_problems(run("lint", "--fix", root), *starts)
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize("cell", ["x" * HUGE, '"' + "x," * (HUGE // 2) + '"'], ids=["plain", "quoted"])
def test_a_huge_cell_is_reported_at_once(cell: str, tmp_path: Path) -> None:
    root = package(tmp_path, f"id,name\na,Alpha\nb,{cell}\n")
    before = snapshot(tmp_path)
    start = time.monotonic()
    assert_problems(run("lint", "--fix", root), f"{DATA}:3:name: F013 the cell has {HUGE} characters; ")
    assert time.monotonic() - start < 5
    assert snapshot(tmp_path) == before


# What can be mended


@pytest.mark.parametrize(
    ("data", "start"),
    [
        pytest.param(b"\xef\xbb\xbfid,name\na,Alpha\n", "1: F003 starts with a byte order mark", id="byte-order-mark"),
        pytest.param(b"id,name\r\na,Alpha\r\n", "1: F004 the line ends in a carriage return", id="carriage-returns"),
        pytest.param(b"id,name\na,Alpha\r\n", "2: F004 the line ends in a carriage return", id="mixed-line-ends"),
        pytest.param(b"id,name\ra,Alpha\r", "1: F004 the line ends in a carriage return", id="carriage-returns-alone"),
        pytest.param(b"id,name\na,Alpha", "2: F005 the last line does not end", id="no-last-line-end"),
    ],
)
def test_only_fix_changes_a_file(data: bytes, start: str, tmp_path: Path) -> None:
    root = package(tmp_path, data)
    before = snapshot(tmp_path)
    assert_problems(run("lint", root), f"{DATA}:{start}; ")
    assert snapshot(tmp_path) == before
    result = run("lint", "--fix", root)
    assert_lines(result.output, "no problems; ", "1 mended")
    assert result.exit_code == 0
    assert snapshot(tmp_path) == before | {f"package/{DATA}": CSV.encode()}


def test_a_byte_order_mark_alone_is_an_empty_file(tmp_path: Path) -> None:
    root = package(tmp_path, b"\xef\xbb\xbf")
    empty = f"{DATA}:1: F002 the file is empty; "
    assert_problems(run("lint", root), empty, f"{DATA}:1: F003 starts with a byte order mark; ")
    assert empty in run("lint", "--fix", root).output


def test_only_what_was_mended_is_counted(tmp_path: Path) -> None:
    root = package(tmp_path, RAGGED.replace("\n", "\r\n"), others={"others": "id\n a\n"})
    assert run("lint", "--fix", root).output.endswith("\n1 mended\n")


@pytest.mark.parametrize(
    ("place", "attribute"),
    [pytest.param(tempfile, "mkstemp", id="read-only-folder"), pytest.param(Path, "chmod", id="read-only-file")],
)
def test_nothing_is_replaced_before_all_is_written(
    place: Any, attribute: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = package(tmp_path, "id,name\na, x \n", others={"others": "id\n a\n"})
    before = snapshot(tmp_path)
    fail_at_second(monkeypatch, place, attribute, errno.EROFS)
    result = run("lint", "--fix", root)
    assert_lines(result.output, f"rsfm: {root / 'data'}")
    assert result.output.endswith(": Read-only file system\n")
    assert result.exit_code == 2
    assert snapshot(tmp_path) == before


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = package(tmp_path, "id,name\na, x \n", others={"others": "id\n a\n"})
    before = snapshot(tmp_path)
    fail_at_second(monkeypatch, Path, "replace", errno.EROFS)
    result = run("lint", "--fix", root)
    assert "things.csv" in result.output
    assert result.output.endswith(": Read-only file system\n")
    assert result.exit_code == 2
    assert snapshot(tmp_path) == before


def fail_at_second(monkeypatch: pytest.MonkeyPatch, place: Any, attribute: str, number: int) -> None:
    """Let the second call of a function fail as the system would let it."""
    real, calls = getattr(place, attribute), []

    def failing(*arguments: Any, **options: Any) -> Any:
        calls.append(arguments)
        if len(calls) == 2:
            raise OSError(number, os.strerror(number), str(arguments[0] if arguments else options["dir"]))
        return real(*arguments, **options)

    monkeypatch.setattr(place, attribute, failing)


# Odd names and values are no fault, and no fault hides behind them


def test_a_header_without_rows_is_clean(tmp_path: Path) -> None:
    root = package(tmp_path, "id,name\n")
    before = snapshot(tmp_path)
    result = run("lint", "--fix", root)
    assert_lines(result.output, "no problems; ")
    assert result.exit_code == 0
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize(
    "columns",
    [["a", "A"], ["_line", "a"], ["a", "_LINE"], ['"a', "a'b"], [f"c{number}" for number in range(300)]],
    ids=["case", "line-number", "line-number-in-capitals", "quotes", "many"],
)
def test_odd_columns(columns: list[str], tmp_path: Path) -> None:
    header = ",".join('"' + name.replace('"', '""') + '"' if '"' in name else name for name in columns)
    row = ",".join("x" for _ in columns)
    fields = [{"name": name} for name in columns[:-1]] + [{"name": columns[-1], "constraints": {"unique": True}}]
    root = package(tmp_path, f"{header}\n{row}\n{row} \n", schema={"fields": fields})
    assert f"{DATA}:3:{columns[-1]}: F014 space at an end of 'x '; " in run("lint", root).output
    result = run("lint", "--fix", root)
    assert f"{DATA}:3:{columns[-1]}: S003 'x' stands on line 2 already; " in result.output
    assert result.exit_code == 1
    assert (root / DATA).read_text(encoding="utf-8") == f"{header}\n{row}\n{row}\n"


@pytest.mark.parametrize(
    "name",
    [
        "line",
        "value",
        "note",
        "fix",
        "length",
        pytest.param("first"),
    ],
)
def test_columns_named_as_those_of_the_queries(name: str, tmp_path: Path) -> None:
    field = {"name": name, "constraints": {"unique": True, "maxLength": 2}}
    root = package(tmp_path, f"id,{name}\na,xyz\nb,xyz\n", schema={"fields": [{"name": "id"}, field]})
    assert_problems(
        run("lint", root),
        f"{DATA}:2:{name}: S008 'xyz' has 3 characters; ",
        f"{DATA}:3:{name}: S003 'xyz' stands on line 2 already; ",
        f"{DATA}:3:{name}: S008 'xyz' has 3 characters; ",
    )


def test_tables_whose_names_differ_in_case(tmp_path: Path) -> None:
    root = package(tmp_path, "id,name\na, x\n", others={"Things": "id\n b\n"})
    assert_problems(
        run("lint", root),
        "data/other-Things.csv:2:id: F014 space at an end of ' b'; ",
        f"{DATA}:2:name: F014 space at an end of ' x'; ",
    )


@pytest.mark.parametrize("cell", ["{}", "{0}", "{value.__class__}", "%s", "%(x)s", "\\", "\\n", "it's", 'a"b'])
def test_a_message_shows_the_cell_as_it_is(cell: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    written = '"a""b"' if cell == 'a"b' else cell
    root = package(tmp_path, f"id,name\na,{written}\n", field={"constraints": {"enum": ["{1}"]}})
    message = f"'{cell}' is not allowed; write one of {{1}}"
    assert_problems(run("lint", root), f"{DATA}:2:name: S006 {message}")
    (problem,) = json.loads(run("lint", root, "--format", "json").output)["problems"]
    assert problem["message"] == message
    (found,) = json.loads(run("lint", root, "--format", "sarif").output)["runs"][0]["results"]
    assert found["message"]["text"] == f"name: {message}"
    assert run("lint", root, "--format", "github").output.endswith(f"::name: {message.replace('%', '%25')}\n")


@pytest.mark.parametrize(
    ("built", "starts"),
    [
        case(
            "repeated-key",
            f"{DATA}:3:{BRACES}: S004 'a' stands on line 2 already; a key ({BRACES}) names one row",
            csv=f"{BRACES},name\na,Alpha\na,Beta\n",
            schema={"fields": [{"name": BRACES}, {"name": "name"}], "primaryKey": BRACES},
        ),
        case(
            "not-sorted",
            f"{DATA}:3:{BRACES}: F022 a stands behind a larger key; sort the rows by {BRACES}",
            csv=f"{BRACES},name\nb,Beta\na,Alpha\n",
            schema={"fields": [{"name": BRACES}, {"name": "name"}], "primaryKey": BRACES},
        ),
        case(
            "out-of-bounds",
            f"{DATA}:2:name: S009 2020-01 is out of bounds; the column takes at least {BRACES}",
            csv="id,name\na,2020-01\n",
            field={"type": "yearmonth", "constraints": {"minimum": BRACES}},
        ),
        case(
            "unknown-term",
            f"{DATA}:2:name: S010 'Alpha' is no term of vocabulary {BRACES}; ",
            field={"vocabulary": BRACES},
            others={"vocabulary": "vocabulary,term\nx,y\n"},
        ),
        case(
            "unknown-row",
            f"data/other-redirects.csv:2:id: I004 a is still a row of {BRACES}; ",
            f"data/other-redirects.csv:2:new_id: K012 {BRACES} has no row b; ",
            resource={"name": BRACES},
            schema={"primaryKey": "id"},
            others={"redirects": f"table,id,new_id\n{BRACES},a,b\n"},
        ),
    ],
)
def test_a_message_shows_a_name_as_it_is(built: dict[str, Any], starts: list[str], tmp_path: Path) -> None:
    assert_problems(run("lint", package(tmp_path, **built)), *starts)


@pytest.mark.parametrize(
    ("built", "starts"),
    [
        case("cell", f"{DATA}:2:name: F017 an invisible character in 'Al\\x08pha'; ", csv="id,name\na,Al\bpha\n"),
        case(
            "row",
            f'{DATA}:2: F012 quoted otherwise than needed: a,"Al\\x08pha"; ',
            f"{DATA}:2:name: F017 an invisible character in 'Al\\x08pha'; ",
            csv='id,name\na,"Al\bpha"\n',
        ),
        resource_path("path", "K003 data/\\x08.csv: No such file ", "data/\b.csv"),
        resource_path("path-of-two-lines", "K003 data/a\\nb.csv: No such file ", "data/a\nb.csv"),
        case(
            "column",
            f"{DATA}:1:na\\x08me: F021 the schema has no column na\\x08me; ",
            f"{DATA}:1:name: F021 the schema's column name is missing; ",
            csv="id,na\bme\na,Alpha\n",
        ),
    ],
)
def test_a_message_has_no_control_character(built: dict[str, Any], starts: list[str], tmp_path: Path) -> None:
    assert_problems(run("lint", package(tmp_path, **built)), *starts)


@pytest.mark.parametrize(
    "resource",
    [
        pytest.param({"name": "\ud800"}, id="name"),
        pytest.param({"path": "data/\ud800.csv"}, id="path"),
    ],
)
def test_half_a_surrogate_pair_in_json(resource: dict[str, str], tmp_path: Path) -> None:
    result = run("lint", package(tmp_path, resource=resource))
    assert "datapackage.json:" in result.output
    assert result.exit_code in (1, 2)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such file names")
def test_a_file_name_that_is_not_utf_8(tmp_path: Path) -> None:
    root = package(tmp_path, files={os.fsdecode(b"data/caf\xe9.csv"): CSV})
    assert_problems(run("lint", root), "data/caf")


@pytest.mark.parametrize(
    ("built", "starts"),
    [
        case(
            "moment-with-and-without-zone",
            f"{DATA}:2:name: S009 2020-01-01T00:00:00 is out of bounds; ",
            csv="id,name\na,2020-01-01T00:00:00\n",
            field={"type": "datetime", "format": "any", "constraints": {"minimum": "2021-01-01T00:00:00Z"}},
        ),
        case(
            "not-a-number",
            f"{DATA}:3:name: S009 0 is out of bounds; ",
            csv="id,name\na,NaN\nb,0\n",
            field={"type": "number", "format": "any", "constraints": {"minimum": 1}},
        ),
    ],
)
def test_values_that_cannot_be_compared(built: dict[str, Any], starts: list[str], tmp_path: Path) -> None:
    assert_problems(run("lint", package(tmp_path, **built)), *starts)


def test_large_integers_are_sorted_by_value(tmp_path: Path) -> None:
    fields = [{"name": "id", "type": "integer"}, {"name": "name"}]
    root = package(tmp_path, f"id,name\n5,x\n{10**20},y\n", schema={"fields": fields, "primaryKey": "id"})
    assert run("lint", root).exit_code == 0


@pytest.mark.parametrize(
    "rule",
    [pytest.param(rule, id=rule.code) for rule in all_rules() if rule.needs],
)
def test_a_rule_runs_where_it_has_the_columns_that_it_needs(rule: Rule, tmp_path: Path) -> None:
    columns: dict[str, list[str]] = {}
    for need in rule.needs:
        table, _, column = need.partition(".")
        columns.setdefault(table, []).append(column)
    others = {}
    for table, names in columns.items():
        rows = [",".join([cell] * len(names)) for cell in ("{0}", "%s", "(", "http://[", "2999-99-99", "it's", "a|b")]
        others[table] = "\n".join([",".join(names), *rows, ""])
    assert run("lint", package(tmp_path, others=others), "--select", rule.code).exit_code in (0, 1)


def test_a_rule_reads_its_own_column(tmp_path: Path) -> None:
    root = package(tmp_path, others={"papers": "Title,title\nA:a,B:b\n"})
    run("lint", "--fix", root)
    assert (root / "data/other-papers.csv").read_text(encoding="utf-8") == "Title,title\nA:a,B:b\n"


def test_a_rule_reads_its_own_table(tmp_path: Path) -> None:
    root = package(tmp_path, others={"Links": "x\ny\n", "links": "link_id,url\na,https://e.org\nb,https://e.org\n"})
    result = run("lint", root)
    assert_lines(result.output, "no problems; ")  # links cannot be told from Links in SQL, so its rules stay away


# The package reaches out of itself


@pytest.mark.parametrize(
    ("link", "outside"),
    [
        pytest.param(WAIVERS, "secret\n", id="waivers"),
        pytest.param("schema/profile.json", '{"required": ["secret"]}', id="profile"),
    ],
)
def test_a_link_out_of_the_package_is_not_followed(link: str, outside: str, tmp_path: Path) -> None:
    root = package(tmp_path, files={"../outside": outside}, links={link: "../../outside"})
    assert "secret" not in run("lint", root).output


REMOTE = {"$ref": "https://example.com/schema.json"}


@pytest.mark.parametrize(
    "built",
    [
        pytest.param({"files": {"schema/profile.json": json.dumps(REMOTE)}}, id="profile"),
        pytest.param(
            {"csv": "id,name\na,{}\n", "field": {"type": "object", "constraints": {"jsonSchema": REMOTE}}}, id="column"
        ),
    ],
)
def test_nothing_is_fetched(built: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def urlopen(request: Any, *_: Any, **__: Any) -> None:
        asked.append(request)
        raise OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH))

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    result = run("lint", package(tmp_path, **built))
    assert result.exit_code == 1
    assert asked == []


# The command line


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["lint", "--select", "X9", "package"], "X9 fits no rule; `rsfm rules` lists them"),
        (["lint", "--fix", "--ignore", "S001,x9", "package"], "X9 fits no rule; `rsfm rules` lists them"),
        (["lint", "--fix", "package", "other"], "other, package: several packages; name one at a time"),
        (["lint", "other/note.txt"], "other/note.txt: in no data package; name a folder that holds a datapackage.json"),
        (["explain", "XYZ"], "XYZ is no rule; `rsfm rules` lists them"),
    ],
)
def test_arguments_that_make_no_sense(
    arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package(tmp_path, "id,name\na, x \n", files={"../other/note.txt": ""})
    monkeypatch.chdir(tmp_path)
    before = snapshot(tmp_path)
    result = run(*arguments)
    assert result.output == f"rsfm: {message}\n"
    assert result.exit_code == 2
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize("path", [".", "datapackage.json"])
def test_files_of_one_package_name_one_package(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(package(tmp_path))
    result = run("lint", path, DATA)
    assert_lines(result.output, "no problems; ")
    assert result.exit_code == 0


def test_a_descriptor_of_another_name_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = package(tmp_path, None)
    (root / "datapackage.json").rename(root / "mine.json")
    monkeypatch.chdir(root)
    assert_problems(run("lint", "mine.json"), f"mine.json:7: K003 {DATA}: No such file or directory; ")


# The release


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    """The folder of an earlier release."""
    out = tmp_path / "out"
    assert run("release", package(tmp_path), "--out", out).exit_code == 0
    return out


def test_a_package_with_errors_is_not_released(tmp_path: Path) -> None:
    root = package(tmp_path, RAGGED)
    before = snapshot(tmp_path)
    result = run("release", root, "--out", tmp_path / "new" / "out")
    assert_lines(
        result.output,
        f"{DATA}:3: F008 the row has 1 cells, the header 2; ",
        "1 problem",
        "rsfm: not released; mend the problems above first",
    )
    assert result.exit_code == 1
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize(
    ("out", "files", "message"),
    [
        ("file", {"../file": "mine"}, "is a file; name a folder"),
        ("folder", {"../folder/file": "mine"}, "holds something other than a release; name an empty or a new folder"),
        (".", {}, "holds something other than a release; name an empty or a new folder"),
        (".", {"../SHA256SUMS": ""}, "holds the package itself; name another folder"),
        ("package", {"SHA256SUMS": ""}, "holds the package itself; name another folder"),
        ("package/data", {}, "holds something other than a release; name an empty or a new folder"),
        ("file/out", {"../file": "mine"}, ""),
    ],
)
def test_a_folder_that_cannot_be_the_release(out: str, files: dict[str, str], message: str, tmp_path: Path) -> None:
    root = package(tmp_path, files=files)
    before = snapshot(tmp_path)
    result = run("release", root, "--out", tmp_path / out)
    assert_lines(result.output, f"rsfm: {tmp_path / out}: {message}")
    assert result.exit_code == 2
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize("version", [None, "", 5], ids=repr)
@pytest.mark.parametrize(
    "options",
    [
        pytest.param([], id="default"),
        pytest.param(["--out", "out"], id="out"),
    ],
)
def test_a_package_without_version(
    version: Any, options: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = package(tmp_path, top={"version": version})
    monkeypatch.chdir(tmp_path)
    before = snapshot(tmp_path)
    result = run("release", root, *options)
    assert result.output == f'rsfm: {root / "datapackage.json"}:3: version is {version!r}; write "version": "1.0.0"\n'
    assert result.exit_code == 2
    assert snapshot(tmp_path) == before


def test_a_table_without_schema(tmp_path: Path) -> None:
    root = package(tmp_path, resource={"schema": None})
    before = snapshot(tmp_path)
    result = run("release", root, "--out", tmp_path / "out")
    assert result.output == f"rsfm: {root / 'datapackage.json'}:1: resource 'things': has no schema; write one\n"
    assert result.exit_code == 2
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize(
    "writer", [csvs, parquet, jsonl, sqlite, xlsx, descriptor, metadata, sums], ids=lambda writer: writer.__name__
)
def test_a_full_disk_leaves_the_earlier_release(
    writer: ModuleType, earlier: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*arguments: Any) -> None:
        write(arguments[-1] / "half", "written")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "half")

    before = snapshot(tmp_path)
    monkeypatch.setattr(writer, "write", failing)
    result = run("release", tmp_path / "package", "--out", earlier)
    assert result.output.startswith(f"rsfm: {earlier}: No space left on device; what was there is as it was; make room")
    assert result.exit_code == 2
    assert snapshot(tmp_path) == before


def test_a_release_that_cannot_be_put_in_place(earlier: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = snapshot(tmp_path)
    fail_at_second(monkeypatch, Path, "rename", errno.EACCES)
    result = run("release", tmp_path / "package", "--out", earlier)
    assert result.output.startswith(f"rsfm: {earlier}: Permission denied; what was there is as it was")
    assert result.exit_code == 2
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize(
    "built",
    [
        pytest.param({"resource": {"name": "../../../stray"}}, id="resource"),
        pytest.param({"top": {"name": "../../stray"}}, id="package"),
    ],
)
def test_a_release_stays_in_its_folder(built: dict[str, Any], tmp_path: Path) -> None:
    root = package(tmp_path, **built)
    before = snapshot(tmp_path)
    result = run("release", root, "--out", tmp_path / "out")
    assert result.exit_code in (1, 2)
    assert snapshot(tmp_path) == before


def test_the_default_folder_lies_in_dist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = package(tmp_path, top={"name": "../stray"})
    monkeypatch.chdir(tmp_path)
    run("release", root)
    assert not (tmp_path / "stray-1.0.0").exists()


def unstorable(name: str, cell: str, raises: type[BaseException], **field: Any) -> pytest.ParameterSet:
    """A cell that its column allows and a release cannot store."""
    built = {"csv": f"id,name\na,{cell}\n", "field": field}
    return pytest.param(built, id=name)


@pytest.mark.parametrize(
    "built",
    [
        unstorable("integer-beyond-64-bits", "9" * 20, duckdb.ConversionException, type="integer"),
        unstorable("integer-in-groups", "1 000", duckdb.ConversionException, type="integer", groupChar=" "),
        unstorable("date-in-another-form", "31/12/2020", duckdb.ConversionException, type="date", format="%d/%m/%Y"),
        unstorable("date-of-the-year-0", "0000-01-01", AssertionError, type="date"),
        unstorable("moment-with-a-zone", "2020-01-01T00:00:00Z", MismatchError, type="datetime"),
        unstorable("not-a-number", "NaN", MismatchError, type="number"),
        pytest.param(
            {"csv": "a,A\nx,y\n", "schema": {"fields": [{"name": "a"}, {"name": "A"}]}},
            id="columns-that-differ-in-case",
        ),
        pytest.param(
            {"others": {"Things": "id\na\n"}},
            id="tables-that-differ-in-case",
        ),
        pytest.param(
            {"resource": {"name": "sqlite_things"}},
            id="reserved-name",
        ),
        pytest.param(
            {
                "csv": "id,name\na,a\n",
                "schema": {"foreignKeys": [{"fields": "name", "reference": {"resource": "things", "fields": "id"}}]},
            },
            id="foreign-key-to-no-key",
        ),
        pytest.param(
            {"top": {"name": "a/b"}},
            id="package-with-a-slash",
        ),
        pytest.param(
            {"resource": {"name": "things/x"}},
            id="table-with-a-slash",
        ),
    ],
)
def test_what_cannot_be_stored_is_refused_in_words(built: dict[str, Any], tmp_path: Path) -> None:
    root = package(tmp_path, **built)
    before = snapshot(tmp_path)
    result = run("release", root, "--out", tmp_path / "out")
    if result.exit_code == 0:
        assert (tmp_path / "out" / "SHA256SUMS").is_file()
    else:
        assert f"{DATA}:" in result.output or "datapackage.json:" in result.output or f"{SCHEMA}:" in result.output
        assert result.exit_code in (1, 2)
        assert snapshot(tmp_path) == before


# As a user runs it


@pytest.mark.parametrize(
    ("arguments", "code", "stdout", "stderr"),
    [
        (["lint", "package"], 1, f"{DATA}:3: F008 ", ""),
        (["lint", "--fix", "gone"], 2, "", "rsfm: gone: no such file; "),
        (["lint", "--select", "X9", "package"], 2, "", "rsfm: X9 fits no rule; "),
        (["explain", "XYZ"], 2, "", "rsfm: XYZ is no rule; "),
        (["release", "package"], 1, f"{DATA}:3: F008 ", "rsfm: not released; "),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_the_command(arguments: list[str], code: int, stdout: str, stderr: str, tmp_path: Path) -> None:
    package(tmp_path, RAGGED)
    before = snapshot(tmp_path)
    result = in_a_process(arguments, tmp_path)
    assert result.returncode == code
    assert result.stdout.startswith(stdout) and bool(result.stdout) == bool(stdout)
    assert_lines(result.stderr, *([stderr] if stderr else []))
    assert snapshot(tmp_path) == before


def test_output_that_cannot_show_every_letter(tmp_path: Path) -> None:
    package(tmp_path, "id,name\na, 论文\n")
    result = in_a_process(["lint", "package"], tmp_path, PYTHONIOENCODING="cp1252")
    assert result.stdout.startswith(f"{DATA}:2:name: F014 ")
    assert (result.returncode, result.stderr) == (1, "")


def in_a_process(arguments: list[str], folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "rsfm", *arguments],
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

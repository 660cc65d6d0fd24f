"""The linter as a whole: order, cascades, waivers, fixes, selection, both ways of loading a file."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rsfm import csvfile, engine, linter
from rsfm.engine import Check, Engine
from rsfm.opening import open_package
from rsfm.rules import Context, all_rules

ROOT = Path(__file__).resolve().parents[1]


def package(folder: Path, files: dict[str, str], **schemas: Any) -> Path:
    resources = []
    for name, text in files.items():
        header = text.splitlines()[0].split(",")
        schema = {"fields": [{"name": column, "type": "string"} for column in header]} | schemas.get(name, {})
        resources.append({"name": name, "path": f"{name}.csv", "schema": schema})
        (folder / f"{name}.csv").write_bytes(text.encode())
    (folder / "datapackage.json").write_text(json.dumps({"name": "p", "resources": resources}), encoding="utf-8")
    return folder


def found(folder: Path, *select: str) -> list[tuple[str, str, int, str | None]]:
    problems = linter.lint(folder, linter.chosen_rules(select))
    return [(item.code, item.path, item.line, item.field) for item in problems]


def test_a_file_that_cannot_be_parsed_is_withheld(tmp_path: Path) -> None:
    key = {"foreignKeys": [{"fields": "a", "reference": {"resource": "things", "fields": "id"}}]}
    package(tmp_path, {"things": 'id,name\nx,"open\n', "parts": "a\nx\n"}, parts=key)
    assert found(tmp_path) == [("F007", "things.csv", 2, None)]


def test_a_missing_column_is_one_problem(tmp_path: Path) -> None:
    fields = [{"name": "id"}, {"name": "n", "type": "integer", "constraints": {"required": True}}]
    package(tmp_path, {"things": "id\nx\ny\n"}, things={"fields": fields})
    assert found(tmp_path) == [("F021", "things.csv", 1, "n")]


def test_lines_are_physical_behind_a_line_break_in_a_cell(tmp_path: Path) -> None:
    fields = [{"name": "id"}, {"name": "n", "type": "integer"}]
    package(tmp_path, {"things": 'id,n\n"x\ny\nz",1\nw,two\n'}, things={"fields": fields})
    assert found(tmp_path, "S", "F016") == [("F016", "things.csv", 2, "id"), ("S001", "things.csv", 5, "n")]


def test_selecting_and_ignoring() -> None:
    every = {rule.code for rule in all_rules()}
    assert {rule.code for rule in linter.chosen_rules()} == every
    assert {rule.code for rule in linter.chosen_rules(select=("S", "F012"))} == {
        code for code in every if code[0] == "S" or code == "F012"
    }
    assert {rule.code for rule in linter.chosen_rules(ignore=("S",))} == {code for code in every if code[0] != "S"}
    with pytest.raises(linter.SelectionError, match="X9 fits no rule"):
        linter.chosen_rules(select=("X9",))


WAIVED = {"primaryKey": ["id"]}


def test_a_waiver_silences_its_rule_for_its_row_alone(tmp_path: Path) -> None:
    package(tmp_path, {"things": "id,name\na, x\nb, y\n"}, things=WAIVED)
    (tmp_path / "schema").mkdir()
    waivers = tmp_path / "schema/exceptions.csv"
    waivers.write_text("rule,table,key,reason\nF014,things,a,the space is part of the name\n", encoding="utf-8")
    assert found(tmp_path) == [("F014", "things.csv", 3, "name")]
    waivers.write_text("rule,table,key,reason\nF014,things,a,\n", encoding="utf-8")
    assert found(tmp_path) == [
        ("K007", "schema/exceptions.csv", 2, "reason"),
        ("F014", "things.csv", 2, "name"),
        ("F014", "things.csv", 3, "name"),
    ]


def test_waivers_without_a_last_newline_are_read(tmp_path: Path) -> None:
    package(tmp_path, {"things": "id,name\na, x\n"}, things=WAIVED)
    (tmp_path / "schema").mkdir()
    text = "rule,table,key,reason\nF014,things,a,the space is part of the name"
    (tmp_path / "schema/exceptions.csv").write_text(text, encoding="utf-8")
    assert found(tmp_path) == []


def test_a_resource_without_a_file_beside_tables(tmp_path: Path) -> None:
    package(tmp_path, {"things": "id,name\na,x\n"})
    descriptor = json.loads((tmp_path / "datapackage.json").read_text(encoding="utf-8"))
    descriptor["resources"].append({"name": "inline", "data": []})
    (tmp_path / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
    assert found(tmp_path) == [("K009", "datapackage.json", 1, None)]


def test_unique_holds_for_formats_and_for_booleans_without_true(tmp_path: Path) -> None:
    fields = [
        {"name": "mail", "format": "email", "constraints": {"unique": True}},
        {"name": "flag", "type": "boolean", "trueValues": [], "falseValues": ["no"], "constraints": {"unique": True}},
    ]
    package(tmp_path, {"things": "mail,flag\nx@e.org,no\nx@e.org,no\n"}, things={"fields": fields})
    assert found(tmp_path, "S") == [("S003", "things.csv", 3, "flag"), ("S003", "things.csv", 3, "mail")]


def test_a_waiver_that_fits_nothing_is_a_problem(tmp_path: Path) -> None:
    package(tmp_path, {"things": "id,name\na,x\n"}, things=WAIVED)
    (tmp_path / "schema").mkdir()
    text = "rule,table,key,reason\nF014,things,a,the space is part of the name\n"
    (tmp_path / "schema/exceptions.csv").write_text(text, encoding="utf-8")
    assert found(tmp_path) == [("K007", "schema/exceptions.csv", 2, "reason")]
    assert found(tmp_path, "S", "K") == [], "a rule that did not run cannot say that its waiver is stale"


def test_several_faults_in_one_cell_are_mended_in_rounds(tmp_path: Path) -> None:
    package(tmp_path, {"things": 'id,name\r\nb," x  \u200b y "\r\na,"plain"'}, things=WAIVED)
    mended, problems = linter.fix(tmp_path)
    assert problems == []
    assert mended >= 6
    assert (tmp_path / "things.csv").read_bytes() == b"id,name\na,plain\nb,x y\n"
    assert linter.fix(tmp_path) == (0, [])


def test_ragged_rows_are_never_rewritten(tmp_path: Path) -> None:
    text = "id,name\r\nb, x ,y\r\na,z\r\n"
    package(tmp_path, {"things": text}, things=WAIVED)
    mended, problems = linter.fix(tmp_path)
    assert mended == 0
    assert {item.code for item in problems} >= {"F004", "F008"}
    assert (tmp_path / "things.csv").read_bytes() == text.encode()


NASTY = st.text(alphabet=st.sampled_from("aN/A|=+-@ \t\n\r\u00a0\u3000\u200b\u202eé\u0301,\"'中x"), max_size=5)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(NASTY, NASTY), min_size=1, max_size=4))
def test_a_guard_never_hides_what_its_check_finds(rows: list[tuple[str, str]], tmp_path: Path) -> None:
    text = csvfile.canonical(["first", "second"], rows)
    loaded = Engine(open_package(package(tmp_path, {"things": text})))
    context = Context(loaded.package, loaded)
    checks = [
        rule.check(item)
        for rule in all_rules()
        if rule.family == "F"
        for item in rule.body(context)
        if isinstance(item, Check) and item.guard
    ]
    assert len(checks) == 22 or not loaded.forms["things"].loaded
    query = "SELECT count(*) FROM things WHERE ({}) AND NOT regexp_matches(concat_ws(chr(0), first, second), ?)"
    for check in checks:
        row = loaded.connection.execute(query.format(check.where), [check.guard]).fetchone()
        assert row == (0,), f"{check.code}: {rows}"
    loaded.close()


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(NASTY, NASTY), min_size=1, max_size=4))
def test_what_is_mended_stays_mended(rows: list[tuple[str, str]], tmp_path: Path) -> None:
    """Lint reports all that the fixer changes; the fixer leaves nothing fixable; a second run changes nothing."""
    folder = package(tmp_path, {"things": csvfile.canonical(["first", "second"], rows)})
    before = (folder / "things.csv").read_bytes()
    problems = linter.lint(folder)
    _, left = linter.fix(folder)
    after = (folder / "things.csv").read_bytes()
    assert (before != after) <= any(item.fixable for item in problems)
    assert not [item for item in left if item.fixable]
    assert linter.fix(folder)[0] == 0
    assert (folder / "things.csv").read_bytes() == after


@pytest.mark.parametrize("table", open_package(ROOT).tables, ids=lambda table: table.name)
def test_both_ways_of_loading_agree_on_the_real_data(table: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """DuckDB's reader for canonical files, and the exact parser for all others."""
    query = f"SELECT * FROM {table.sql} ORDER BY _line"
    monkeypatch.setattr(engine, "SMALL", 0)
    plain = Engine(open_package(ROOT))
    fast = plain.connection.execute(query).fetchall()
    plain.close()
    monkeypatch.setattr(Engine, "_load_plain", lambda *_: False)
    exact = Engine(open_package(ROOT))
    assert exact.connection.execute(query).fetchall() == fast
    assert not exact.forms[table.name].faults
    exact.close()


WRITTEN = st.sampled_from(
    ["a", '"a"', 'a"b', '"a""b"', '"a,b"', ' "a"', '"a" ', "", '""', '"é,"', "é", '"', '"a"b', " "]
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(WRITTEN, WRITTEN), min_size=1, max_size=4))
def test_both_ways_of_loading_agree_however_cells_are_quoted(tmp_path: Path, rows: list[tuple[str, str]]) -> None:
    text = "id,name\n" + "".join(",".join(row) + "\n" for row in rows)
    package(tmp_path, {"things": text})
    ways = []
    for smallest in (0, engine.SMALL):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(engine, "SMALL", smallest)
            loaded = Engine(open_package(tmp_path))
        form = loaded.forms["things"]
        cells = loaded.connection.execute("SELECT * FROM raw.things ORDER BY _line").fetchall() if form.loaded else []
        ways.append((form, cells))
        loaded.close()
    assert ways[0] == ways[1]


def test_the_plain_way_is_taken_for_the_real_data(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = {}
    load = Engine._load_plain

    def watched(self: Engine, table: Any, *arguments: Any) -> bool:
        taken[table.name] = load(self, table, *arguments)
        return taken[table.name]

    monkeypatch.setattr(engine, "SMALL", 0)
    monkeypatch.setattr(Engine, "_load_plain", watched)
    Engine(open_package(ROOT)).close()
    assert {name for name, plain in taken.items() if not plain} <= {"redirects"}, (
        "only a table without rows may miss it"
    )


def test_faults_of_the_seed_list_are_found_again(tmp_path: Path) -> None:
    """The seed list's own faults, put back into the real data, are each found at their place."""
    for name in ("data", "schema"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "datapackage.json", tmp_path)
    papers = tmp_path / "data/papers.csv"
    text = papers.read_text(encoding="utf-8")
    rows = {row["paper_id"]: row for row in csv.DictReader(text.splitlines())}
    line = {row.split(",")[0]: number for number, row in enumerate(text.splitlines(), start=1)}
    changed = (
        text.replace("GeoChat: Grounded", "GeoChat:Grounded")
        .replace("With Masked Image Modeling", "with Masked Image Modeling论文")
        .replace("tpami,2026", "tpami,2023")
        .replace(f"{rows['segearth-ov-2024']['title']},", f"{rows['skysense-o-2025']['title']},")
    )
    papers.write_text(changed, encoding="utf-8")
    problems = {(item.code, item.line, item.field) for item in linter.lint(tmp_path) if item.path == "data/papers.csv"}
    assert {
        ("P005", line["geochat-2023"], "title"),
        ("P004", line["ringmo-2022"], "title"),
        ("P001", line["crossearth-2024"], "year"),
        ("P006", line["skysense-o-2025"], "title"),
    } <= problems

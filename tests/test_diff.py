"""Versions compared: rows, schemas, the version that must follow, and what a release does with it."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from rsfm.cli import main
from rsfm.diff import Bump, Diff, compare
from rsfm.diff_report import as_delta, as_json
from rsfm.opening import open_package
from rsfm.package import PackageError
from rsfm.release import build
from rsfm.versions import version

Rows = list[dict[str, str]]
FIELDS: list[dict[str, Any]] = [
    {"name": "id", "type": "string", "constraints": {"required": True}},
    {"name": "size", "type": "integer", "constraints": {"minimum": 1, "maximum": 9}},
    {"name": "kind", "type": "string", "constraints": {"enum": ["a", "b"]}},
]


def write(folder: Path, rows: Rows, number: str = "1.0.0", fields: Any = FIELDS, more: Any = None) -> Path:
    """A package with a table of things, and one that refers to it."""
    (folder / "data").mkdir(parents=True, exist_ok=True)
    names = [field["name"] for field in fields]
    text = io.StringIO()
    writer = csv.DictWriter(text, names, lineterminator="\n", extrasaction="ignore", restval="")
    writer.writeheader()
    writer.writerows(sorted(rows, key=lambda row: row["id"]))
    (folder / "data/things.csv").write_text(text.getvalue(), encoding="utf-8")
    (folder / "data/uses.csv").write_text("thing\n", encoding="utf-8")
    key = {"fields": ["thing"], "reference": {"resource": "things", "fields": ["id"]}}
    uses = {"fields": [{"name": "thing", "type": "string"}], "foreignKeys": [key]}
    things = {"fields": fields, "primaryKey": ["id"]}
    resources = [
        {"name": name, "path": f"data/{name}.csv", "schema": schema}
        for name, schema in (("things", things), ("uses", uses))
    ]
    descriptor = {"name": "small", "version": number, "title": "Small", "resources": resources} | (more or {})
    (folder / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
    return folder


def thing(name: str, size: str = "1", kind: str = "a") -> dict[str, str]:
    return {"id": name, "size": size, "kind": kind}


def differences(tmp_path: Path, old: Rows, new: Rows, **options: Any) -> Diff:
    return compare(open_package(write(tmp_path / "old", old)), open_package(write(tmp_path / "new", new, **options)))


def test_rows_are_compared_by_key(tmp_path: Path) -> None:
    found = differences(tmp_path, [thing("x"), thing("y", "2")], [thing("y", "3"), thing("z")])
    [table] = found.tables
    assert (list(table.added), list(table.removed)) == ([("z",)], [("x",)])
    assert table.changed == {("y",): {"size": ("2", "3")}}
    assert found.vanished == ("things x",)
    assert (found.bump, found.next_version, found.version_suffices) == (Bump.MAJOR, "2.0.0", False)


def test_nothing_differs(tmp_path: Path) -> None:
    found = differences(tmp_path, [thing("x")], [thing("x")])
    assert (found.tables, found.schema, found.bump, found.next_version) == ((), (), Bump.NONE, "1.0.0")
    assert found.version_suffices


@pytest.mark.parametrize(
    ("rows", "bump", "following"),
    [
        ([thing("x"), thing("y")], Bump.MINOR, "1.1.0"),
        ([thing("x", "5")], Bump.PATCH, "1.0.1"),
        ([], Bump.MAJOR, "2.0.0"),
    ],
)
def test_rows_raise_the_version(tmp_path: Path, rows: Rows, bump: Bump, following: str) -> None:
    found = differences(tmp_path, [thing("x")], rows)
    assert (found.bump, found.next_version) == (bump, following)


def test_a_redirect_keeps_a_removal_from_being_a_break(tmp_path: Path) -> None:
    old, new = write(tmp_path / "old", [thing("x"), thing("y")]), write(tmp_path / "new", [thing("y")])
    (new / "data/redirects.csv").write_text("table,id,new_id\nthings,x,y\n", encoding="utf-8")
    descriptor = json.loads((new / "datapackage.json").read_text())
    schema = {"fields": [{"name": name} for name in ("table", "id", "new_id")], "primaryKey": ["table", "id"]}
    descriptor["resources"].append({"name": "redirects", "path": "data/redirects.csv", "schema": schema})
    (new / "datapackage.json").write_text(json.dumps(descriptor))
    found = compare(open_package(old), open_package(new))
    assert (found.vanished, found.bump) == ((), Bump.MINOR)


def test_what_no_redirect_can_speak_of_may_go(tmp_path: Path) -> None:
    old, new = write(tmp_path / "old", [thing("x")]), write(tmp_path / "new", [])
    (new / "data/redirects.csv").write_text("table,id,new_id\n", encoding="utf-8")
    descriptor = json.loads((new / "datapackage.json").read_text())
    table = {"name": "table", "constraints": {"enum": ["uses"]}}
    schema = {"fields": [table, {"name": "id"}, {"name": "new_id"}], "primaryKey": ["table", "id"]}
    descriptor["resources"].append({"name": "redirects", "path": "data/redirects.csv", "schema": schema})
    (new / "datapackage.json").write_text(json.dumps(descriptor))
    found = compare(open_package(old), open_package(new))
    assert (found.vanished, found.bump) == ((), Bump.MINOR)


def changed(number: int, **parts: Any) -> list[dict[str, Any]]:
    return [field | (parts if place == number else {}) for place, field in enumerate(FIELDS)]


@pytest.mark.parametrize(
    ("fields", "text", "bump"),
    [
        ([*FIELDS, {"name": "new", "type": "string"}], "things.new added", Bump.MAJOR),
        (FIELDS[:2], "things.kind removed", Bump.MAJOR),
        ([FIELDS[0], FIELDS[2], FIELDS[1]], "things: columns in another order", Bump.MAJOR),
        (changed(1, type="number"), "things.size: type changed from integer to number", Bump.MAJOR),
        (changed(1, constraints={"minimum": 1, "maximum": 99}), "things.size: maximum looser", Bump.MINOR),
        (changed(1, constraints={"minimum": 1, "maximum": 5}), "things.size: maximum stricter", Bump.MAJOR),
        (changed(1, constraints={"minimum": 0, "maximum": 9}), "things.size: minimum looser", Bump.MINOR),
        (changed(1, constraints={"minimum": 1}), "things.size: maximum looser", Bump.MINOR),
        (changed(2, constraints={"enum": ["a", "b", "c"]}), "things.kind: enum looser", Bump.MINOR),
        (changed(2, constraints={"enum": ["a"]}), "things.kind: enum stricter", Bump.MAJOR),
        (changed(2, constraints={"enum": ["a", "b"], "unique": True}), "things.kind: unique stricter", Bump.MAJOR),
        (changed(0, constraints={"required": False}), "things.id: required looser", Bump.MINOR),
        (changed(2, constraints={"enum": ["a", "b"], "pattern": "."}), "things.kind: pattern stricter", Bump.MAJOR),
        (changed(0, description="The name."), "things.id: description changed", Bump.PATCH),
    ],
)
def test_schemas_raise_the_version(tmp_path: Path, fields: Any, text: str, bump: Bump) -> None:
    found = differences(tmp_path, [], [], fields=fields)
    assert [(change.text, change.bump) for change in found.schema] == [(text, bump)]
    assert found.bump is bump


def test_descriptive_metadata_are_a_patch(tmp_path: Path) -> None:
    found = differences(tmp_path, [], [], more={"title": "Smaller"})
    assert [(change.text, change.bump) for change in found.schema] == [("descriptive metadata changed", Bump.PATCH)]


def applied(rows: Rows, delta: str) -> dict[str, dict[str, str]]:
    """The rows after a delta, as somebody who syncs would apply it."""
    found = {row["id"]: dict(row) for row in rows}
    for line in map(json.loads, delta.splitlines()):
        if line["do"] == "insert":
            found[line["row"]["id"]] = line["row"]
        elif line["do"] == "delete":
            del found[line["key"]["id"]]
        else:
            found[line["key"]["id"]] |= line["row"]
    return found


TABLES = st.dictionaries(
    st.sampled_from("pqrst"),
    st.tuples(st.sampled_from(["", "1", "2"]), st.sampled_from(["", "a", "b"])),
    max_size=5,
).map(lambda table: [thing(name, *cells) for name, cells in table.items()])


@settings(max_examples=60, deadline=None)
@given(old=TABLES, new=TABLES)
def test_a_delta_turns_the_old_into_the_new(tmp_path_factory: pytest.TempPathFactory, old: Rows, new: Rows) -> None:
    found = differences(tmp_path_factory.mktemp("delta"), old, new)
    assert applied(old, as_delta(found)) == {row["id"]: row for row in new}
    tables = json.loads(as_json(found))["tables"]
    counts = {word: len(tables.get("things", {}).get(word, [])) for word in ("added", "removed", "changed")}
    before, after = ({row["id"]: row for row in rows} for rows in (old, new))
    assert counts == {
        "added": len(after.keys() - before.keys()),
        "removed": len(before.keys() - after.keys()),
        "changed": sum(before[key] != after[key] for key in before.keys() & after.keys()),
    }


def test_folders_zips_and_revisions_are_versions(tmp_path: Path) -> None:
    folder = write(tmp_path / "old", [thing("x")])
    archive = tmp_path / "old.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in folder.rglob("*"):
            file.write(path, path.relative_to(folder))
    git = ["git", "-C", str(folder), "-c", "user.name=Jane Doe", "-c", "user.email=jane@example.com"]
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "one"], ["tag", "v1.0.0"]):
        subprocess.run([*git, *arguments], check=True)
    write(folder, [thing("x"), thing("y")])
    for name, there in ((str(archive), Path()), ("v1.0.0", folder), ("HEAD", folder)):
        with version(name, there) as old, version(str(folder)) as new:
            [table] = compare(old, new).tables
            assert list(table.added) == [("y",)]


def test_a_zip_of_the_folder_itself_is_a_version(tmp_path: Path) -> None:
    folder = write(tmp_path / "small-1.0.0", [thing("x")])
    with zipfile.ZipFile(tmp_path / "release.zip", "w") as file:
        for path in folder.rglob("*"):
            file.write(path, path.relative_to(tmp_path))
    with version(str(tmp_path / "release.zip")) as found:
        assert list(found.by_name) == ["things", "uses"]
    (tmp_path / "broken.zip").write_bytes((tmp_path / "release.zip").read_bytes().replace(b"PK\x01\x02", b"PK\x00\x00"))
    with pytest.raises(PackageError, match="is a broken zip file"), version(str(tmp_path / "broken.zip")):
        pass


@pytest.mark.parametrize("name", ["no-such-revision", "--output=x", "README.md"])
def test_what_is_no_version_is_said(tmp_path: Path, name: str) -> None:
    (tmp_path / "README.md").write_text("text")
    shown = CliRunner().invoke(main, ["diff", str(tmp_path / name) if name == "README.md" else f"./{name}"])
    assert shown.exit_code == 2
    assert "name one" in shown.output


def test_the_command_prints_each_form(tmp_path: Path) -> None:
    old, new = write(tmp_path / "old", [thing("x")]), write(tmp_path / "new", [thing("x", "2")])
    expected = {
        "text": "things: x: size: “1” → “2”",
        "markdown": "- changed: `x`\n  - size: “1” → “2”",
        "json": '"bump": "patch"',
        "jsonl": '{"table": "things", "do": "update", "key": {"id": "x"}, "row": {"size": "2"}}',
    }
    for form, text in expected.items():
        shown = CliRunner().invoke(main, ["diff", str(old), str(new), "--format", form])
        assert shown.exit_code == 1
        assert text in shown.output
    same = CliRunner().invoke(main, ["diff", str(old), str(old)])
    assert (same.exit_code, same.output) == (0, "1.0.0 → 1.0.0\nNothing differs.\n")


def test_a_release_says_what_changed(tmp_path: Path) -> None:
    old = write(tmp_path / "old", [thing("x")])
    new = write(tmp_path / "new", [thing("x", "2"), thing("y")], "1.1.0")
    folder = build(new, tmp_path / "out", since=str(old))
    assert "- added: `y`\n- changed: `x`\n  - size: “1” → “2”" in (folder / "CHANGES.md").read_text(encoding="utf-8")
    rows = applied([thing("x")], (folder / "changes.jsonl").read_text(encoding="utf-8"))
    assert rows == {"x": thing("x", "2"), "y": thing("y")}
    assert build(old, tmp_path / "first").joinpath("CHANGES.md").read_text() == "# The first release\n"


@pytest.mark.parametrize(
    ("rows", "number", "message"),
    [
        ([thing("x"), thing("y")], "1.0.1", "version 1.0.1 is too low; write 1.1.0 or higher"),
        ([thing("y")], "2.0.0", "things x has vanished; add a row to redirects, or bring it back"),
    ],
)
def test_a_release_that_breaks_its_readers_is_refused(tmp_path: Path, rows: Rows, number: str, message: str) -> None:
    old, new = write(tmp_path / "old", [thing("x")]), write(tmp_path / "new", rows, number)
    with pytest.raises(PackageError, match=message):
        build(new, tmp_path / "out", since=str(old))
    assert not (tmp_path / "out").exists()


def test_a_release_follows_the_last_tag(tmp_path: Path) -> None:
    folder = write(tmp_path / "repository", [thing("x")])
    git = ["git", "-C", str(folder), "-c", "user.name=Jane Doe", "-c", "user.email=jane@example.com"]
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "one"], ["tag", "v1.0.0"]):
        subprocess.run([*git, *arguments], check=True)
    write(folder, [thing("x"), thing("y")], "1.1.0")
    for arguments in (["add", "-A"], ["commit", "-qm", "two"], ["tag", "v1.1.0"]):
        subprocess.run([*git, *arguments], check=True)
    target = build(folder, tmp_path / "out")
    assert (target / "CHANGES.md").read_text(encoding="utf-8").startswith("# Changes from 1.0.0 to 1.1.0")


def test_a_tag_that_has_no_package_is_no_release_of_it(tmp_path: Path) -> None:
    git = ["git", "-C", str(tmp_path), "-c", "user.name=Jane Doe", "-c", "user.email=jane@example.com"]
    (tmp_path / "program.txt").write_text("something else")
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "one"], ["tag", "v3.0.0"]):
        subprocess.run([*git, *arguments], check=True)
    folder = write(tmp_path / "package", [thing("x")])
    assert (build(folder, tmp_path / "out") / "CHANGES.md").read_text() == "# The first release\n"

"""The release: the same bytes everywhere, complete, described, and never half written."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import jsonschema
import pytest

from rsfm.opening import open_package
from rsfm.release import MismatchError, build, csvs, sqlite
from rsfm.release.verify import compare
from test_repository import official_profile

ROOT = Path(__file__).resolve().parents[1]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_two_builds_are_the_same_bytes(release: Path, tmp_path: Path) -> None:
    """In another folder, from a copy elsewhere, in another zone, locale and with another hash seed."""
    copy = tmp_path / "a folder ü"
    copy.mkdir()
    for name in ("data", "schema"):
        shutil.copytree(ROOT / name, copy / name)
    shutil.copy(ROOT / "datapackage.json", copy)
    environment = os.environ | {"TZ": "Asia/Kathmandu", "LC_ALL": "C", "PYTHONHASHSEED": "4711", "PYTHONUTF8": "0"}
    command = [sys.executable, "-m", "rsfm", "release", str(copy), "--out", str(tmp_path / "out")]
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)
    assert contents(tmp_path / "out") == contents(release)


def test_sums_are_of_all_files(release: Path) -> None:
    files = contents(release)
    sums = files.pop("SHA256SUMS").decode()
    expected = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    assert dict(reversed(line.split("  ")) for line in sums.splitlines()) == expected  # type: ignore[arg-type]
    subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=release, check=True, capture_output=True)


@pytest.mark.parametrize("place", ["", "csv/"])
def test_descriptor_says_bytes_hash_and_rows(release: Path, place: str) -> None:
    folder = release / place
    descriptor = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    jsonschema.Draft7Validator(official_profile("datapackage")).validate(descriptor)
    assert [item["name"] for item in descriptor["resources"]] == [table.name for table in open_package(ROOT).tables]
    for item in descriptor["resources"]:
        data = (folder / item["path"]).read_bytes()
        assert item["bytes"] == len(data)
        assert item["hash"] == "sha256:" + hashlib.sha256(data).hexdigest()
        rows = duckdb.read_csv(str(folder / item["path"]), all_varchar=True, header=True)
        assert item["rowCount"] == len(rows.fetchall())


@pytest.mark.parametrize("place", ["datapackage.json", "csv/datapackage.json"])
def test_frictionless_reads_the_release(release: Path, place: str) -> None:
    frictionless = pytest.importorskip("frictionless")
    report = frictionless.validate(str(release / place))
    assert report.valid, report.flatten(["title", "rowNumber", "fieldName", "note"])


def test_csv_files_are_those_of_the_repository(release: Path) -> None:
    for table in open_package(ROOT).tables:
        assert (release / f"csv/{table.name}.csv").read_bytes() == (ROOT / table.path).read_bytes()


def test_sqlite_does_not_say_which_library_wrote_it(release: Path) -> None:
    assert (release / "rsfm.sqlite").read_bytes()[96:100] == bytes(4)


def test_an_old_release_is_replaced_whole(tmp_path: Path) -> None:
    target = tmp_path / "out"
    build(ROOT, target)
    (target / "stale.txt").write_text("old")
    build(ROOT, target)
    assert not (target / "stale.txt").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_file_that_reads_back_otherwise_stops_the_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = csvs.write

    def wrong(package: Any, engine: Any, folder: Path) -> None:
        write(package, engine, folder)
        path = folder / "csv/venues.csv"
        path.write_text(path.read_text(encoding="utf-8").replace("arXiv", "arxiv", 1), encoding="utf-8")

    monkeypatch.setattr(csvs, "write", wrong)
    with pytest.raises(MismatchError, match=r"csv: row \d+ of venues reads back as"):
        build(ROOT, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("change", ["DELETE FROM venues", "UPDATE papers SET year = '2020'", "DELETE FROM sources"])
def test_every_change_to_the_database_is_seen(release: Path, tmp_path: Path, change: str) -> None:
    import sqlite3

    from rsfm.engine import Engine

    copy = tmp_path / "copy"
    shutil.copytree(release, copy)
    with sqlite3.connect(copy / "rsfm.sqlite") as database:
        database.execute(change)
    database.close()
    package = open_package(ROOT)
    engine = Engine(package)
    with pytest.raises((MismatchError, sqlite3.IntegrityError)):
        compare(package, engine, copy, sqlite)


def test_tables_of_other_packages_are_released_with_their_types(tmp_path: Path) -> None:
    """Another delimiter, missing values of its own, dates and times, a table without rows, one without a key."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "b.csv").write_text("id;at;ratio\n2;2024-01-02T03:04:05;0.5\n1;-;-1e3\n", encoding="utf-8")
    (source / "a.csv").write_text("name,born\n", encoding="utf-8")
    fields = [
        {"name": "id", "type": "integer"},
        {"name": "at", "type": "datetime"},
        {"name": "ratio", "type": "number"},
    ]
    schema = {"fields": fields, "missingValues": ["", "-"]}
    other = {"fields": [{"name": "name", "type": "string"}, {"name": "born", "type": "date"}], "primaryKey": "name"}
    resources = [
        {"name": "b", "path": "b.csv", "dialect": {"delimiter": ";"}, "schema": schema},
        {"name": "a", "path": "a.csv", "schema": other},
    ]
    descriptor = {"name": "other", "version": "1.0.0", "resources": resources}
    (source / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
    target = build(source, tmp_path / "out")
    assert (target / "csv/b.csv").read_text(encoding="utf-8") == "id,at,ratio\n2,2024-01-02T03:04:05,0.5\n1,-,-1e3\n"
    query = f'SELECT typeof(id), typeof("at"), "at"::VARCHAR FROM \'{target}/parquet/b.parquet\''
    assert duckdb.execute(query).fetchall() == [
        ("BIGINT", "TIMESTAMP", "2024-01-02 03:04:05"),
        ("BIGINT", "TIMESTAMP", None),
    ]


@pytest.mark.parametrize(
    "more",
    [
        {"licenses": [{"name": "CC0-1.0"}], "contributors": [{"title": "Jane Doe"}]},
        {"licenses": [{"path": "https://example.com/terms"}], "contributors": [{"givenName": "Jane"}]},
        {"licenses": [], "contributors": []},
        {},
    ],
)
def test_a_descriptor_that_says_little_is_released_without_a_citation(tmp_path: Path, more: dict[str, Any]) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "a.csv").write_text("name\nx\n", encoding="utf-8")
    schema = {"fields": [{"name": "name", "type": "string"}], "primaryKey": "name"}
    about = {"name": "little", "version": "1.0.0", "title": "Little", "description": "Text.", "created": "2026-01-01"}
    descriptor = about | {"resources": [{"name": "a", "path": "a.csv", "schema": schema}]} | more
    (source / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
    target = build(source, tmp_path / "out", formats=["parquet"])
    assert (target / "README.md").is_file()
    assert not (target / "CITATION.cff").exists()
    assert not (target / "ro-crate-metadata.json").exists()

"""The release's descriptions and papers, each read by a tool of its own kind, without a network."""

from __future__ import annotations

import asyncio
import importlib
import json
import logging
import os
import shutil
import socket
import subprocess
import sys
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pandas
import pytest

import rsfm
from test_readers import NAMES, expected, read_json, schema, unavailable

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that somebody looks up is an error."""

    def refuse(*arguments: Any, **_: Any) -> None:
        raise AssertionError(f"asks the network for {arguments[0]}")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def tool(name: str) -> Any:
    """A module that requirements/dev.txt pins."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        unavailable(f"{name} cannot be imported: {error}")


def papers() -> list[dict[str, Any]]:
    columns = expected("papers")
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def venue_types() -> dict[str, str]:
    columns = expected("venues")
    return dict(zip(columns["venue_id"], columns["type"], strict=True))


def test_the_zip_is_a_data_package(release: Path, tmp_path: Path) -> None:
    frictionless = tool("frictionless")
    path = release / f"rsfm-{rsfm.__version__}-csv.zip"
    report = frictionless.Package(str(path)).validate()
    assert report.valid, report.flatten(["title", "rowNumber", "fieldName", "note"])
    with zipfile.ZipFile(path) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        archive.extractall(tmp_path)
    for file in (release / "csv").iterdir():
        assert (tmp_path / file.name).read_bytes() == file.read_bytes()


def test_pybtex_reads_the_bibliography(release: Path) -> None:
    pybtex = tool("pybtex.database")
    entries = pybtex.parse_file(str(release / "papers.bib"), bib_format="bibtex").entries
    kinds = {"journal": "article", "conference": "inproceedings", "workshop": "inproceedings", "preprint": "misc"}
    types = venue_types()
    assert list(entries) == expected("papers")["paper_id"]
    for paper in papers():
        entry = entries[paper["paper_id"]]
        assert entry.type == kinds[types[paper["venue_id"]]]
        assert entry.fields["title"].replace("\\", "").strip("{}") == paper["title"]
        assert (entry.fields["year"], entry.fields.get("doi")) == (str(paper["year"]), paper["doi"])
        assert entry.fields.get("eprint") == paper["arxiv_id"]
        names = [str(person).strip("{}") for person in entry.persons["author"]]
        assert names == paper["authors"].split("|")


def test_citeproc_formats_the_csl_items(release: Path) -> None:
    citeproc = tool("citeproc")
    from citeproc.source.json import CiteProcJSON

    items = read_json(release / "papers.csl.json")
    assert [item["id"] for item in items] == expected("papers")["paper_id"]
    style = citeproc.CitationStylesStyle("harvard-cite-them-right", validate=False)
    bibliography = citeproc.CitationStylesBibliography(style, CiteProcJSON(items), citeproc.formatter.plain)
    for item in items:
        bibliography.register(citeproc.Citation([citeproc.CitationItem(item["id"])]))
    shown = [str(entry) for entry in bibliography.bibliography()]
    assert len(shown) == len(items)
    for paper, item in zip(papers(), items, strict=True):
        family = paper["authors"].split("|")[0].split(",")[0]
        assert item["title"] == paper["title"]
        assert next(author.get("family") or author["literal"] for author in item["author"]) == family
        year = str(paper["year"] if item["type"] != "article" else paper["first_public"].year)
        assert str(item["issued"]["date-parts"][0][0]) == year
        words = "".join(char for char in paper["title"] if char.isalnum()).lower()[:30]
        assert any(words in "".join(char for char in text if char.isalnum()).lower() for text in shown)


def test_mlcroissant_reads_each_table(release: Path) -> None:
    logging.getLogger("absl").setLevel(logging.ERROR)
    croissant = tool("mlcroissant")
    dataset = croissant.Dataset(str(release / "croissant.json"))
    assert (dataset.metadata.name, str(dataset.metadata.version)) == ("rsfm", rsfm.__version__)
    assert [records.id for records in dataset.metadata.record_sets] == NAMES
    for name in NAMES:
        rows = list(dataset.records(name)) if expected(name)[schema(name)["primaryKey"][0]] else []
        for column, cells in expected(name).items():
            got = [_plain(row[f"{name}/{column}"]) for row in rows]
            assert got == cells, column


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode()
    if pandas.isna(value):
        return None
    return value.date() if hasattr(value, "date") else value


def test_croissant_has_the_hash_of_each_file(release: Path) -> None:
    lines = (release / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    sums = {path: digest for digest, path in (line.split("  ") for line in lines)}
    files = read_json(release / "croissant.json")["distribution"]
    assert {file["contentUrl"]: file["sha256"] for file in files} == {
        f"parquet/{name}.parquet": sums[f"parquet/{name}.parquet"] for name in NAMES
    }


def test_datasets_loads_each_configuration(release: Path, tmp_path: Path) -> None:
    tool("datasets")
    script = (
        "import json, sys, datasets\n"
        "names = datasets.get_dataset_config_names(sys.argv[1])\n"
        "rows = {name: datasets.load_dataset(sys.argv[1], name)['train'] for name in names}\n"
        "print(json.dumps({name: [part.num_rows, part.column_names] for name, part in rows.items()}))\n"
    )
    environment = os.environ | {"HF_HOME": str(tmp_path), "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
    command = [sys.executable, "-c", script, str(release)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    sizes = {name: len(next(iter(expected(name).values()))) for name in NAMES}
    assert shown == {name: [size, list(expected(name))] for name, size in sizes.items() if size}


def test_datasette_serves_the_database(release: Path) -> None:
    app = tool("datasette.app")

    async def ask(*paths: str) -> list[Any]:
        client = app.Datasette([str(release / "rsfm.sqlite")], metadata=read_json(release / "datasette.json")).client
        return [(await client.get(path)).json() for path in paths]

    query = "/rsfm/papers.json?_search=foundation&_searchmode=raw&_shape=objects&_size=max"
    found, models, home = asyncio.run(ask(query, "/rsfm/models.json?_shape=objects&_size=1", "/-/metadata.json"))
    want = [paper for paper in papers() if "foundation" in " ".join(map(str, paper.values())).lower()]
    assert 0 < found["filtered_table_rows_count"] <= len(want)
    assert models["rows"][0]["model_id"] == expected("models")["model_id"][0]
    assert home["databases"]["rsfm"]["tables"]["papers"]["columns"]["doi"]


def test_the_citation_file_is_valid(release: Path) -> None:
    command = ["check-jsonschema", "--builtin-schema", "vendor.citation-file-format", str(release / "CITATION.cff")]
    program = shutil.which("check-jsonschema", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    done = subprocess.run([str(program), *command[1:]], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert (release / "CITATION.cff").read_bytes() == (ROOT / "CITATION.cff").read_bytes()


def test_the_deposit_says_what_the_descriptor_says(release: Path) -> None:
    deposit, descriptor = read_json(release / ".zenodo.json"), read_json(ROOT / "datapackage.json")
    assert (deposit["title"], deposit["version"]) == (descriptor["title"], descriptor["version"])
    assert date.fromisoformat(deposit["publication_date"]).isoformat() == descriptor["created"][:10]
    assert deposit["creators"] == [{"name": person["title"]} for person in descriptor["contributors"]]


def test_the_crate_is_valid(release: Path, tmp_path: Path) -> None:
    """Against the RO-Crate 1.1 profile of rocrate-validator, with the context in place of its address."""
    services = tool("rocrate_validator.services")
    models = tool("rocrate_validator.models")
    rocrate = tool("rocrate")
    shutil.copytree(release, tmp_path / "crate")
    path = tmp_path / "crate/ro-crate-metadata.json"
    crate = read_json(path)
    assert crate["@context"] == "https://w3id.org/ro/crate/1.1/context"
    crate["@context"] = read_json(Path(rocrate.__file__).parent / "data/ro-crate.jsonld")["@context"]
    path.write_text(json.dumps(crate), encoding="utf-8")
    settings = services.ValidationSettings(
        rocrate_uri=str(tmp_path / "crate"),
        profile_identifier="ro-crate-1.1",
        requirement_severity=models.Severity.REQUIRED,
        offline=True,
    )
    result = services.validate(settings)
    assert [issue.message for issue in result.get_issues()] == []
    graph = {item["@id"]: item for item in crate["@graph"]}
    for file in release.rglob("*"):
        name = file.relative_to(release).as_posix()
        if file.is_file() and name not in {"ro-crate-metadata.json", "SHA256SUMS"}:
            assert graph[name]["contentSize"] == str(file.stat().st_size)

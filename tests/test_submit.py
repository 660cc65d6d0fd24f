"""Submissions: a paper added to a copy of the real tables, whole or not at all."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from rsfm import linter
from rsfm.access import records
from rsfm.cli import main
from rsfm.submit import slug

ROOT = Path(__file__).resolve().parents[1]
SUBMISSION: dict[str, Any] = {
    "paper": {
        "title": "ExampleSat: A Model Made Up for This Test Alone and Found in No Library",
        "short_name": "ExampleSat",
        "authors": ["Doe, Jane", "Roe, Richard"],
        "first_public": "2025-02-03",
        "first_public_precision": "day",
        "venue_id": "made-up-workshop",
        "year": 2025,
        "arxiv_id": "2502.01234",
        "doi": "",
        "category": "vision",
        "is_remote_sensing": True,
        "tasks": ["semantic-segmentation"],
        "modalities": ["sar", "optical-rgb"],
        "code_status": "released",
        "code_status_date": "2025-03-04",
        "summary_en": "A model that exists in this test only, trained on nothing, with no result to speak of at all.",
        "summary_zh": "该模型只存在于这个测试之中，没有训练数据，也没有任何结果可言。",
    },
    "venue": {
        "venue_id": "made-up-workshop",
        "name": "Workshop Made Up for a Test",
        "abbreviation": "WMT",
        "type": "workshop",
        "doi_prefixes": [],
    },
    "models": [
        {
            "name": "ExampleSat",
            "kind": "vision",
            "parameters_total": "86000000",
            "parameters_basis": "stated",
            "code_license": "MIT",
        }
    ],
    "datasets": [{"name": "ExampleSat-1M", "role": "pretraining", "sample_count": 1000000, "sample_unit": "images"}],
    "model_datasets": [
        {
            "model": "ExampleSat",
            "dataset": "ExampleSat-1M",
            "role": "pretraining",
            "source": "s2",
            "locator": "line 9",
            "stated": "trained on ExampleSat-1M",
        }
    ],
    "links": [
        {"about": "paper", "type": "paper-preprint", "url": "https://arxiv.org/abs/2502.01234"},
        {"about": "paper", "type": "paper-published", "url": "https://workshop.example.com/examplesat"},
        {"about": "paper", "type": "repository-official", "url": "https://github.com/janedoe/examplesat"},
    ],
    "sources": [
        {
            "key": "s1",
            "kind": "arxiv",
            "name": "arXiv page",
            "url": "https://arxiv.org/abs/2502.01234",
            "version": "v1",
        },
        {
            "key": "s2",
            "kind": "repository",
            "name": "janedoe/examplesat",
            "url": "https://github.com/janedoe/examplesat",
        },
    ],
    "evidence": [
        {"table": table, "subject": subject, "field": field, "source": source, "locator": "line 1", "stated": stated}
        for table, subject, field, source, stated in [
            ("papers", "paper", "title", "s1", "ExampleSat"),
            ("papers", "paper", "authors", "s1", "Jane Doe, Richard Roe"),
            ("papers", "paper", "first_public", "s1", "3 Feb 2025"),
            ("papers", "paper", "venue_id", "s2", "WMT"),
            ("papers", "paper", "code_status", "s2", "train.py"),
            ("papers", "paper", "code_status", "s2", "model.py"),
            ("models", "ExampleSat", "parameters_total", "s2", "86M"),
            ("models", "ExampleSat", "code_license", "s2", "MIT License"),
            ("datasets", "ExampleSat-1M", "sample_count", "s2", "1,000,000 images"),
        ]
    ],
}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the repository's package."""
    folder = tmp_path / "package"
    folder.mkdir()
    for name in ("data", "schema"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "datapackage.json", folder)
    return folder


def add(package: Path, *submissions: Any) -> tuple[int, str]:
    paths = []
    for number, submission in enumerate(submissions):
        path = package.parent / f"{number}.json"
        path.write_text(json.dumps(submission, indent=1, ensure_ascii=False), encoding="utf-8")
        paths.append(str(path))
    result = CliRunner().invoke(main, ["add", *paths, "--package", str(package)], catch_exceptions=False)
    return result.exit_code, result.output


def changed(**paper: Any) -> dict[str, Any]:
    return SUBMISSION | {"paper": SUBMISSION["paper"] | paper}


def files(package: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in package.rglob("*") if path.is_file()}


def test_a_submission_becomes_rows(package: Path) -> None:
    code, output = add(package, SUBMISSION)
    assert (code, output.split(": ")[1]) == (0, "added as examplesat-2025\n")
    assert linter.lint(package) == []
    [paper] = [row for row in records("papers", package) if row["paper_id"] == "examplesat-2025"]
    assert (paper["authors"], paper["modalities"]) == ("Doe, Jane|Roe, Richard", "optical-rgb|sar")
    assert (paper["is_remote_sensing"], paper["doi"], paper["verification"]) == (True, None, "primary")
    [model] = [row for row in records("models", package) if row["paper_id"] == "examplesat-2025"]
    assert (model["model_id"], model["parameters_total"], model["variant"]) == ("examplesat", 86_000_000, None)
    [use] = [row for row in records("model_datasets", package) if row["model_id"] == "examplesat"]
    assert (use["dataset_id"], use["source_id"]) == ("examplesat-1m", "github-janedoe-examplesat")
    links = [row["link_id"] for row in records("links", package) if row["paper_id"] == "examplesat-2025"]
    assert "examplesat-2025-repository-official-1" in links
    [code_status] = [
        row for row in records("evidence", package) if row["id"] == "examplesat-2025" and row["field"] == "code_status"
    ]
    assert (code_status["source_id"], code_status["stated"]) == ("github-janedoe-examplesat", "train.py; model.py")


def test_a_submission_twice_is_refused_whole(package: Path) -> None:
    add(package, SUBMISSION)
    before = files(package)
    code, output = add(package, SUBMISSION)
    assert code == 1
    assert "S004 'examplesat-2025' stands on line" in output
    assert files(package) == before


@pytest.mark.parametrize(
    ("submission", "message"),
    [
        (changed(venue_id="nowhere"), "venues has no row with venue_id 'nowhere'"),
        (changed(year=2024), "P001 published in 2024, before the first public date 2025-02-03"),
        (changed(modalities=["radar"]), "'radar' is no term of vocabulary modality"),
        (changed(summary_zh=""), "P010 "),
        (changed(title="GeoChat: Grounded Large Vision-Language Model for Remote Sensing"), "P006 "),
        (SUBMISSION | {"evidence": SUBMISSION["evidence"][1:]}, "E001 nothing in evidence.csv says where title of"),
    ],
)
def test_what_the_linter_finds_refuses_it(package: Path, submission: dict[str, Any], message: str) -> None:
    before = files(package)
    code, output = add(package, submission)
    assert code == 1
    assert message in output
    assert "not added" in output
    assert files(package) == before


@pytest.mark.parametrize(
    ("submission", "place", "message"),
    [
        (changed(category="visual"), ":15: ", "'visual' is not one of"),
        (changed(first_public="February 2025"), ":", "does not match"),
        ({"paper": {}}, ":1: ", "'sources' is a required property"),
        (SUBMISSION | {"extra": 1}, ":1: ", "Additional properties are not allowed ('extra' was unexpected)"),
        ([], ":1: ", "is not of type 'object'"),
    ],
)
def test_what_the_schema_refuses_has_its_line(package: Path, submission: Any, place: str, message: str) -> None:
    before = files(package)
    code, output = add(package, submission)
    assert code == 1
    assert f"0.json{place}" in output
    assert message in output
    assert files(package) == before


@pytest.mark.parametrize(
    ("part", "value", "message"),
    [
        (
            "links",
            [{"about": "model:Other", "type": "demo", "url": "https://demo.example.com"}],
            "model:Other is no part",
        ),
        (
            "model_datasets",
            [{"model": "ExampleSat", "dataset": "X", "role": "pretraining", "source": "s1"}],
            "dataset:X is no part",
        ),
        (
            "model_datasets",
            [{"model": "ExampleSat", "dataset": "ExampleSat-1M", "role": "pretraining", "source": "s9"}],
            "names the source s9",
        ),
        ("evidence", [SUBMISSION["evidence"][0] | {"source": "s9"}], "names the source s9"),
    ],
)
def test_parts_that_name_no_part_are_refused(package: Path, part: str, value: Any, message: str) -> None:
    code, output = add(package, SUBMISSION | {part: value})
    assert code == 1
    assert message in output


def test_a_venue_that_is_there_and_a_source_that_nothing_names_are_left_out(package: Path) -> None:
    venue = SUBMISSION["venue"] | {"venue_id": "tgrs", "name": "Another Name for a Journal That Is There"}
    unused = {"key": "s3", "kind": "publisher", "name": "unused", "url": "https://unused.example.com"}
    submission = changed(venue_id="tgrs") | {"venue": venue, "sources": [*SUBMISSION["sources"], unused]}
    assert add(package, submission)[0] == 0
    assert "Another Name" not in (package / "data/venues.csv").read_text(encoding="utf-8")
    assert "unused" not in (package / "data/sources.csv").read_text(encoding="utf-8")


def test_one_refused_file_does_not_keep_the_others_out(package: Path) -> None:
    code, output = add(package, changed(year=2024), SUBMISSION)
    assert code == 1
    assert "added as examplesat-2025" in output
    assert linter.lint(package) == []


def test_a_dataset_without_a_paper_and_a_use_of_what_is_there_are_added(package: Path) -> None:
    source = {"key": "s", "kind": "repository", "name": "janedoe/tiles", "url": "https://github.com/janedoe/tiles"}
    submission = {
        "datasets": [{"name": "ExampleTiles", "role": "evaluation", "sample_count": "1200", "sample_unit": "images"}],
        "model_datasets": [
            {"model": "satmae", "dataset": "ExampleTiles", "role": "evaluation", "source": "s", "stated": "SatMAE"}
        ],
        "links": [{"about": "model:satmae", "type": "video", "url": "https://video.example.com/satmae"}],
        "sources": [source],
        "evidence": [
            {
                "table": "datasets",
                "subject": "ExampleTiles",
                "field": "sample_count",
                "source": "s",
                "locator": "line 2",
                "stated": "1,200 images",
            }
        ],
    }
    assert add(package, submission) == (0, f"{package.parent / '0.json'}: added as exampletiles\n")
    assert linter.lint(package) == []
    [dataset] = [row for row in records("datasets", package) if row["dataset_id"] == "exampletiles"]
    assert dataset["paper_id"] is None
    [use] = [row for row in records("model_datasets", package) if row["dataset_id"] == "exampletiles"]
    assert use["model_id"] == "satmae"


def test_submissions_in_one_run_share_sources_and_venues(package: Path) -> None:
    second = changed(
        title="Another Paper in the Same Repository, Made Up for This Test as Well",
        short_name="",
        arxiv_id="2502.07777",
        summary_en="Another model of this test, which reads nothing and says nothing, and has no result either.",
        summary_zh="这是为测试而虚构的另一个模型，既没有数据，也没有结果，只用来检查共享的来源。",
    )
    second = {key: second[key] for key in ("paper", "venue", "sources", "evidence")}
    second["evidence"] = [item for item in second["evidence"] if item["table"] == "papers"]
    arxiv = {"about": "paper", "type": "paper-preprint", "url": "https://arxiv.org/abs/2502.07777"}
    published = {"about": "paper", "type": "paper-published", "url": "https://workshop.example.com/another"}
    repository = {"about": "paper", "type": "repository-official", "url": "https://github.com/janedoe/another"}
    second["links"] = [arxiv, published, repository]
    code, output = add(package, SUBMISSION, second)
    assert (code, output.count("added as")) == (0, 2)
    assert linter.lint(package) == []
    assert sum(row["venue_id"] == "made-up-workshop" for row in records("venues", package)) == 1
    assert sum(row["url"] == "https://github.com/janedoe/examplesat" for row in records("sources", package)) == 1


def test_a_slug_is_ascii() -> None:
    assert slug("Türk-Sat 2.0: É (β)") == "turk-sat-2-0-e"

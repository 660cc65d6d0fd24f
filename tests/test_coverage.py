"""The figures of `rsfm stats` and docs/coverage.md, against counts of the raw files."""

from __future__ import annotations

import csv
import json
import shutil
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from rsfm.cli import main
from rsfm.coverage import Coverage, coverage_files

ROOT = Path(__file__).resolve().parents[1]


def raw(table: str) -> list[dict[str, str]]:
    with (ROOT / f"data/{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def coverage() -> Coverage:
    return Coverage(ROOT)


def test_the_figures_are_those_of_the_files(coverage: Coverage) -> None:
    figures = coverage.statistics()
    papers, models, datasets = raw("papers"), raw("models"), raw("datasets")
    assert figures["rows"]["evidence"] == len(raw("evidence"))
    for group, column in (("papers by category", "category"), ("papers by verification", "verification")):
        assert {name: number for name, number in figures[group].items() if number} == Counter(p[column] for p in papers)
    years = Counter(paper["first_public"][:4] for paper in papers)
    assert figures["papers by year of the first version"] == years
    assert figures["papers"]["with a DOI"] == len([paper for paper in papers if paper["doi"]])
    preprints = {row["venue_id"] for row in raw("venues") if row["type"] == "preprint"}
    assert figures["papers"]["published beyond a preprint"] == sum(p["venue_id"] not in preprints for p in papers)
    used = {row["model_id"] for row in raw("model_datasets")}
    assert figures["models"]["with their datasets"] == len(used & {model["model_id"] for model in models})
    assert figures["datasets"]["with a size"] == len([row for row in datasets if row["sample_count"]])


def test_each_entry_of_each_list_is_counted_once(coverage: Coverage) -> None:
    lists = coverage.lists()
    assert sum(int(row[1]) for row in lists) == len(raw("listings"))
    assert all(int(row[1]) == sum(map(int, row[2:])) for row in lists)
    left_out = [row for row in raw("listings") if row["decision"] not in {"published", "duplicate"}]
    assert sum(int(row[2]) for row in coverage.reasons()) == len(left_out)


def test_sections_and_modalities_add_up(coverage: Coverage) -> None:
    _, sections = coverage.by_section_and_year()
    assert sum(map(sum, sections.values())) == len(raw("papers"))
    assert sum(coverage.by_modality().values()) == sum(
        len([part for part in model["modalities"].split("|") if part]) for model in raw("models")
    )


def test_the_pictures_are_svg_and_the_same_each_time(coverage: Coverage) -> None:
    files = coverage_files(ROOT, "")
    assert files == coverage_files(ROOT, "")
    by_year = "".join(ElementTree.fromstring(files["docs/papers-by-year.svg"]).itertext())
    years, sections = coverage.by_section_and_year()
    assert all(word in by_year for word in (*years, *sections))
    by_modality = "".join(ElementTree.fromstring(files["docs/models-by-modality.svg"]).itertext())
    assert all(word in by_modality for word in coverage.by_modality())


def test_the_command_prints_text_and_json(coverage: Coverage) -> None:
    shown = CliRunner().invoke(main, ["stats", str(ROOT)])
    assert (shown.exit_code, shown.output.split("\n")[0]) == (0, "rows")
    assert f"{len(raw('papers')):>9,}  papers\n" in shown.output
    as_json = CliRunner().invoke(main, ["stats", str(ROOT), "--format", "json"])
    assert json.loads(as_json.output) == coverage.statistics()


def test_another_package_has_no_such_figures(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "schema", tmp_path / "schema")
    (tmp_path / "data").mkdir()
    shutil.copy(ROOT / "data/papers.csv", tmp_path / "data")
    descriptor = json.loads((ROOT / "datapackage.json").read_text(encoding="utf-8"))
    descriptor["resources"] = [part for part in descriptor["resources"] if part["name"] == "papers"]
    (tmp_path / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
    shown = CliRunner().invoke(main, ["stats", str(tmp_path)])
    assert shown.exit_code == 2
    assert "not the package of rsfm, it has no 'vocabulary'" in shown.output

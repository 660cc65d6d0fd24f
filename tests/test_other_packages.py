"""A real data package of others: linted whole, without a crash, and frictionless agrees on its CSV tables."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path

import frictionless
import pytest
from frictionless.resources import TableResource

from rsfm import linter
from test_readers import unavailable

VEGA = Path(__file__).resolve().parent / "node/node_modules/vega-datasets"


@pytest.fixture
def vega(tmp_path: Path) -> Path:
    """vega-datasets as its descriptor means it: beside its data."""
    if not VEGA.is_dir():
        unavailable("vega-datasets is missing; npm ci --prefix tests/node installs it")
    folder = tmp_path / "vega"
    shutil.copytree(VEGA / "data", folder)
    shutil.copy(VEGA / "datapackage.json", folder)
    return folder


def test_a_real_package_of_others_is_linted_whole(vega: Path) -> None:
    problems = linter.lint(vega)
    found = Counter(item.code for item in problems)
    resources = json.loads((vega / "datapackage.json").read_text(encoding="utf-8"))["resources"]
    tables = [item for item in resources if item.get("type") == "table"]
    other = [item for item in tables if not item["path"].endswith((".csv", ".tsv"))]
    assert found["K009"] == len(other), "each table that is no CSV is named as not checked"
    assert set(found) <= {"K009", "S001", "F004", "F005", "F015", "F019"}


def test_frictionless_agrees_on_its_csv_tables(vega: Path) -> None:
    descriptor = json.loads((vega / "datapackage.json").read_text(encoding="utf-8"))
    descriptor["resources"] = [item for item in descriptor["resources"] if item["path"].endswith(".csv")]
    (vega / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
    report = frictionless.validate(str(vega / "datapackage.json"), limit_errors=100_000)
    theirs = {(task.place, error.row_number, error.field_name) for task in report.tasks for error in task.errors}
    ours = {(item.path, item.line, item.field) for item in linter.lint(vega, linter.chosen_rules(("S",)))}
    assert ours == theirs
    assert len(ours) > 500


def test_mending_it_changes_form_alone(vega: Path) -> None:
    rows = {path.name: TableResource(path=str(path)).read_cells() for path in vega.glob("*.csv")}
    linter.fix(vega, linter.chosen_rules(("F004", "F005")))
    for name, expected in rows.items():
        assert TableResource(path=str(vega / name)).read_cells() == expected, name

"""The Python interface: what is installed, what is imported when, what is said when something is missing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pandas
import pytest

import rsfm
from rsfm.data import bundled_package
from rsfm.opening import open_package

ROOT = Path(__file__).resolve().parents[1]


def python(code: str, *, cwd: Path | None = None) -> str:
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=cwd)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_tables_and_version_are_those_of_the_descriptor() -> None:
    descriptor = json.loads((ROOT / "datapackage.json").read_text(encoding="utf-8"))
    assert rsfm.tables() == [resource["name"] for resource in descriptor["resources"]]
    assert rsfm.__version__ == descriptor["version"]


@pytest.mark.parametrize("name", rsfm.tables())
def test_a_frame_has_the_columns_of_its_schema(name: str) -> None:
    frame = rsfm.load(name)
    kinds = {"integer": "Int64", "number": "Float64", "boolean": "boolean", "date": "datetime64[s]"}
    fields = rsfm.describe(name)["fields"]
    assert list(frame.columns) == [field["name"] for field in fields]
    for field in fields:
        assert str(frame[field["name"]].dtype) == kinds.get(field["type"], "str")


def test_missing_is_missing() -> None:
    papers = rsfm.load("papers").set_index("paper_id")
    assert papers["arxiv_id"].isna()["ringmo-2022"]
    assert papers.loc["ringmo-2022", "first_public"] == pandas.Timestamp("2022-07-28")
    assert not papers.loc["mir-2024", "is_remote_sensing"]


def test_another_package_loads_by_its_path(tmp_path: Path) -> None:
    fields = [{"name": "a", "type": "integer"}, {"name": "b", "type": "boolean"}]
    resource = {"name": "t", "path": "t.csv", "schema": {"fields": fields, "missingValues": ["", "-"]}}
    (tmp_path / "datapackage.json").write_text(json.dumps({"resources": [resource]}), encoding="utf-8")
    (tmp_path / "t.csv").write_text("a,b\n1,true\n-,0\n", encoding="utf-8")
    assert rsfm.records("t", tmp_path) == [{"a": 1, "b": True}, {"a": None, "b": False}]
    assert rsfm.load("t", tmp_path)["a"].tolist() == [1, pandas.NA]


def test_an_unknown_table_is_named_with_those_that_exist() -> None:
    with pytest.raises(ValueError, match="no table 'paper'; there are papers, models"):
        rsfm.load("paper")


def test_importing_rsfm_imports_nothing_heavy() -> None:
    code = "import sys, rsfm; print([m for m in ('duckdb', 'pandas', 'click', 'jsonschema') if m in sys.modules])"
    assert python(code) == "[]\n"


def test_records_need_the_standard_library_alone() -> None:
    code = (
        "import sys\n"
        "for name in ('duckdb', 'pandas', 'click', 'jsonschema'): sys.modules[name] = None\n"
        "import rsfm; print(len(rsfm.records('papers')))"
    )
    assert int(python(code)) == len(rsfm.records("papers"))


@pytest.mark.parametrize("engine", ["pandas", "polars", "pyarrow", "duckdb"])
def test_without_its_engine_load_says_what_to_install(engine: str) -> None:
    code = (
        f"import sys; sys.modules[{engine!r}] = None\n"
        "import rsfm\n"
        f"try: rsfm.load('papers', engine={engine!r})\n"
        "except ImportError as error: print(error)"
    )
    assert python(code) == f"this needs {engine}; install it with: pip install 'rsfm[{engine}]'\n"


def test_an_unknown_engine_is_named_with_those_that_exist() -> None:
    with pytest.raises(ValueError, match="no engine 'spark'; there are pandas, polars, pyarrow, duckdb"):
        rsfm.load("papers", engine="spark")  # type: ignore[call-overload]


def test_sql_joins_the_tables() -> None:
    query = "SELECT count(*) FROM models JOIN papers USING (paper_id) WHERE first_public >= DATE '2024-01-01'"
    years = {paper["paper_id"]: paper["first_public"].year for paper in rsfm.records("papers")}
    expected = sum(years.get(model["paper_id"], 0) >= 2024 for model in rsfm.records("models"))
    assert rsfm.connect().sql(query).fetchall() == [(expected,)]


def test_the_citation_names_title_and_version() -> None:
    pybtex = pytest.importorskip("pybtex.database")
    descriptor = bundled_package().descriptor
    assert rsfm.cite() == f"The rsfm contributors (2026). {descriptor['title']}, version {rsfm.__version__}."
    [entry] = pybtex.parse_string(rsfm.cite("bibtex"), "bibtex").entries.values()
    assert (entry.fields["title"], entry.fields["version"]) == (f"{{{descriptor['title']}}}", rsfm.__version__)


def test_the_wheel_carries_the_data(tmp_path: Path) -> None:
    """Installed from its wheel into an empty folder, rsfm finds its own data there."""
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    assert wheel.name.startswith(f"rsfm-{rsfm.__version__}-")
    site = tmp_path / "site"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(site)]
    subprocess.run([*install, str(wheel)], check=True, capture_output=True)
    start = f"import sys; sys.path.insert(0, {str(site)!r}); import rsfm; "
    bare = [sys.executable, "-S", "-c", start + "print(rsfm.__file__, len(rsfm.records('papers')))"]
    shown = subprocess.run(bare, cwd=tmp_path, check=True, capture_output=True, text=True)  # no site-packages at all
    file, count = shown.stdout.split()
    assert Path(file).is_relative_to(site)
    assert int(count) == len(rsfm.records("papers"))
    for engine in ("pandas", "polars", "pyarrow", "duckdb"):
        frame = f"frame = rsfm.load('papers', engine={engine!r}); print(rsfm.__file__, frame.shape[0])"
        file, count = python(start + frame, cwd=tmp_path).split()
        assert (Path(file).is_relative_to(site), int(count)) == (True, len(rsfm.records("papers")))
    assert (site / "rsfm/_data/datapackage.json").read_bytes() == (ROOT / "datapackage.json").read_bytes()


def test_the_bundled_package_is_this_one() -> None:
    assert open_package(ROOT).descriptor == bundled_package().descriptor

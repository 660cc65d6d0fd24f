"""Every rule against its own examples, and the habits that every rule keeps."""

from __future__ import annotations

from pathlib import Path

import pytest

from rsfm import linter
from rsfm.examples import write_example
from rsfm.rules import FAMILIES, Example, Rule, all_rules

RULES = all_rules()
BAD = [pytest.param(rule, example, id=f"{rule.code}-bad{n}") for rule in RULES for n, example in enumerate(rule.bad)]
GOOD = [pytest.param(rule, example, id=f"{rule.code}-good{n}") for rule in RULES for n, example in enumerate(rule.good)]


@pytest.mark.parametrize(("rule", "example"), BAD)
def test_bad_example_is_found(rule: Rule, example: Example, tmp_path: Path) -> None:
    write_example(example, tmp_path)
    problems = linter.lint(tmp_path, [rule])
    found = [(f"{item.path}:{item.line}:{item.field or ''}", item.message) for item in problems]
    assert found == [(example.at, example.message)]
    assert problems[0].fixable == bool(example.fixed)


@pytest.mark.parametrize(("rule", "example"), BAD)
def test_bad_example_is_mended(rule: Rule, example: Example, tmp_path: Path) -> None:
    if not example.fixed:
        write_example(example, tmp_path)
        before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
        linter.fix(tmp_path, [rule])
        assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
        return
    write_example(example, tmp_path)
    mended, problems = linter.fix(tmp_path, [rule])
    assert (mended, problems) == (1, [])
    for name, text in example.fixed.items():
        assert (tmp_path / "data" / f"{name}.csv").read_bytes().decode("utf-8") == text


@pytest.mark.parametrize(("rule", "example"), GOOD)
def test_good_example_is_clean(rule: Rule, example: Example, tmp_path: Path) -> None:
    write_example(example, tmp_path)
    assert linter.lint(tmp_path, [rule]) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_rule_has_what_every_rule_has(rule: Rule) -> None:
    assert rule.family in FAMILIES
    assert rule.code[1:].isdigit() and len(rule.code) == 4
    first, blank, *rest = rule.docs.split("\n")
    assert first.endswith(".") and not blank and rest, "a line that names the fault, then why it matters"
    assert rule.bad and rule.good, "both kinds of example"


def test_names_are_unique_within_their_family() -> None:
    names = [(rule.family, rule.name) for rule in RULES]
    assert len(names) == len(set(names))

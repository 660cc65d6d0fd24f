"""Problems as text, JSON, GitHub annotations and SARIF."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from pathlib import Path

from rsfm.engine import visible
from rsfm.problem import Problem, Severity
from rsfm.rules import Rule

ANNOTATIONS = 10  # GitHub shows ten of a kind for each step


def text(problems: Sequence[Problem], rules: Sequence[Rule]) -> str:
    """One line a problem, and a count."""
    lines = []
    for problem in problems:
        field = f":{visible(problem.field)}" if problem.field else ""
        mark = " [fixable]" if problem.fixable else ""
        lines.append(f"{problem.path}:{problem.line}{field}: {problem.code} {problem.message}{mark}")
    fixable = sum(problem.fixable for problem in problems)
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    if problems:
        lines.append(f"{count}, {fixable} fixable with `rsfm lint --fix`" if fixable else count)
    else:
        lines.append(f"no problems; {len(rules)} rules checked")
    return "\n".join(lines) + "\n"


def as_json(problems: Sequence[Problem], rules: Sequence[Rule]) -> str:
    """An object with the list ``problems``."""
    rows = [
        {
            "code": problem.code,
            "name": problem.name,
            "severity": problem.severity.value,
            "path": problem.path,
            "line": problem.line,
            "field": problem.field,
            "message": problem.message,
            "fixable": problem.fixable,
        }
        for problem in problems
    ]
    return json.dumps({"problems": rows}, ensure_ascii=False, indent=2) + "\n"


def github(problems: Sequence[Problem], rules: Sequence[Rule]) -> str:
    """Workflow commands; beyond ten of a severity, one for each rule, and the whole table in the step summary."""
    lines = []
    for severity in Severity:
        here = [problem for problem in problems if problem.severity is severity]
        if len(here) <= ANNOTATIONS:
            lines += [_annotation(problem, problem.message) for problem in here]
            continue
        here.sort(key=lambda problem: problem.code)
        groups = [list(group) for _, group in groupby(here, key=lambda problem: problem.code)]
        groups.sort(key=len, reverse=True)
        for group in groups[: ANNOTATIONS - 1]:
            more = f" (and {len(group) - 1} more of {group[0].code})" if len(group) > 1 else ""
            lines.append(_annotation(group[0], group[0].message + more))
        rest = sum(len(group) for group in groups[ANNOTATIONS - 1 :])
        if rest:
            lines.append(f"::{severity.value}::{rest} more problems; see the step summary")
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if summary and problems:
        with Path(summary).open("a", encoding="utf-8") as file:
            file.write(_summary(problems))
    return "".join(line + "\n" for line in lines)


def _annotation(problem: Problem, message: str) -> str:
    title = f"{problem.code} {problem.name}"
    return (
        f"::{problem.severity.value} file={_property(problem.path)},line={problem.line},title={_property(title)}"
        f"::{_data((problem.field + ': ' if problem.field else '') + message)}"
    )


def _data(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")


def _summary(problems: Iterable[Problem]) -> str:
    lines = ["| place | rule | problem |", "| --- | --- | --- |"]
    for problem in problems:
        message = problem.message.replace("|", "\\|")
        lines.append(f"| {problem.path}:{problem.line} {problem.field or ''} | {problem.code} | {message} |")
    return "\n".join(lines) + "\n"


def sarif(problems: Sequence[Problem], rules: Sequence[Rule]) -> str:
    """SARIF 2.1.0."""
    from rsfm import __version__

    run = {
        "tool": {
            "driver": {
                "name": "rsfm",
                "version": __version__,
                "rules": [
                    {
                        "id": rule.code,
                        "name": rule.name,
                        "shortDescription": {"text": rule.docs.split("\n", 1)[0]},
                        "fullDescription": {"text": rule.docs},
                        "defaultConfiguration": {"level": rule.severity.value},
                    }
                    for rule in rules
                ],
            }
        },
        "results": [
            {
                "ruleId": problem.code,
                "level": problem.severity.value,
                "message": {"text": f"{problem.field}: {problem.message}" if problem.field else problem.message},
                "locations": [
                    {
                        "physicalLocation": {
                            "artifactLocation": {"uri": problem.path},
                            "region": {"startLine": problem.line},
                        }
                    }
                ],
            }
            for problem in problems
        ],
        "columnKind": "unicodeCodePoints",
    }
    log = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return json.dumps(log, ensure_ascii=False, indent=2) + "\n"


FORMATS: dict[str, Callable[[Sequence[Problem], Sequence[Rule]], str]] = {
    "text": text,
    "json": as_json,
    "github": github,
    "sarif": sarif,
}

"""Runs the rules over a package, family by family; applies waivers; mends until nothing changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rsfm import csvfile
from rsfm.atomic import replace_files
from rsfm.engine import Check, Engine
from rsfm.opening import open_package
from rsfm.package import Package, Table
from rsfm.problem import CellFix, Problem, Rewrite
from rsfm.rules import Context, Rule, all_rules
from rsfm.tabletext import table_text
from rsfm.waivers import apply_waivers, read_waivers

ROUNDS = 10


class SelectionError(ValueError):
    """A code on the command line fits no rule."""


def chosen_rules(select: Sequence[str] = (), ignore: Sequence[str] = ()) -> list[Rule]:
    """The rules whose codes start with one of ``select`` (none: all) and with none of ``ignore``."""
    rules = all_rules()
    for prefix in (*select, *ignore):
        if not any(rule.code.startswith(prefix) for rule in rules):
            raise SelectionError(f"{prefix} fits no rule; `rsfm rules` lists them")
    return [
        rule
        for rule in rules
        if (not select or rule.code.startswith(tuple(select))) and not rule.code.startswith(tuple(ignore))
    ]


def lint(path: Path, rules: Sequence[Rule] | None = None) -> list[Problem]:
    """The problems of the package at ``path``, by file, line and code. Raises PackageError."""
    return lint_package(open_package(path), all_rules() if rules is None else rules)


def lint_package(package: Package, rules: Sequence[Rule]) -> list[Problem]:
    """The problems of an open package."""
    engine = Engine(package)
    try:
        return lint_engine(engine, rules)
    finally:
        engine.close()


def lint_engine(engine: Engine, rules: Sequence[Rule]) -> list[Problem]:
    """The problems of the package whose tables the engine holds."""
    problems = _run(Context(engine.package, engine), rules)
    problems = apply_waivers(problems, read_waivers(engine.package.root), engine, rules)
    return sorted(set(problems), key=lambda item: (item.path, item.line, item.code, item.field or "", item.message))


def _run(context: Context, rules: Iterable[Rule]) -> list[Problem]:
    """The problems that the rules find: those of the package take Python's time, meanwhile the others DuckDB's."""
    applying = [rule for rule in rules if rule.applies(context)]
    with ThreadPoolExecutor(1) as background:
        of_rows = background.submit(_found, context, [rule for rule in applying if rule.family != "K"])
        of_package = _found(context, [rule for rule in applying if rule.family == "K"])
        return of_package + of_rows.result()


def _found(context: Context, rules: Iterable[Rule]) -> list[Problem]:
    problems: list[Problem] = []
    checks: list[Check] = []
    for rule in rules:
        for found in rule.body(context):
            if isinstance(found, Check):
                checks.append(rule.check(found))
            else:
                problems.append(rule.problem(found))
    problems += context.engine.run(checks)
    return problems


def fix(path: Path, rules: Sequence[Rule] | None = None) -> tuple[int, list[Problem]]:
    """Mend what can be mended, in rounds until nothing changes; the number of mended problems and those that remain.

    Each round is written whole or not at all. Raises PackageError and OSError.
    """
    rules = all_rules() if rules is None else rules
    mended = 0
    for _ in range(ROUNDS):
        package = open_package(path)
        problems = lint_package(package, rules)
        texts = _mended(package, [problem for problem in problems if problem.fixable])
        if not texts:
            return mended, problems
        replace_files(texts)
        mended += sum(problem.fixable for problem in problems)
    return mended, lint(path, rules)


def _mended(package: Package, problems: Sequence[Problem]) -> dict[Path, str]:
    """The new text of each file that the fixes change."""
    cells: dict[str, dict[tuple[int, str], str]] = defaultdict(dict)
    for problem in problems:
        if isinstance(problem.fix, Rewrite):
            cells[problem.fix.table]
        elif isinstance(problem.fix, CellFix):
            cells[problem.fix.table].setdefault((problem.fix.line, problem.fix.field), problem.fix.value)
    texts = {}
    for name, changes in cells.items():
        table = package.by_name[name]
        path = package.root / table.path
        text = path.read_bytes().decode("utf-8")  # what has a fix was decoded before
        new = _rewritten(table, text.removeprefix("\ufeff"), changes)
        if new != text:
            texts[path] = new
    return texts


def _rewritten(table: Table, text: str, changes: dict[tuple[int, str], str]) -> str:
    """The table's canonical text with the cells changed; only a table that is rewritable has fixes."""
    parsed = csvfile.parse(text, table.path, table.delimiter)
    names = [item.name for item in table.fields if item.name in parsed.header]
    header = names if set(names) == set(parsed.header) else parsed.header
    rows = []
    for line, cells in parsed.rows:
        row = dict(zip(parsed.header, cells, strict=True))
        rows.append([changes.get((line, name), row[name]) for name in header])
    return table_text(table, header, rows)

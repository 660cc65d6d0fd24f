"""Waivers of a rule for one row, each with its reason (schema/exceptions.csv); one that fits nothing is a fault."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rsfm import csvfile
from rsfm.engine import Engine
from rsfm.opening import is_file, resolves_inside
from rsfm.package import PackageError
from rsfm.problem import Problem
from rsfm.rules import Rule, all_rules

PATH = "schema/exceptions.csv"
STALE = "K007"
HEADER = ["rule", "table", "key", "reason"]


@dataclass(frozen=True)
class Waiver:
    """One line of schema/exceptions.csv; ``key`` is the row's primary key, its fields joined by ``|``."""

    rule: str
    table: str
    key: str
    reason: str
    line: int


def read_waivers(root: Path) -> list[Waiver]:
    """The waivers of a package, none where it has no such file; raises PackageError where it cannot be read."""
    path = root / PATH
    if not is_file(path):
        return []
    if not resolves_inside(root, PATH):
        raise PackageError(f"{path}:1: is a link out of the package; put the file itself there")
    try:
        for fault in csvfile.scan(path, PATH).faults:
            if fault.kind in {"not-utf-8", "empty-file"}:
                raise PackageError(f"{path}:{fault.line}: {fault.kind}; write {','.join(HEADER)} in UTF-8")
        parsed = csvfile.read(path, PATH, ",")
    except OSError as error:
        raise PackageError(f"{path}:1: cannot be read: {error.strerror}") from None
    if parsed.header != HEADER:
        raise PackageError(f"{path}:1: the header is {','.join(parsed.header)}; write {','.join(HEADER)}")
    for fault in parsed.faults:
        raise PackageError(f"{path}:{fault.line}: {fault.kind}; write {','.join(HEADER)} and quote as CSV does")
    return [Waiver(rule, table, key, reason, line) for line, (rule, table, key, reason) in parsed.rows]


def apply_waivers(
    problems: list[Problem], waivers: Sequence[Waiver], engine: Engine, rules: Sequence[Rule]
) -> list[Problem]:
    """The problems that no waiver fits, and a problem for each waiver that fits none or gives no reason."""
    if not waivers:
        return problems
    active = {rule.code: rule for rule in rules}
    lines: dict[str, list[int]] = defaultdict(list)
    tables = {table.path: table for table in engine.package.tables}
    for problem in problems:
        if problem.path in tables:
            lines[problem.path].append(problem.line)
    keys = {path: engine.keys(tables[path], numbers) for path, numbers in lines.items()}
    wanted = {(waiver.rule, waiver.table, waiver.key): waiver for waiver in waivers}
    used: set[Waiver] = set()
    left = []
    for problem in problems:
        table = tables.get(problem.path)
        key = keys.get(problem.path, {}).get(problem.line, "")
        waiver = wanted.get((problem.code, table.name if table else "", key))
        if waiver and waiver.reason.strip():
            used.add(waiver)
        else:
            left.append(problem)
    if STALE in active:
        known = {rule.code for rule in all_rules()}
        judged = {*active, *(waiver.rule for waiver in waivers if waiver.rule not in known)}
        left += [
            _stale(active[STALE], waiver, known) for waiver in waivers if waiver not in used and waiver.rule in judged
        ]
    return left


def _stale(rule: Rule, waiver: Waiver, known: set[str]) -> Problem:
    if waiver.rule not in known:
        why = f"names rule {waiver.rule}, which does not exist; delete the line"
    elif not waiver.reason.strip():
        why = "gives no reason; write one"
    else:
        why = f"waives {waiver.rule} for {waiver.table} {waiver.key}, which does not break it; delete the line"
    return Problem(rule.code, rule.name, rule.severity, PATH, waiver.line, "reason", f"this waiver {why}")

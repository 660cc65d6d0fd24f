"""Measure linting, as whole processes in one run: rsfm beside frictionless and beside bare DuckDB; prints a table.

usage: bench.py [--rows N,N,...] [--write]   (default: 4000,40000,400000; --write renews docs/benchmark.md)
"""

from __future__ import annotations

import csv
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RUNS = 5
PEER = "frictionless"
BARE = "bare DuckDB"
SLOW = 400_000  # from here on one run of the slow peer is enough, beyond it none

COLUMNS = {
    "papers": (
        *("paper_id", "title", "first_public", "first_public_precision", "year", "arxiv_id", "doi", "category"),
        *("is_remote_sensing", "code_status", "code_status_date", "verification"),
    ),
    "links": ("link_id", "paper_id", "type", "url", "status", "checked"),
}
"""The columns of our own tables that the generated package has: those that the schemas constrain, and the title."""

HEADER = (
    "| package | rules | rows | rsfm lint, s | MB | frictionless, s | times faster | bare DuckDB, s | times bare |",
    "| --- | --- | --: | --: | --: | --: | --: | --: | --: |",
)
HEAD = """# Benchmark

Whole processes on one machine in one run, in turn, the median of five (from 400,000 rows on one run of the slow peer,
beyond it none, and one run of the others); `make bench` measures again. The generated package has the columns of our
own papers and links that their schemas constrain: keys, a foreign key, unique, enum, pattern, dates, bounds.
`frictionless validate` checks the Table Schemas; bare DuckDB reads the files and runs those checks (but for the format
of URLs) as plain queries, which is the practical limit. Rules S are the same checks; rules F are the form of files and
cells, which the peers do not look at.

Python {python}, DuckDB {duckdb}, frictionless {peer}, {cores} cores.

"""


@dataclass(frozen=True)
class Measure:
    """The median wall time in seconds and the largest resident memory in MB of a process."""

    seconds: float
    megabytes: float


def schemas() -> dict[str, Any]:
    """Our own Table Schemas of the generated tables, with the columns and the foreign keys that those have."""
    found = {}
    for name, columns in COLUMNS.items():
        schema = json.loads((ROOT / f"schema/{name}.json").read_text(encoding="utf-8"))
        fields = {field["name"]: field for field in schema["fields"]}
        keys = [key for key in schema["foreignKeys"] if key["reference"]["resource"] in COLUMNS]
        found[name] = schema | {"fields": [fields[column] for column in columns], "foreignKeys": keys}
    return found


def generate(folder: Path, rows: int, names: tuple[str, str] = ("papers", "links")) -> None:
    """Write a valid package of ``rows`` rows: a quarter papers, three quarters links to them; seeded.

    Under other ``names`` than those of rsfm's own tables only the rules for any package speak of them.
    """
    source = random.Random(rows)
    papers = rows // 4
    words = ["remote", "sensing", "foundation", "model", "spectral", "vision", "language", "earth", "large", "mask"]
    tables = schemas()
    choices = {
        field["name"]: field["constraints"]["enum"]
        for schema in tables.values()
        for field in schema["fields"]
        if "enum" in field.get("constraints", {})
    }

    def pick(name: str) -> str:
        return str(source.choice(choices[name]))

    def day() -> str:
        return f"20{source.randrange(15, 26)}-{source.randrange(1, 13):02}-{source.randrange(1, 29):02}"

    def paper(number: int) -> list[str]:
        title = " ".join(source.choices(words, k=7)) + (", revisited" if number % 5 == 0 else "")
        first = day()
        arxiv = f"{2001 + number // 100_000:04}.{number % 100_000:05}" if number % 3 else ""
        doi = f"10.{1000 + number % 97}/work.{number}" if number % 2 else ""
        row = [f"p{number:08}-2024", title, first, pick("first_public_precision"), first[:4], arxiv, doi]
        row += [pick("category"), "TRUE", pick("code_status"), day() if number % 2 else "", pick("verification")]
        return row

    def link(number: int) -> list[str]:
        paper = f"p{number // 3:08}-2024"
        kind = choices["type"][number % 18]
        checked = [pick("status"), day()] if number % 4 else ["", ""]
        return [f"{paper}-{number % 3 + 1}", paper, kind, f"https://host{number % 97}.org/{paper}/{kind}", *checked]

    (folder / "data").mkdir(parents=True)
    (folder / "schema").mkdir()
    resources = []
    for name, (table, columns), row, count in zip(
        names, COLUMNS.items(), (paper, link), (papers, rows - papers), strict=True
    ):
        with (folder / f"data/{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows(map(row, range(count)))
        schema = tables[table]
        for key in schema["foreignKeys"]:
            key["reference"]["resource"] = names[0]
        (folder / f"schema/{name}.json").write_text(json.dumps(schema), encoding="utf-8")
        resources.append({"name": name, "path": f"data/{name}.csv", "schema": f"schema/{name}.json"})
    (folder / "datapackage.json").write_text(
        json.dumps({"name": "bench", "version": "1.0.0", "resources": resources}), encoding="utf-8"
    )


def bare_script(folder: Path) -> str:
    """A program that reads the generated package with DuckDB alone and runs the schemas' checks as plain queries."""
    lines = ["import duckdb", "c = duckdb.connect()"]
    queries = []
    for table, schema in schemas().items():
        file = str(folder / f"data/{table}.csv")
        reader = f"read_csv('{file}', all_varchar=true, header=true)"
        lines.append(f"c.execute({f'CREATE TABLE {table} AS SELECT * FROM {reader}'!r})")
        wrong = [condition for field in schema["fields"] for condition in bare_conditions(field)]
        queries += [f"SELECT * FROM {table} WHERE {condition}" for condition in wrong]
        unique = [
            *schema["primaryKey"],
            *(f["name"] for f in schema["fields"] if f.get("constraints", {}).get("unique")),
        ]
        queries += [f"SELECT {c} FROM {table} WHERE {c} IS NOT NULL GROUP BY 1 HAVING count(*) > 1" for c in unique]
        for key in schema["foreignKeys"]:
            columns = ", ".join(key["fields"])
            queries.append(f"SELECT * FROM {table} ANTI JOIN {key['reference']['resource']} USING ({columns})")
    lines += [f"assert not c.execute({query!r}).fetchall(), {query!r}" for query in queries]
    return "\n".join(lines)


def bare_conditions(field: dict[str, Any]) -> Iterator[str]:
    """What is true of the rows whose cell breaks one of the field's constraints."""
    name, constraints = field["name"], field.get("constraints", {})
    cast = {"date": "DATE", "integer": "BIGINT"}.get(field["type"])
    if constraints.get("required"):
        yield f"{name} IS NULL"
    if cast:
        yield f"{name} IS NOT NULL AND try_cast({name} AS {cast}) IS NULL"
    if field["type"] == "boolean":
        yield f"{name} NOT IN ('TRUE', 'FALSE')"
    if "enum" in constraints:
        yield f"{name} NOT IN ({', '.join(map(repr, constraints['enum']))})"
    if "pattern" in constraints:
        yield f"NOT regexp_full_match({name}, '{constraints['pattern']}')"
    for key, sign in (("minimum", "<"), ("maximum", ">")):
        if key in constraints:
            yield f"try_cast({name} AS {cast}) {sign} CAST('{constraints[key]}' AS {cast})"


def once(command: Sequence[str]) -> Measure:
    """Run a command; it must succeed."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=ROOT)
    errors = process.stderr.read() if process.stderr else b""
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{' '.join(command)}: {errors.decode(errors='replace')[-2000:]}")
    return Measure(time.perf_counter() - start, usage.ru_maxrss / 1024)


def measure(command: Sequence[str], runs: int) -> Measure:
    """Run a command several times."""
    return measure_in_turn({"": command}, {"": runs})[""]


def measure_in_turn(commands: Mapping[str, Sequence[str]], runs: Mapping[str, int]) -> dict[str, Measure]:
    """Run each command as often as said, one after the other in rounds, so that a busy machine is busy for all."""
    found: dict[str, list[Measure]] = {name: [] for name in commands}
    for number in range(max(runs.values())):
        for name, command in commands.items():
            if number < runs[name]:
                found[name].append(once(command))
    return {
        name: Measure(statistics.median(one.seconds for one in each), max(one.megabytes for one in each))
        for name, each in found.items()
        if each
    }


def rows_of(folder: Path) -> int:
    """How many rows the package's tables have, headers left out."""
    return sum(path.read_bytes().count(b"\n") - 1 for path in (folder / "data").glob("*.csv"))


def bench(folder: Path, rows: int, label: str, selections: Sequence[str]) -> Iterator[str]:
    """Lines of the table, one for each selection of rules, beside the peers."""
    python = sys.executable
    commands = {
        select: [python, "-m", "rsfm", "lint", str(folder), *(["--select", select] if select else [])]
        for select in selections
    }
    runs = dict.fromkeys(commands, RUNS if rows <= SLOW else 1)
    commands[PEER] = [str(Path(python).with_name(PEER)), "validate", str(folder / "datapackage.json")]
    runs[PEER] = RUNS if rows < SLOW else int(rows == SLOW)
    if "" not in selections:  # what bare DuckDB runs is written for the generated package
        commands[BARE] = [python, "-c", bare_script(folder)]
        runs[BARE] = RUNS if rows <= SLOW else 1
    found = measure_in_turn(commands, runs)
    peer, bare = found.get(PEER), found.get(BARE)
    for select in selections:
        ours = found[select]
        cells = [label, select or "all", f"{rows:,}", f"{ours.seconds:.2f}", f"{ours.megabytes:.0f}"]
        cells += [f"{peer.seconds:.2f}", f"{peer.seconds / ours.seconds:.1f}"] if peer else ["not run", ""]
        cells += [f"{bare.seconds:.2f}", f"{ours.seconds / bare.seconds:.2f}"] if bare else ["", ""]
        yield f"| {' | '.join(cells)} |"


def main(arguments: list[str]) -> int:
    """Return the exit code."""
    sizes = [4_000, 40_000, 400_000]
    if "--rows" in arguments:
        sizes = [int(size) for size in arguments[arguments.index("--rows") + 1].split(",")]
    lines: list[str] = []

    def show(new: Iterable[str]) -> None:
        for line in new:
            lines.append(line)
            print(line, flush=True)

    show(HEADER)
    show(bench(ROOT, rows_of(ROOT), "the real one", [""]))
    for size in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name) / "package"
            generate(folder, size)
            show(bench(folder, size, "generated", ["S", "F,S"]))
    if "--write" in arguments:
        head = HEAD.format(
            python=platform.python_version(),
            duckdb=version("duckdb"),
            peer=version("frictionless"),
            cores=os.cpu_count(),
        )
        (ROOT / "docs/benchmark.md").write_text(head + "\n".join(lines) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

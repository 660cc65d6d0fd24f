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
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RUNS = 3
SLOW = 400_000  # from here on one run of the slow peer is enough, beyond it none

BARE = """
import sys, duckdb
papers, links = sys.argv[1:]
c = duckdb.connect()
c.execute("CREATE TABLE papers AS SELECT * FROM read_csv(?, all_varchar=true, header=true)", [papers])
c.execute("CREATE TABLE links AS SELECT * FROM read_csv(?, all_varchar=true, header=true)", [links])
for query in (
    "SELECT paper_id FROM papers GROUP BY 1 HAVING count(*) > 1",
    "SELECT arxiv_id FROM papers WHERE arxiv_id IS NOT NULL GROUP BY 1 HAVING count(*) > 1",
    "SELECT * FROM papers WHERE paper_id IS NULL OR title IS NULL OR category IS NULL OR first_public IS NULL",
    "SELECT * FROM papers WHERE category NOT IN ('vision', 'vision-language', 'survey')",
    "SELECT * FROM papers WHERE NOT regexp_full_match(arxiv_id, '[0-9]{4}[.][0-9]{5}')",
    "SELECT * FROM papers WHERE NOT regexp_full_match(paper_id, '[a-z0-9]+(-[a-z0-9]+)*')",
    "SELECT * FROM papers WHERE first_public IS NOT NULL AND try_cast(first_public AS DATE) IS NULL",
    "SELECT link_id FROM links GROUP BY 1 HAVING count(*) > 1",
    "SELECT * FROM links WHERE link_id IS NULL OR paper_id IS NULL OR url IS NULL",
    "SELECT * FROM links WHERE type NOT IN ('paper', 'code', 'weights')",
    "SELECT * FROM links WHERE NOT regexp_full_match(url, 'https://[^ ]+')",
    "SELECT l.* FROM links AS l ANTI JOIN papers AS p USING (paper_id)",
):
    assert not c.execute(query).fetchall(), query
"""
HEADER = (
    "| package | rules | rows | rsfm lint, s | MB | frictionless, s | times faster | bare DuckDB, s | times bare |",
    "| --- | --- | --: | --: | --: | --: | --: | --: | --: |",
)
HEAD = """# Benchmark

Whole processes on one machine in one run, the median of three (from 400,000 rows on one run of the slow peer, beyond
it none); `make bench` measures again. `frictionless validate` checks the Table Schemas; bare DuckDB reads the files
and runs those checks as plain queries, which is the practical limit. Rules S are the same checks; rules F are the
form of files and cells, which the peers do not look at.

Python {python}, DuckDB {duckdb}, frictionless {peer}, {cores} cores.

"""


@dataclass(frozen=True)
class Measure:
    """The median wall time in seconds and the largest resident memory in MB of a process."""

    seconds: float
    megabytes: float


def generate(folder: Path, rows: int, names: tuple[str, str] = ("papers", "links")) -> None:
    """Write a valid package of ``rows`` rows: a quarter papers, three quarters links to them; seeded.

    Under other ``names`` than those of rsfm's own tables only the rules for any package speak of them.
    """
    source = random.Random(rows)
    papers = rows // 4
    words = ["remote", "sensing", "foundation", "model", "spectral", "vision", "language", "earth", "large", "mask"]
    (folder / "data").mkdir(parents=True)
    (folder / "schema").mkdir()
    paper_fields = [
        {"name": "paper_id", "type": "string", "constraints": {"required": True, "pattern": "[a-z0-9]+(-[a-z0-9]+)*"}},
        {"name": "title", "type": "string", "constraints": {"required": True}},
        {"name": "arxiv_id", "type": "string", "constraints": {"unique": True, "pattern": "[0-9]{4}[.][0-9]{5}"}},
        {"name": "first_public", "type": "date", "constraints": {"required": True}},
        {
            "name": "category",
            "type": "string",
            "constraints": {"required": True, "enum": ["vision", "vision-language", "survey"]},
        },
    ]
    link_fields = [
        {"name": "link_id", "type": "string", "constraints": {"required": True}},
        {"name": "paper_id", "type": "string", "constraints": {"required": True}},
        {"name": "type", "type": "string", "constraints": {"required": True, "enum": ["paper", "code", "weights"]}},
        {"name": "url", "type": "string", "constraints": {"required": True, "pattern": "https://[^ ]+"}},
    ]
    key = [{"fields": ["paper_id"], "reference": {"resource": names[0], "fields": ["paper_id"]}}]
    schemas = {
        names[0]: {"fields": paper_fields, "primaryKey": ["paper_id"]},
        names[1]: {"fields": link_fields, "primaryKey": ["link_id"], "foreignKeys": key},
    }
    with (folder / f"data/{names[0]}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([field["name"] for field in paper_fields])
        for number in range(papers):
            title = " ".join(source.choices(words, k=7)) + (", revisited" if number % 5 == 0 else "")
            arxiv = f"{2001 + number // 100_000:04}.{number % 100_000:05}" if number % 3 else ""
            day = f"20{source.randrange(15, 26)}-{source.randrange(1, 13):02}-{source.randrange(1, 29):02}"
            category = source.choice(["vision", "vision-language", "survey"])
            writer.writerow([f"p{number:08}-2024", title, arxiv, day, category])
    with (folder / f"data/{names[1]}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([field["name"] for field in link_fields])
        for number in range(rows - papers):
            paper = f"p{number // 3:08}-2024"
            kind = ("code", "paper", "weights")[number % 3]
            writer.writerow([f"{paper}-{kind}", paper, kind, f"https://host{number % 97}.org/{paper}/{kind}"])
    resources = []
    for name, schema in schemas.items():
        (folder / f"schema/{name}.json").write_text(json.dumps(schema), encoding="utf-8")
        resources.append({"name": name, "path": f"data/{name}.csv", "schema": f"schema/{name}.json"})
    (folder / "datapackage.json").write_text(
        json.dumps({"name": "bench", "version": "1.0.0", "resources": resources}), encoding="utf-8"
    )


def measure(command: Sequence[str], runs: int) -> Measure:
    """Run a command several times; it must succeed."""
    seconds, peaks = [], []
    for _ in range(runs):
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=ROOT)
        errors = process.stderr.read() if process.stderr else b""
        _, status, usage = os.wait4(process.pid, 0)
        seconds.append(time.perf_counter() - start)
        peaks.append(usage.ru_maxrss / 1024)
        if status:
            sys.exit(f"{' '.join(command)}: {errors.decode(errors='replace')[-2000:]}")
    return Measure(statistics.median(seconds), max(peaks))


def rows_of(folder: Path) -> int:
    """How many rows the package's tables have, headers left out."""
    return sum(path.read_bytes().count(b"\n") - 1 for path in (folder / "data").glob("*.csv"))


def bench(folder: Path, rows: int, label: str, selections: Sequence[str]) -> Iterator[str]:
    """Lines of the table, one for each selection of rules; the peers are measured once, beside the first."""
    python = sys.executable
    runs = RUNS if rows <= SLOW else 1
    peer = bare = None
    for select in selections:
        command = [python, "-m", "rsfm", "lint", str(folder), *(["--select", select] if select else [])]
        ours = measure(command, runs)
        if peer is None and rows <= SLOW:
            validate = [str(Path(python).with_name("frictionless")), "validate", str(folder / "datapackage.json")]
            peer = measure(validate, RUNS if rows < SLOW else 1)
        if bare is None and select:
            files = [str(folder / f"data/{name}.csv") for name in ("papers", "links")]
            bare = measure([python, "-c", BARE, *files], runs)
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

"""Measure releases, as whole processes in one run: beside DuckDB's own COPY; and how each format weighs and loads.

usage: bench_release.py [--rows N,N,...] [--write]

By default 400000 and 4000000 rows; --write renews docs/benchmark-release.md.
"""

from __future__ import annotations

import gzip
import os
import platform
import sys
import tempfile
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path

from bench import ROOT, RUNS, SLOW, generate, measure, rows_of

COPY = """
import sys, duckdb
folder, out = sys.argv[1:]
c = duckdb.connect()
types = {
    "works": {"first_public": "DATE", "code_status_date": "DATE", "year": "BIGINT", "is_remote_sensing": "BOOLEAN"},
    "addresses": {"checked": "DATE"},
}
for table, casts in types.items():
    columns = "* REPLACE (" + ", ".join(f"CAST({name} AS {kind}) AS {name}" for name, kind in casts.items()) + ")"
    source = f"read_csv('{folder}/data/{table}.csv', all_varchar=true, header=true)"
    c.execute(f"CREATE TABLE {table} AS SELECT * FROM {source}")
    c.execute(f"COPY (SELECT {columns} FROM {table}) TO '{out}/{table}.csv' (HEADER)")
    c.execute(f"COPY (SELECT {columns} FROM {table}) TO '{out}/{table}.parquet' (FORMAT parquet, COMPRESSION snappy)")
"""
LOADS = {
    "csv": "[pandas.read_csv(path) for path in files('csv/*.csv')]",
    "parquet": "[pandas.read_parquet(path) for path in files('parquet/*.parquet')]",
    "jsonl": "[pandas.read_json(path, lines=True) for path in files('jsonl/*.jsonl')]",
    "sqlite": "[pandas.read_sql(f'SELECT * FROM {name}', database) for name in rsfm.tables(folder)]",
    "xlsx": "[pandas.read_excel(path, sheet_name=None) for path in files('*.xlsx')]",
    "rsfm.load": "[rsfm.load(name, folder) for name in rsfm.tables(folder)]",
}
LOAD = """
import sys, pathlib, sqlite3, pandas, rsfm
folder = pathlib.Path(sys.argv[1])
files = lambda pattern: sorted(folder.glob(pattern))
database = sqlite3.connect(next(folder.glob('*.sqlite')))
"""
HEAD = """# Benchmark of the release

Whole processes on one machine in one run; `make bench` measures again. A release to CSV and Parquet lints the package,
writes both formats, reads both back and compares every cell, and hashes each file; DuckDB's COPY only reads and writes.
"Beside COPY" is COPY's time over that of the release; "without lint" leaves the time of `rsfm lint` out.

Python {python}, DuckDB {duckdb}, pandas {pandas}, {cores} cores.

"""


def releases(sizes: Iterable[int]) -> Iterator[str]:
    """Lines of the first table: the real package in every format, generated ones in two."""
    yield "| package | formats | rows | release, s | MB | lint alone, s | DuckDB COPY, s | beside COPY | without lint |"
    yield "| --- | --- | --: | --: | --: | --: | --: | --: | --: |"
    with tempfile.TemporaryDirectory() as name:
        ours = measure([sys.executable, "-m", "rsfm", "release", str(ROOT), "--out", f"{name}/out"], RUNS)
        yield f"| the real one | all | {rows_of(ROOT):,} | {ours.seconds:.1f} | {ours.megabytes:.0f} | | | | |"
    for size in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder, out = Path(name) / "package", Path(name) / "copy"
            generate(folder, size, ("works", "addresses"))
            out.mkdir()
            runs = RUNS if size <= SLOW else 1
            command = [sys.executable, "-m", "rsfm", "release", str(folder), "--out", f"{name}/out"]
            ours = measure([*command, "--formats", "parquet"], runs)
            peer = measure([sys.executable, "-c", COPY, str(folder), str(out)], runs)
            lint = measure([sys.executable, "-m", "rsfm", "lint", str(folder)], runs)
            cells = [f"{size:,}", f"{ours.seconds:.1f}", f"{ours.megabytes:.0f}", f"{lint.seconds:.1f}"]
            ratios = [peer.seconds / ours.seconds, peer.seconds / (ours.seconds - lint.seconds)]
            cells += [f"{peer.seconds:.1f}", *(f"{ratio:.2f}" for ratio in ratios)]
            yield f"| generated | csv, parquet | {' | '.join(cells)} |"


def formats() -> Iterator[str]:
    """Lines of the second table: what each format of the real package weighs, and how long pandas takes to load it."""
    yield "| format | kB | all tables in pandas, s |"
    yield "| --- | --: | --: |"
    with tempfile.TemporaryDirectory() as name:
        out = Path(name) / "out"
        measure([sys.executable, "-m", "rsfm", "release", str(ROOT), "--out", str(out)], 1)
        start = measure([sys.executable, "-c", LOAD, str(out)], RUNS).seconds
        for form, code in LOADS.items():
            seconds = measure([sys.executable, "-c", LOAD + code, str(out)], RUNS).seconds - start
            paths = [path for path in out.rglob("*") if path.suffix == f".{form}"]
            size = f"{sum(path.stat().st_size for path in paths) / 1000:,.0f}" if paths else ""
            yield f"| {form} | {size} | {max(seconds, 0):.2f} |"
        packed = sum(len(gzip.compress(path.read_bytes(), mtime=0)) for path in out.glob("csv/*.csv"))
        yield f"| csv, gzip | {packed / 1000:,.0f} | |"


def main(arguments: list[str]) -> int:
    """Return the exit code."""
    sizes = [400_000, 4_000_000]
    if "--rows" in arguments:
        sizes = [int(size) for size in arguments[arguments.index("--rows") + 1].split(",")]
    lines: list[str] = []
    for part in (releases(sizes), [""], formats()):
        for line in part:
            lines.append(line)
            print(line, flush=True)
    if "--write" in arguments:
        versions = {name: version(name) for name in ("duckdb", "pandas")}
        head = HEAD.format(python=platform.python_version(), cores=os.cpu_count(), **versions)
        (ROOT / "docs/benchmark-release.md").write_text(head + "\n".join(lines) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

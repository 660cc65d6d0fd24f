"""Faults of every kind put into the real data, each of them found by its rule at its file, line and field."""

from __future__ import annotations

import csv
import random
import re
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from rsfm import csvfile, linter
from rsfm.opening import open_package

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = open_package(ROOT)
ROUNDS = 40  # corrupted packages; each gets faults of every kind, in rows of their own: over 1,000 in all


@dataclass(frozen=True)
class Fault:
    """A change to one cell that breaks a rule: which cells it can change, and what it makes of one."""

    code: str
    table: str
    field: str
    change: Callable[[str, random.Random], str]
    fits: Callable[[dict[str, str]], bool] = lambda row: True


def rows_of(table: str) -> list[dict[str, str]]:
    with (ROOT / f"data/{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def text_fields() -> list[tuple[str, str]]:
    """Free text columns, where any text is of the right type."""
    return [
        (table.name, field.name)
        for table in PACKAGE.tables
        for field in table.fields
        if field.type == "string" and not field.constraints and not field.vocabulary
    ]


def insert(cell: str, text: str, source: random.Random) -> str:
    """The cell with a text put between two of its Latin letters; as it was where it has none."""
    places = [match.end() for match in re.finditer("[A-Za-z](?=[A-Za-z])", cell)]
    at = source.choice(places) if places else 0
    return cell[:at] + text + cell[at:] if places else cell


CELL_FAULTS: dict[str, Callable[[str, random.Random], str]] = {
    "F014": lambda cell, source: source.choice([" " + cell, cell + " ", cell + "\u3000", "\u00a0" + cell]),
    "F015": lambda cell, source: insert(cell, source.choice(["  ", "\t", "\u00a0"]), source),
    "F016": lambda cell, source: insert(cell, "\n", source),
    "F017": lambda cell, source: insert(cell, source.choice(["\u200b", "\u202e", "\ufeff", "\x07", "\u00ad"]), source),
    "F018": lambda cell, source: insert(cell, source.choice(["e\u0301", "o\u0308", "A\u030a"]), source),
    "F019": lambda cell, source: source.choice(["NA", "N/A", "null", "None", "nan", "NULL"]),
    "F020": lambda cell, source: source.choice("=+@-") + "cell" + cell,
    "F023": lambda cell, source: insert(cell, source.choice("\u0430\u0435\u043e\u0421\u0395"), source),
    "F024": lambda cell, source: insert(cell, source.choice(["Ã©", "â€“", "\ufffd"]), source),
}


def cell_faults(source: random.Random) -> list[Fault]:
    found = []
    for code, change in CELL_FAULTS.items():
        for table, field in source.sample(text_fields(), 8):
            found.append(Fault(code, table, field, change, lambda row, name=field: len(row[name]) > 2))  # type: ignore[misc]
    return found


def schema_faults() -> list[Fault]:
    """From the schemas: every column with a type, a constraint or a key gets values that break it."""
    wrong = {"date": "2024-02-30", "integer": "1.5", "number": "one", "boolean": "yes"}
    found = []
    for table in PACKAGE.tables:
        for field in table.fields:
            known = field.constraints
            if field.type in wrong:
                found.append(Fault("S001", table.name, field.name, lambda _, __, text=wrong[field.type]: text))  # type: ignore[misc]
            if known.get("required"):
                found.append(Fault("S002", table.name, field.name, lambda *_: ""))
            if "enum" in known:
                found.append(Fault("S006", table.name, field.name, lambda *_: "no-such-value"))
            if "pattern" in known and field.type == "string":
                found.append(Fault("S007", table.name, field.name, lambda *_: "|"))
            if "minimum" in known and field.type == "integer":
                found.append(Fault("S009", table.name, field.name, lambda *_: "-1"))
            if field.vocabulary and "enum" not in known:
                found.append(Fault("S010", table.name, field.name, lambda *_: "no-such-term"))
            if field.delimiter:
                found.append(
                    Fault("S011", table.name, field.name, lambda cell, _: f"{cell}|{cell}", filled(field.name))
                )
        for key in table.foreign_keys:
            found.append(Fault("S005", table.name, key.fields[0], lambda *_: "no-such-row", filled(key.fields[0])))
    return found


def filled(name: str) -> Callable[[dict[str, str]], bool]:
    return lambda row: bool(row[name])


def lists_a_title(row: dict[str, str]) -> bool:
    """Whether the listing is of a paper and stays longer than a name once a word is put after it."""
    return row["table"] == "papers" and row["title"].count(" ") >= 2


def subject_faults() -> list[Fault]:
    """Faults that real lists hold, in the columns that the subject's rules speak of."""

    def plain_url(row: dict[str, str]) -> bool:
        return row["url"].startswith("https://arxiv.org/abs/")

    downloads = {row["dataset_id"] for row in rows_of("links") if row["type"] == "dataset-download"}
    return [
        Fault("I001", "papers", "first_public", lambda *_: "2026-06-01", lambda row: "" < row["arxiv_id"] < "2606"),
        Fault("I002", "papers", "doi", lambda cell, _: cell.replace("10.1109", "10.1016"), filled("doi")),
        Fault("I003", "papers", "paper_id", lambda cell, _: cell[:-4] + "2019"),
        Fault("I005", "papers", "arxiv_id", lambda cell, _: f"arXiv:{cell}v2", filled("arxiv_id")),
        Fault("I006", "papers", "doi", lambda cell, _: f"https://doi.org/{cell.upper()}", filled("doi")),
        Fault("I007", "papers", "arxiv_id", lambda *_: "2413.00000"),
        Fault("I009", "papers", "short_name", lambda *_: "Another Name"),
        Fault("L001", "links", "url", lambda cell, _: cell.replace("https://", "http://") + "v3", plain_url),
        Fault("L001", "links", "url", lambda cell, _: cell + "/", lambda row: "github.com" in row["url"]),
        Fault("L001", "links", "url", lambda cell, _: cell.replace("/abs/", "/pdf/"), plain_url),
        Fault("L002", "links", "paper_id", lambda *_: "", filled("paper_id")),
        Fault("L004", "links", "type", lambda *_: "weights-official", plain_url),
        Fault("L005", "links", "url", lambda *_: "https://arxiv.org/abs/2101.01234", plain_url),
        Fault("L006", "links", "status", lambda *_: "live"),
        Fault("L007", "links", "url", lambda *_: "https://github.com/username/repo"),
        Fault("L008", "links", "url", lambda *_: "https://github.com/somebody/awesome-things"),
        Fault(
            "L009",
            "links",
            "url",
            lambda cell, _: cell + "/tree/main",
            lambda row: row["type"] == "repository-official" and "github.com" in row["url"],
        ),
        Fault("L010", "links", "link_id", lambda *_: "a-link-1"),
        Fault("P001", "papers", "year", lambda *_: "2014"),
        Fault("P002", "papers", "venue_id", lambda *_: "arxiv", filled("doi")),
        Fault(
            "P022",
            "papers",
            "year",
            lambda cell, _: str(int(cell) + 1),
            lambda row: row["venue_id"] in {"eccv", "iccv"},
        ),
        Fault("P004", "papers", "title", lambda cell, _: cell + "论文"),
        Fault("P004", "papers", "title", lambda cell, _: cell + " [code]"),
        Fault("P005", "papers", "title", lambda cell, _: cell.replace(": ", ":"), lambda row: ": " in row["title"]),
        Fault("P007", "papers", "category", lambda *_: "vision", lambda row: "text" in row["modalities"]),
        Fault("P008", "papers", "code_status", lambda *_: "none-found", lambda row: row["code_status"] == "released"),
        Fault("P009", "papers", "code_status_date", lambda *_: "", lambda row: row["code_status"] == "released"),
        Fault("P010", "papers", "summary_zh", lambda *_: ""),
        Fault("P011", "papers", "summary_zh", lambda *_: "This summary is in English, which it should not be."),
        Fault("P012", "papers", "authors", lambda cell, _: cell.split("|")[0] + "|et al."),
        Fault(
            "P013",
            "papers",
            "first_public_precision",
            lambda *_: "year",
            lambda row: not row["first_public"].endswith("-01-01"),
        ),
        Fault("P014", "papers", "title", lambda cell, _: f"<i>{cell}</i>"),
        Fault("P018", "papers", "authors", lambda cell, _: f"{cell}|{cell.split('|')[0].upper()}"),
        Fault("P019", "papers", "summary_en", lambda *_: "A model."),
        Fault(
            "P021",
            "papers",
            "summary_en",
            lambda *_: "GeoChat is a grounded large vision-language model for remote sensing, as the title has it.",
            lambda row: row["paper_id"] == "geochat-2023",
        ),
        Fault("M001", "models", "parameters_encoder", lambda *_: "9" * 15, filled("parameters_total")),
        Fault("M002", "models", "parameters_total", lambda *_: "7000"),
        Fault("M003", "models", "parameters_basis", lambda *_: "stated", lambda row: not row["parameters_total"]),
        Fault("M004", "models", "pretraining_size_unit", lambda *_: "", filled("pretraining_size")),
        Fault("M004", "datasets", "sample_unit", lambda *_: "", filled("sample_count")),
        Fault("M005", "models", "gsd_max", lambda *_: "0.0001", filled("gsd_min")),
        Fault("M006", "models", "code_license", lambda *_: "apache 2"),
        Fault("M007", "models", "weights_access", lambda *_: "closed", lambda row: row["weights_access"] == "open"),
        Fault("M010", "models", "modalities", lambda *_: "sar", lambda row: row["kind"] == "vision-language"),
        Fault("D001", "datasets", "access", lambda *_: "closed", lambda row: row["dataset_id"] in downloads),
        Fault("D003", "datasets", "year", lambda *_: "2001", filled("paper_id")),
        Fault("E010", "papers", "verification", lambda cell, _: "lists" if cell == "primary" else "primary"),
        Fault("E002", "evidence", "field", lambda *_: "no_such_field"),
        Fault("E004", "corrections", "stated", lambda *_: "2024", lambda row: row["published"] == "2024"),
        Fault("E005", "corrections", "published", lambda *_: "wrong", lambda row: row["field"] not in {"link", "note"}),
        Fault("E006", "sources", "accessed", lambda *_: "2999-01-01"),
        Fault("E007", "listings", "id", lambda *_: ""),
        Fault("E008", "listings", "title", lambda cell, _: cell + " again", lists_a_title),
        Fault("K012", "evidence", "id", lambda *_: "no-such-row"),
    ]


PLACES = {  # where a rule speaks of another column than the one that was changed
    "I001": "first_public",
    "I009": "paper_id",
    "L006": "checked",
    "P013": "first_public",
    "E004": "published",
    "E007": "decision",
    "M003": "parameters_basis",
}


def corrupted(folder: Path, faults: list[Fault], source: random.Random) -> list[tuple[str, str, int, str]]:
    """Put the faults into the tables of a copy, each in a row of its own; where each must be found."""
    tables = {table.name: rows_of(table.name) for table in PACKAGE.tables}
    taken: set[tuple[str, int]] = set()
    placed = []
    for fault in faults:
        rows = tables[fault.table]
        free = [n for n, row in enumerate(rows) if (fault.table, n) not in taken and fault.fits(row)]
        if not free:
            continue
        number = source.choice(free)
        before = rows[number][fault.field]
        after = fault.change(before, source)
        if after == before:
            continue
        taken.add((fault.table, number))
        rows[number][fault.field] = after
        placed.append((fault, number))
    expected = []
    for table in PACKAGE.tables:
        header = [field.name for field in table.fields]
        line, lines = 2, []
        for row in tables[table.name]:
            lines.append(line)
            line += 1 + sum(cell.count("\n") for cell in row.values())
        text = csvfile.canonical(header, [[row[name] for name in header] for row in tables[table.name]])
        (folder / table.path).write_text(text, encoding="utf-8", newline="")
        for fault, number in placed:
            if fault.table == table.name:
                expected.append((fault.code, table.path, lines[number], PLACES.get(fault.code, fault.field)))
    return expected


REFERENCE = {"venues", "vocabulary"}
"""Tables that rules look things up in; a fault there hides others, so it goes into packages of its own."""

SUBJECTS = {"papers", "models", "datasets"}
"""Tables that the others speak of, likewise."""

GROUPS: tuple[Callable[[random.Random], list[Fault]], ...] = (
    lambda source: [*cell_faults(source), *(fault for fault in schema_faults() if fault.table not in REFERENCE)],
    lambda source: [fault for fault in schema_faults() if fault.table in REFERENCE],
    lambda _: [fault for fault in subject_faults() if fault.table in SUBJECTS],
    lambda _: [fault for fault in subject_faults() if fault.table not in SUBJECTS],
)

SCORE: Counter[str] = Counter()


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_faults_are_found_at_their_place(seed: int, tmp_path: Path) -> None:
    source = random.Random(seed)
    for name in ("data", "schema"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "datapackage.json", tmp_path)
    faults = GROUPS[seed % len(GROUPS)](source)
    source.shuffle(faults)
    expected = corrupted(tmp_path, faults, source)
    found = {(item.code, item.path, item.line, item.field) for item in linter.lint(tmp_path)}
    missed = [place for place in expected if place not in found]
    assert not missed
    SCORE.update(code for code, *_ in expected)


def test_over_a_thousand_faults_of_many_rules_were_put_in() -> None:
    assert SCORE, "runs behind the test above"
    print(f"{sum(SCORE.values())} faults of {len(SCORE)} rules, all found:", dict(sorted(SCORE.items())))
    assert sum(SCORE.values()) > 1000
    assert len(SCORE) >= 60


WHOLE_FILES: dict[str, Callable[[bytes], bytes]] = {
    "F001": lambda data: data.replace(b"\n", b"\xff\n", 3),
    "F002": lambda data: b"",
    "F003": lambda data: b"\xef\xbb\xbf" + data,
    "F004": lambda data: data.replace(b"\n", b"\r\n"),
    "F005": lambda data: data[:-1],
    "F006": lambda data: data.replace(b"a", b"\0", 1),
    "F007": lambda data: data[:-1] + b',"\n',
    "F008": lambda data: data[:-1] + b",more\n",
    "F009": lambda data: data.replace(b"\n", b"\n\n", 1),
    "F010": lambda data: b"," + data.split(b",", 1)[1],
    "F011": lambda data: data.split(b",", 1)[0] + b"," + data.split(b",", 1)[0] + b"," + data.split(b",", 2)[2],
    "F012": lambda data: b'"' + data.replace(b",", b'",', 1),
    "F013": lambda data: data.replace(b"\n", b"\n" + b"x" * 100_001, 1),
    "F021": lambda data: b"x" + data,
    "F022": lambda data: b"".join(data.splitlines(keepends=True)[i] for i in (0, 2, 1)) + data.split(b"\n", 3)[3],
}


@pytest.mark.parametrize("code", WHOLE_FILES)
@pytest.mark.parametrize("table", ["papers", "models", "links", "evidence"])
def test_faults_of_whole_files_are_found(code: str, table: str, tmp_path: Path) -> None:
    for name in ("data", "schema"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "datapackage.json", tmp_path)
    path = tmp_path / f"data/{table}.csv"
    path.write_bytes(WHOLE_FILES[code](path.read_bytes()))
    assert code in {item.code for item in linter.lint(tmp_path) if item.path == f"data/{table}.csv"}

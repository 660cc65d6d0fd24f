"""Cells that stand at the edge of a rule: which it finds, which it leaves alone, what it makes of them."""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from rsfm import csvfile, linter
from rsfm.examples import write_example
from rsfm.licenses import canonical_license, unknown_license
from rsfm.rules import Example, Rule, all_rules
from rsfm.rules.form import NORMAL
from rsfm.rules.links import canonical_url
from rsfm.rules.schema import in_re2
from rsfm.sql import literal

RULES = {rule.code: rule for rule in all_rules()}


def lines(code: str, files: Mapping[str, Sequence[Sequence[str]]], folder: Path, **more: Any) -> list[tuple[str, int]]:
    texts = {name: csvfile.canonical(rows[0], rows[1:]) for name, rows in files.items()}
    write_example(Example(texts, **more), folder)
    return [(Path(item.path).stem, item.line) for item in linter.lint(folder, [RULES[code]])]


# One column; each cell a row of its own: those that the rule finds, those that it does not

CELLS = [
    ("I005", "papers", "arxiv_id", ["https://arxiv.org/abs/2207.08051", "http://www.arxiv.org/pdf/2207.08051v3.pdf",
     "arxiv.org/html/2207.08051", "arXiv: 2207.08051", "2207.08051v12", "2207.0805v1"],
     ["2207.08051", "cs/0112017", "see arXiv:2207.08051", "arXiv:2207.08051 x", "arXiv:2207.080", "arXiv:2207.080512"]),
    ("I006", "papers", "doi", ["http://dx.doi.org/10.1109/x", "https://doi.org/10.1109/x", "doi:10.1109/x",
     "DOI: 10.1109/x", "10.1109/X", "10.123456789/X"],
     ["10.1109/x", "see doi:10.1109/X", "10.1109/X y", "10.123/X", "10.1234567890/X"]),
    ("I007", "papers", "arxiv_id", ["2400.12346", "2413.12346", "2419.12346", "2420.12346", "2499.12346", "2401.00000",
     "1234.56789", "2401.12345", "2401.23456", "2401.54321", "2401.99999", "2401.xxxxx"],
     ["2401.10000", "2412.12346", "2410.12346", "2401.123451", "2401.00123", "2412.01234", "2401.7", "2401."]),
    ("I007", "papers", "doi", ["10.1234/a", "10.12345/a", "10.0000/a", "10.9999/a", "10.5555/a", "10.XXXX/a", "10.1109/x",
     "10.1109/000", "10.1109/123456", "10.1109/1234567", "10.1109/12345678", "10.1109/123456789", "10.1109/TBD",
     "10.1109/todo", "10.1109/abcxxxxd"],
     ["10.1109/tgrs.2022.1", "10.1109/tbd.2020.1", "10.1109/xa", "10.12346/a", "10.1109/10.1234/a", "10.1109/",
      "10.1109/axxxb"]),
    ("L007", "links", "url", ["https://github.com", "https://www.github.com/", "https://github.com/a",
     "https://huggingface.co/a", "http://arxiv.org/list", "https://doi.org/", "https://github.com/username/x",
     "https://github.com/user/x", "https://github.com/your-name/x", "https://github.com/yourname/x",
     "https://github.com/xxx/x", "https://github.com/xxxx/x", "https://github.com/anonymous/x", "http://localhost/x",
     "http://127.0.0.1/x", "http://10.0.0.1/x", "http://192.168.0.1/x", "http://0.0.0.0/x", "http://[::1]/x",
     "https://google.com/search?q=x", "https://www.google.de/search?q=x", "https://scholar.google.com/scholar?q=x",
     "https://example.org", "https://www.example.net/x", "https://printer.local/x"],
     ["https://github.com/a/b", "https://huggingface.co/a/b", "https://github.com/xx/b", "https://github.com/users/b",
      "https://web.archive.org/web/1/https://github.com/user/x", "https://web.archive.org/web/http://localhost/x",
      "https://example.organic/x", "https://e.org/https://google.com/search", "https://e.org/https://github.com",
      "https://googleXcom/search", "https://e.org/example.org", "https://127a.org/x", "https://scholar.google.com/citations"]),
    ("L008", "links", "url", ["https://github.com/a/awesome-x", "https://gitlab.com/a/Awesome-x", "https://gitee.com/a/x-awesome"],
     ["https://e.org/https://github.com/a/awesome-x", "https://github.com/awesome/x", "https://e.org/awesome-x",
      "https://github.com/a/b/awesome-x", "https://github.com//awesome-x"]),
    ("P004", "papers", "title", ["A 论文", "A (Paper) b", "A [code] b", "A (pdf) b", "A [arXiv] b", "A (GitHub) b", "A.", "A…",
     "A,", "A;", "A:", "A-"], ["遥感", "A", "A code b", "A. B", "A (papers)", "A-b", "A, b"]),
    ("P012", "papers", "authors", ["Sun Xian", "Sun, X, Y", "Sun, Xian et al", "Sun, others", "Sun, X2", "Sun, a@b", "Sun,Xian",
     "Sun, Xian, Sr."], ["Sun, Xian", "Sun, Xian, Jr.", "Sun, Xian, III", "Sun, Xian|Fu, Kun"]),
    ("P014", "papers", "title", ["A &amp; b", "A &#8211; b", "A &#x2f; b", "A <i>b", "A b</sub>", r"A \alpha", r"A \"u", "A {b",
     "A b}", "A $x$", "A **b**", "A __b", "A `b", "A <br/> b"],
     ["A & b; c", "A < b > c", "A $5", "A * b", "A_b", "A &; b", "A <> b", "A \\", "A \\ b"]),
    ("F020", "things", "name", ["=1", "+1", "@a", "-a", "-("], ["-1", "- a", "-.5", "a=1", "1-a"]),
    ("F023", "things", "name", ["A\u0430", "a\u0430", "\u0430A", "\u0430a", "Z\u0435", "z\u03bf"], ["\u0430", "1\u0430", "\u0430\u0431"]),
    ("F019", "things", "name", ["NA", "N/A", "n/a", "#N/A", "NaN", "nan", "-nan", "-NaN", "null", "NULL", "None", "<NA>",
     "1.#IND", "NIL"], ["Nana", "nil", "na", "a NA", "NA a"]),
    ("F024", "things", "name", ["Ã©", "â€“", "â„¢", "Å“", "Ã€", "Ã‚", "Ãƒ", "Ã“", "Ã”", "Ã„", "Ã–", "Ã‘", "Ã’", "Ã•", "Ãœ", "Ã™", "\ufffd", "锟斤拷", "Æ’"], ["é", "â", "Ã ", "â€ x", "São Paulo", "é\u2019s", "naïve\u2014"]),
    ("F025", "things", "name", ["a！", "a～", "a、", "a。"], ["\uff5fa", "a\uff00", "あ！", "中！", "한！", "ア！"]),
]  # fmt: skip


@pytest.mark.parametrize(("code", "table", "field", "found", "left"), CELLS, ids=lambda item: str(item)[:20])
def test_cells(code: str, table: str, field: str, found: list[str], left: list[str], tmp_path: Path) -> None:
    columns = list(dict.fromkeys(
        [*({"things": ["id"]}.get(table, [])), field, *(n.split(".")[1] for n in RULES[code].needs if n.startswith(table + "."))]
    ))  # fmt: skip
    rows = [[cell if name == field else "x" if name == "id" else "" for name in columns] for cell in (*found, *left)]
    if code == "L008":
        rows = [[cell or "demo" for cell in row] for row in rows]
    seen = lines(code, {table: [columns, *rows]}, tmp_path)
    cells = dict(enumerate((*found, *left), start=2))
    assert list(dict.fromkeys(cells[line] for _, line in seen)) == found


# One column; what the fix makes of a cell (the same: it is clean)

FIXES = [
    ("I005", "papers", "arxiv_id", {"https://arxiv.org/pdf/2207.08051v3.pdf": "2207.08051", "arXiv:2207.08051": "2207.08051"}),
    ("I006", "papers", "doi", {"http://dx.doi.org/10.1109/X": "10.1109/x", "doi: 10.1109/x": "10.1109/x"}),
    ("P005", "papers", "title", {"A : b": "A: b", "A  :b": "A: b", "A)b:C:d": "A)b: C: d", "(A):b": "(A): b", "3:b": "3: b",
     "A:1": "A:1", "a:b:c d:e": "a: b: c d: e"}),
    ("F015", "things", "name", {"a \t b": "a b", "a\tb": "a b", "a\u00a0b": "a b", "a  b   c": "a b c"}),
    ("F016", "things", "name", {"a \n\t b": "a b", "a\r\nb\nc": "a b c"}),
    ("F014", "things", "name", {"\u00a0a\u3000": "a", "\u3000 a": "a", "a \u00a0": "a"}),
    ("F024", "things", "name", {"Ã©": "é", "Ã\x80": "À", "Ã\x8d": "Í", "â„¢ Å“": "™ œ", "â€“x": "–x", "xÃ©yÃ©": "xéyé"}),
    ("F025", "things", "name", {"a！～": "a!~", "a、b。": "a,b."}),
    ("S011", "papers", "authors", {"b | a": "b|a", "b| |a": "b|a", "b||a": "b|a"}),
    ("S011", "papers", "modalities", {"text|sar": "sar|text", "sar|text": "sar|text"}),
]  # fmt: skip


@pytest.mark.parametrize(("code", "table", "field", "fixes"), FIXES, ids=lambda item: str(item)[:20])
def test_fixes(code: str, table: str, field: str, fixes: dict[str, str], tmp_path: Path) -> None:
    rows = (
        [["k", field], *([f"{n:02}", cell] for n, cell in enumerate(fixes))]
        if table == "things"
        else [[field], *([c] for c in fixes)]
    )
    write_example(Example({table: csvfile.canonical(rows[0], rows[1:])}), tmp_path)
    linter.fix(tmp_path, [RULES[code]])
    parsed = csvfile.read(tmp_path / f"data/{table}.csv", "", ",")
    assert [cells[-1] for _, cells in parsed.rows] == list(fixes.values())


# Addresses

URLS = {
    "http://www.arxiv.org/pdf/2410.22629v2": "https://arxiv.org/abs/2410.22629",
    "https://export.arxiv.org/abs/2410.22629": "https://arxiv.org/abs/2410.22629",
    "https://arxiv.org/html/2410.22629v1/": "https://arxiv.org/abs/2410.22629",
    "https://arxiv.org/pdf/2410.2262.pdf": "https://arxiv.org/abs/2410.2262",
    "https://arxiv.org/pdf/2410.226291": "https://arxiv.org/pdf/2410.226291",
    "https://arxiv.org/abs/cs/0112017": "https://arxiv.org/abs/cs/0112017",
    "https://dx.doi.org/10.1109/TGRS": "https://doi.org/10.1109/tgrs",
    "https://www.github.com/A/b.git": "https://github.com/A/b",
    "https://github.com/A/b.git/": "https://github.com/A/b",
    "https://github.com/A/b#readme": "https://github.com/A/b",
    "https://github.com/A/b#usage": "https://github.com/A/b#usage",
    "https://e.org/b.git": "https://e.org/b.git",
    "https://e.org/x#readme": "https://e.org/x#readme",
    "https://www.huggingface.co/A": "https://huggingface.co/A",
    "https://www.e.org/A": "https://www.e.org/A",
    "https://a.www.github.com/A": "https://a.www.github.com/A",
    "https://ieeexplore.ieee.org/abstract/document/1": "https://ieeexplore.ieee.org/document/1",
    "https://e.org/abstract/document/1": "https://e.org/abstract/document/1",
    "HTTP://E.org/x/": "https://e.org/x",
    "ftp://e.org/x": "ftp://e.org/x",
    "http://localhost/x": "http://localhost/x",
    "https://e.org/x#:~:text=a": "https://e.org/x",
    "https://e.org/x?b=%20&a": "https://e.org/x?b=%20&a",
    "https://e.org/x?a=&utm_source=y": "https://e.org/x?a=",
} | {f"https://e.org/x?a=1&{key}=y": "https://e.org/x?a=1" for key in
     ("utm_source", "fbclid", "gclid", "spm", "usp", "ref_src", "source", "tab")} | {
    f"https://e.org/x?{key}=y": f"https://e.org/x?{key}=y" for key in ("utm_", "spms", "table", "resource")}  # fmt: skip


@pytest.mark.parametrize("url", URLS)
def test_canonical_url(url: str) -> None:
    assert canonical_url(url) == URLS[url]


# Several columns or tables: the rows that are found

A = ["paper_id", "first_public"]
ROWS: list[tuple[str, dict[str, list[list[str]]], list[tuple[str, int]]]] = [
    ("I001", {"papers": [["first_public", "arxiv_id"], ["2022-08-01", "2207.08051"], ["2022-07-31", "2207.08051"]]}, [("papers", 2)]),
    ("I003", {"papers": [A, ["a-2024-b2", "2024-01-01"], ["a-2023-b", "2024-01-01"], ["a-2024", "2023-01-01"]]}, [("papers", 3), ("papers", 4)]),
    ("L004", {"links": [["type", "url"], ["paper-published", "https://github.com/a/b"], ["paper-preprint", "https://github.com/a/b"],
      ["model-card", "https://github.com/a/b"], ["paper-pdf", "https://arxiv.org/pdf/x"], ["paper-preprint", "https://ieeexplore.ieee.org/x"],
      ["paper-pdf", "https://openaccess.thecvf.com/x"], ["paper-published", "https://openaccess.thecvf.com/x"],
      ["demo", "https://openaccess.thecvf.com/x"]]}, [("links", n) for n in (2, 3, 4, 6, 9)]),
    ("L005", {"papers": [["paper_id", "arxiv_id", "doi"], ["a", "2410.01768", "10.1109/x"]],
      "links": [["paper_id", "type", "url"], ["a", "paper-published", "https://doi.org/10.1109/y"], ["a", "paper-published", "https://doi.org/10.1109/x"],
       ["a", "paper-preprint", "https://e.org/https://arxiv.org/abs/2401.1"], ["a", "demo", "https://arxiv.org/abs/2401.1"]]}, [("links", 2)]),
    ("L009", {"links": [["type", "url"], ["repository-fork", "https://github.com/a/b/c"], ["repository-official", "https://gitee.com/a/b/c"],
      ["repository-official", "https://gitee.com/a/b"], ["demo", "https://github.com/a/b/c"], ["repository-official", "https://github.com/a"],
      ["repository-official", "https://github.com/a/b?x"], ["repository-official", "https://github.com/a/b#x"],
      ["repository-official", "https://e.org/https://github.com/a"]]}, [("links", n) for n in (2, 3, 6, 7, 8)]),
    ("D001", {"datasets": [["dataset_id", "access"], *([str(n), x] for n, x in enumerate(("open", "gated", "pan-service", "closed", "announced", "on-request")))],
      "links": [["dataset_id", "type"]]}, [("datasets", n) for n in (2, 3, 4)]),
    ("D001", {"datasets": [["dataset_id", "access"], *([str(n), x] for n, x in enumerate(("open", "gated", "pan-service", "closed", "announced", "on-request")))],
      "links": [["dataset_id", "type"], *([str(n), "dataset-mirror"] for n in range(6))]}, [("datasets", n) for n in (5, 6)]),
    ("M007", {"models": [["model_id", "weights_access"], *([str(n), x] for n, x in enumerate(("open", "gated", "pan-service", "closed", "announced", "not-applicable", "embeddings-only")))],
      "links": [["model_id", "type"]]}, [("models", n) for n in (2, 3, 4)]),
    ("M007", {"models": [["model_id", "weights_access"], *([str(n), x] for n, x in enumerate(("open", "gated", "pan-service", "closed", "announced", "not-applicable", "embeddings-only")))],
      "links": [["model_id", "type"], *([str(n), "model-card"] for n in range(4)), *([str(n), "weights-mirror"] for n in range(4, 7))]}, [("models", n) for n in (5, 6, 7, 8)]),
    ("M001", {"models": [["parameters_total", "parameters_encoder"], ["20000", "20000"], ["20000", "20001"]]}, [("models", 3)]),
    ("M002", {"models": [["parameters_total", "parameters_encoder"], ["10000", "9999"], ["9999", "10000"]]}, [("models", 2), ("models", 3)]),
    ("M003", {"models": [["parameters_total", "parameters_encoder", "parameters_basis"], ["", "", "derived"], ["", "5", "stated"], ["", "5", "not-applicable"]]},
     [("models", 2), ("models", 4)]),
    ("M009", {"datasets": [["dataset_id", "name"], ["a", "RS5M"], ["b", "rs5m"]]}, [("datasets", 3)]),
    ("E001", {"papers": [["paper_id", "verification", "year", "title"], ["a", "lists", "2024", "T"], ["b", "primary", "2024", "T"]],
      "datasets": [["dataset_id", "sample_count", "class_count", "license"], ["b", "1", "2", "MIT"]], "evidence": [["table", "id", "field"]]},
     [("datasets", 2)] * 3 + [("papers", 3)]),
    ("E001", {"papers": [["paper_id", "verification", "title", "authors", "first_public", "venue_id", "code_status"], ["a", "primary", "T", "B, C", "2024-01-01", "v", "released"]],
      "models": [["model_id", "parameters_total", "parameters_encoder", "pretraining_size", "code_license", "weights_license"], ["a", "1", "1", "1", "MIT", "MIT"]],
      "evidence": [["table", "id", "field"]]}, [("models", 2)] * 5 + [("papers", 2)] * 5),
    ("E003", {"sources": [["source_id"], ["a"], ["b"], ["c"], ["d"]], "evidence": [["source_id"], ["a"]], "listings": [["source_id"], ["b"]],
      "corrections": [["source_id"], ["c"]]}, [("sources", 5)]),
    ("E006", {"links": [["checked"], ["2999-01-01"]], "papers": [["first_public", "code_status_date"], ["2999-01-01", "2999-01-01"]],
      "sources": [["accessed"], ["2999-01-01"]]}, [("links", 2), ("papers", 2), ("papers", 2), ("sources", 2)]),
    ("E007", {"listings": [["decision", "table", "id", "reason"], ["duplicate", "papers", "", "r"], ["duplicate", "", "a", "r"], ["published", "papers", "a", ""],
      ["duplicate", "papers", "a", ""]]}, [("listings", 2), ("listings", 3), ("listings", 5)]),
    ("P008", {"papers": [["paper_id", "code_status"], ["a", "partial"], ["b", "released"], ["c", "announced"]], "links": [["paper_id", "type"]]},
     [("papers", 2), ("papers", 3)]),
    ("P009", {"papers": [["code_status", "code_status_date"], ["partial", ""], ["released", ""], ["announced", ""]]}, [("papers", 2), ("papers", 3)]),
    ("L003", {"links": [["url"], ["https://e.org/X"], ["https://e.org/x"]]}, [("links", 3)]),
    ("L010", {"links": [["link_id", "type", "paper_id", "model_id", "dataset_id"], ["a-demo-1", "demo", "a", "", ""], ["a-demo-x1", "demo", "a", "", ""],
      ["b-demo-1", "demo", "", "b", ""], ["c-demo-12", "demo", "", "", "c"], ["c-demo-", "demo", "", "", "c"]]}, [("links", 3), ("links", 6)]),
    ("M005", {"models": [["gsd_min", "gsd_max"], ["x", "1"], ["1", "x"], ["1", "1"], ["2", "1"]]}, [("models", 5)]),
    ("M008", {"datasets": [["dataset_id", "name", "former_names"], ["a", "New", "Old"], ["b", "old", ""]]}, [("datasets", 3)]),
    ("E001", {"datasets": [["dataset_id", "license"], ["a", "MIT"]], "evidence": [["table", "id", "field"]]}, [("datasets", 2)]),
    ("D003", {"datasets": [["dataset_id", "paper_id", "year"], ["a", "p", "2001"]], "papers": [["paper_id", "first_public"], ["p", "2024-01-01"], ["p", "2024-01-01"]]},
     [("datasets", 2)]),
    ("M007", {"models": [["model_id", "weights_access"], ["a", "open"]], "links": [["model_id", "type"], ["a", "demo"]]}, [("models", 2)]),
    ("E002", {"datasets": [["dataset_id", "sample_count"], ["a", ""]], "evidence": [["table", "field"], ["datasets", "sample_count"]]}, []),
    ("E005", {"papers": [["paper_id", "year"], ["a", "2024"]], "corrections": [["table", "id", "published"], ["papers", "a", "2025"]]}, []),
    ("P001", {"papers": [["year", "first_public"], ["x", "2024-01-01"], ["2024", "x"], ["2023", "2024-01-01"]]}, [("papers", 4)]),
    ("P006", {"papers": [["paper_id", "title", "former_titles"], ["a", "Model 1", ""], ["b", "Model 2", ""]]}, []),
    ("P015", {"papers": [["paper_id", "title"], ["a", "one two three four five"], ["b", "one two three four"], ["c", "alpha beta gamma"], ["d", "alpha beta"]]}, [("papers", 3)]),
    ("P017", {"papers": [["paper_id", "authors"], ["a", "Sun, Xian"], ["b", "Sun, X"], ["c", "Sun, X Y"], ["d", "Sun, X.-Y."], ["e", "Sun, XY"], ["f", "Sun, X. Y"]]},
     [("papers", n) for n in (3, 4, 5, 6, 7)]),
    ("P019", {"papers": [["title", "summary_en", "summary_zh"], ["T", "x" * 40, "字" * 15], ["T", "y" * 39, "词" * 14], ["A" * 50, "a" * 50, ""], ["T", "x" * 40, ""]]},
     [("papers", n) for n in (3, 3, 4, 5)]),
]  # fmt: skip


@pytest.mark.parametrize(("code", "files", "found"), ROWS, ids=[f"{code}-{n}" for n, (code, *_) in enumerate(ROWS)])
def test_rows(code: str, files: dict[str, list[list[str]]], found: list[tuple[str, int]], tmp_path: Path) -> None:
    assert lines(code, files, tmp_path) == found


# A rule needs its columns: without one of them it is silent

NEEDS = [pytest.param(rule, need, id=f"{rule.code}-{need}") for rule in RULES.values() for need in rule.needs]


@pytest.mark.parametrize(("rule", "need"), NEEDS)
def test_a_rule_is_silent_without_a_column_that_it_needs(rule: Rule, need: str, tmp_path: Path) -> None:
    columns: dict[str, list[str]] = {}
    for item in rule.needs:
        table, _, column = item.partition(".")
        if item != need:
            columns.setdefault(table, ["k"]).append(column)
    files = {table: csvfile.canonical(names, [["a"] * len(names)]) for table, names in columns.items()}
    schemas = {table: {"fields": [{"name": name} for name in names]} for table, names in columns.items()}
    (tmp_path / "p").mkdir()
    resources = [{"name": t, "path": f"{t}.csv", "schema": s} for t, s in schemas.items()]
    for table, text in files.items():
        (tmp_path / "p" / f"{table}.csv").write_text(text, encoding="utf-8")
    (tmp_path / "p/datapackage.json").write_text(
        json.dumps({"name": "p", "resources": resources or [{"name": "x", "data": []}]}), encoding="utf-8"
    )
    assert linter.lint(tmp_path / "p", [rule]) == []


# Types: what fits, what does not

TYPES = [
    ({"type": "number"}, ["1", "-1.5", "+.5", "5.", "1e3", "1E-2", "NaN", "-INF", "+INF"], ["x", "1,5", ".", "e3", "1e", "--1", "x1", "1x"]),
    ({"type": "integer"}, ["1", "-1", "+1"], ["x", "1.0", "1x", "x1", "-"]),
    ({"type": "time"}, ["00:00:00", "19:59:59", "23:00:00", "24:00:00", "12:00:00Z", "12:00:00+01:00", "12:00:00-0100"],
     ["24:00:01", "12:60:00", "12:00:60", "1:00:00", "12:00", "x12:00:00", "12:00:00+1", "12:00:00x"]),
    ({"type": "date"}, ["2024-02-29"], ["2023-02-29", "2024-1-01", "20240101", "2024-01-01x", "x2024-01-01"]),
    ({"type": "year"}, ["2024", "-0100"], ["24", "20240", "x2024", "2024x"]),
    ({"type": "yearmonth"}, ["2024-01", "2024-09", "2024-10", "2024-12", "-0100-01"], ["2024-00", "2024-13", "2024-1", "2024-011", "x2024-01"]),
    ({"format": "email"}, ["a@b.c"], ["a", "a@b", "a b@c.d", "a@b@c.d", "@b.c", "a@.", "a@b.c d"]),
    ({"format": "uri"}, ["http:x", "a+.-1:x"], ["x", "1a:x", "http:", "http:a b", " http:a", "a_b:x"]),
    ({"format": "uuid"}, ["0123abcd-0000-0000-0000-0123456789aF"], ["0123abcd-0000-0000-0000-0123456789a", "x0123abcd-0000-0000-0000-0123456789af",
     "0123abcd-0000-0000-0000-0123456789afa", "0123abcd-0000-0000-0123456789af", "0123abcg-0000-0000-0000-0123456789af", "123abcd-0000-0000-0000-0123456789af"]),
    ({"format": "binary"}, ["YWJj", "YQ==", "YWI=", "aZ0/", "aZ+=", "+/==", "aZ/="], ["YWJ", "YQ=", "Y===", "YWJjY", "YW!j", "=YWJj"]),
    ({"type": "duration"}, ["P1Y", "P1.25Y", "-P1M", "+P2W", "P3D", "P1.25M", "P1.25W", "P1.25D", "PT1H", "PT1.25H", "PT1.25M", "PT1.25S", "P1Y2M3DT4H5M6S", "P10Y10M10W10DT10H10M10S"],
     ["P", "PT", "P1YT", "1Y", "P1", "P1H", "P1.Y", "P1.M", "P1.W", "P1.D", "PT1.H", "PT1.M", "PT1.S", "P1D1Y", "P1Yx"]),
    ({"type": "geopoint"}, ["180,90", "-180, -90", "0,0"], ["181,0", "0,91", "-181,0", "1", "1,2,3", "x,1"]),
    ({"type": "geopoint", "format": "array"}, ["[180, 90]"], ["[181, 0]", "[1]", "180,90", "{}", "5", "[null, 1]", "x"]),
    ({"type": "geopoint", "format": "object"}, ['{"lon": 180, "lat": 90}'], ['{"lon": 1}', '{"lon": 1, "lat": 2, "x": 3}', "[1, 2]", '{"lon": 1, "x": 2}']),
    ({"type": "object"}, ["{}"], ["[]", "x", "1"]),
    ({"type": "array"}, ["[]"], ["{}", "x", "1"]),
    ({"type": "geojson"}, ['{"type": "Point"}'], ["{}", '["type"]', "x"]),
    ({"type": "datetime"}, ["2024-01-02T03:04:05Z", "2024-01-02T03:04:05"], ["2024-01-02", "x", "2024-01-02T25:00:00"]),
    ({"type": "datetime", "format": "any"}, ["2024-01-02"], ["x"]),
    ({"type": "date", "format": "%d.%m.%Y"}, ["31.12.2024"], ["2024-12-31", "32.12.2024"]),
    ({"type": "number", "decimalChar": ",", "groupChar": "."}, ["1.000,5", "1,5"], ["1,5,5", "x"]),
    ({"type": "integer", "groupChar": " "}, ["1 000"], ["1.5", "x"]),
    ({"type": "integer", "bareNumber": False}, ["5 EUR", "$5", "-5%"], ["x", "5 5"]),
    ({"type": "boolean"}, ["true", "FALSE", "1", "0"], ["yes", "2"]),
    ({"constraints": {"pattern": r"a\.b|c\-d|\(e\)"}}, ["a.b", "c-d", "(e)"], ["aXb", "a.bc", "xa.b"]),
    ({"constraints": {"pattern": r"\{a\}\$\|"}}, ["{a}$|"], ["{a}$"]),
    ({"constraints": {"pattern": r"\w+"}}, ["é"], ["a b"]),
    ({"constraints": {"pattern": "(?!a).*"}}, ["b"], ["a"]),
    ({"constraints": {"pattern": "a++b|c"}}, ["aab", "c"], ["b"]),
    ({"constraints": {"pattern": r"\S+\s[^\s,]"}}, ["ab\u2003c", "a\u00a0b"], ["a\u200bb", "a ,", "ab"]),
    ({"constraints": {"pattern": r"[\S]"}}, ["a"], ["\u2003"]),
    ({"constraints": {"pattern": "(a{40}){0,40}"}}, ["a" * 80], ["a" * 81]),
    ({"type": "integer", "constraints": {"minimum": 1, "maximum": 3}}, ["1", "3"], ["0", "4"]),
    ({"type": "integer", "constraints": {"exclusiveMinimum": 1, "exclusiveMaximum": 3}}, ["2"], ["1", "3"]),
    ({"type": "number", "constraints": {"maximum": 3}}, ["3"], ["NaN", "3.1"]),
    ({"type": "integer", "groupChar": " ", "constraints": {"exclusiveMinimum": 1, "exclusiveMaximum": 3}}, ["2"], ["1", "3"]),
    ({"type": "integer", "groupChar": " ", "constraints": {"minimum": 1, "maximum": 3}}, ["1", "3"], ["0", "4"]),
    ({"type": "yearmonth", "constraints": {"minimum": "2024-02"}}, ["2024-02"], ["2024-01"]),
    ({"type": "datetime", "constraints": {"minimum": "2024-01-02T00:00:00Z"}}, ["2024-01-02T00:00:00Z"], ["2024-01-01T00:00:00Z"]),
    ({"constraints": {"minLength": 2, "maxLength": 3}}, ["ab", "abc"], ["a", "abcd"]),
    ({"constraints": {"enum": ["a", "b"]}}, ["a", "b"], ["c", "A"]),
    ({"type": "integer", "constraints": {"enum": [1, 2]}}, ["1", "02"], ["3"]),
    ({"type": "boolean", "constraints": {"enum": [True]}}, ["true", "1"], ["false"]),
    ({"type": "boolean", "constraints": {"enum": [False]}}, ["false", "0"], ["true"]),
    ({"categories": ["a", "b"]}, ["a", "b"], ["c"]),
    ({"categories": [{"value": "a", "label": "A"}, {"value": "b"}]}, ["a", "b"], ["A", "c"]),
]  # fmt: skip


@pytest.mark.parametrize(("field", "fits", "breaks"), TYPES, ids=lambda item: str(item)[:50])
def test_types(field: dict[str, Any], fits: list[str], breaks: list[str], tmp_path: Path) -> None:
    schema = {"things": {"fields": [{"name": "id"}, {"name": "name"} | field]}}
    rows = [[str(n), cell] for n, cell in enumerate((*fits, *breaks))]
    write_example(Example({"things": csvfile.canonical(["id", "name"], rows)}, schemas=schema), tmp_path)
    found = {
        item.line - 2
        for item in linter.lint(tmp_path, [RULES[code] for code in ("S001", "S006", "S007", "S008", "S009")])
    }
    assert [cell for n, (_, cell) in enumerate(rows) if n in found] == breaks


EQUAL = [
    ({"type": "integer"}, "1", "01"), ({"type": "number"}, "1", "1.0"), ({"type": "year"}, "-0100", "-0100"),
    ({"type": "boolean"}, "1", "true"), ({"type": "boolean"}, "0", "false"),
]  # fmt: skip


@pytest.mark.parametrize(("field", "one", "two"), EQUAL, ids=str)
def test_equal_values_are_one(field: dict[str, Any], one: str, two: str, tmp_path: Path) -> None:
    schema = {"things": {"fields": [{"name": "id"}, {"name": "name", "constraints": {"unique": True}} | field]}}
    write_example(Example({"things": f"id,name\na,{one}\nb,{two}\nc,x\nd,x\n"}, schemas=schema), tmp_path)
    assert [item.line for item in linter.lint(tmp_path, [RULES["S003"]])] == [3]


def test_licenses() -> None:
    for name in ("cc-by-4.0", "CC BY 4.0", "CC-BY Licence Version 4.0"):
        assert canonical_license(name) == "CC-BY-4.0"
    assert {name: canonical_license(name) for name in ("GPLv3", "GPL 3.0", "AGPL-3.0", "Apache License")} == {
        "GPLv3": "GPL-3.0-only", "GPL 3.0": "GPL-3.0-only", "AGPL-3.0": "AGPL-3.0-only", "Apache License": "Apache-2.0"
    }  # fmt: skip
    assert [unknown_license(name) for name in ("MIT", "mit", "LicenseRef-a.1", "LicenseRef-", "xLicenseRef-a", "free")] == [
        None, None, None, "unknown", "unknown", "unknown"]  # fmt: skip


@pytest.mark.parametrize(("match", "columns", "found"), [
    ("exact", "id,name,more", ["more"]), ("subset", "id,name,more", []), ("partial", "id,more", []), ("superset", "id", []),
    ("superset", "id,more", ["more"]), ("exact", "id", ["name"]), (["subset"], "id,name,more", []), ("subset", "id", ["name"]),
    ("equal", "name,id", []),
])  # fmt: skip
def test_fields_match(match: Any, columns: str, found: list[str], tmp_path: Path) -> None:
    schema = {"things": {"fieldsMatch": match, "fields": [{"name": "id"}, {"name": "name"}]}}
    write_example(Example({"things": f"{columns}\n{columns}\n"}, schemas=schema), tmp_path)
    assert [item.field for item in linter.lint(tmp_path, [RULES["F021"]])] == found


def test_a_table_without_a_key_does_not_end_the_search(tmp_path: Path) -> None:
    files = {"plain": "x\n1\n", "things": "id\nb\na\n"}
    write_example(Example(files, schemas={"things": {"primaryKey": "id"}}), tmp_path)
    assert [item.path for item in linter.lint(tmp_path, [RULES["F022"]])] == ["data/things.csv"]


def test_a_reference_to_a_table_of_one_column(tmp_path: Path) -> None:
    key = {"fields": "thing", "reference": {"resource": "things", "fields": "id"}}
    files = {"things": "id\na\n", "parts": "id,thing\np,b\n"}
    write_example(Example(files, schemas={"parts": {"foreignKeys": [key]}}), tmp_path)
    assert [item.line for item in linter.lint(tmp_path, [RULES["S005"]])] == [2]


KEYS = [
    ({"primaryKey": ["id", "name"]}, {}, "id,name\na,x\na,y\na,x\n", [("S004", 4, "id")]),
    ({"primaryKey": ["id"]}, {}, "id,name\na,x\nb,x\n", []),
    ({"uniqueKeys": [["name", "id"]]}, {}, "id,name\na,x\nb,x\na,x\n", [("S004", 4, "name")]),
    ({}, {"constraints": {"unique": True}}, "id,name\na,x\na,y\na,x\n", [("S003", 4, "name")]),
    ({"primaryKey": "name"}, {"constraints": {"unique": True}}, "id,name\na,x\nb,x\n", [("S004", 3, "name")]),
    (
        {},
        {"type": "integer", "constraints": {"unique": True}},
        "id,name\na,9007199254740992\nb,9007199254740993\nc,09007199254740993\n",
        [("S003", 4, "name")],
    ),
]


@pytest.mark.parametrize(("schema", "field", "text", "expected"), KEYS, ids=lambda item: str(item)[:40])
def test_keys(
    schema: dict[str, Any], field: dict[str, Any], text: str, expected: list[tuple[str, int, str]], tmp_path: Path
) -> None:
    schemas = {"things": {"fields": [{"name": "id"}, {"name": "name"} | field]} | schema}
    write_example(Example({"things": text}, schemas=schemas), tmp_path)
    found = linter.lint(tmp_path, [RULES["S003"], RULES["S004"]])
    assert [(item.code, item.line, item.field) for item in found] == expected


@pytest.mark.parametrize(("rows", "found"), [("2\n10\n", []), ("10\n2\n", [3]), ("2\n2.5\n10\n", [3])])
def test_whole_numbers_sort_by_value(rows: str, found: list[int], tmp_path: Path) -> None:
    schema = {"things": {"fields": [{"name": "id", "type": "integer"}], "primaryKey": "id"}}
    write_example(Example({"things": f"id\n{rows}"}, schemas=schema), tmp_path)
    assert [item.line for item in linter.lint(tmp_path, [RULES["F022"]])] == found


def test_columns_more_and_fewer_are_faults_of_the_first_line(tmp_path: Path) -> None:
    schema = {"things": {"fields": [{"name": "id"}, {"name": "name"}]}}
    write_example(Example({"things": "id,more\na,b\n"}, schemas=schema), tmp_path)
    found = linter.lint(tmp_path, [RULES["F021"]])
    assert [(item.line, item.field) for item in found] == [(1, "more"), (1, "name")]


def test_ids_are_looked_at_in_every_table_that_has_names(tmp_path: Path) -> None:
    """The papers have no short names here, the models have names."""
    files = {"papers": "paper_id\na-2024\n", "models": "model_id,name\nwrong,GeoChat\n"}
    write_example(Example(files), tmp_path)
    assert [item.path for item in linter.lint(tmp_path, [RULES["I009"]])] == ["data/models.csv"]


def test_a_reference_is_checked_behind_one_that_cannot_be(tmp_path: Path) -> None:
    """The first names a table that is not there, the second a column that its file lacks."""
    keys = [
        {"fields": "thing", "reference": {"resource": "nothing", "fields": "id"}},
        {"fields": "lost", "reference": {"resource": "things", "fields": "id"}},
        {"fields": "thing", "reference": {"resource": "things", "fields": "lost"}},
        {"fields": "thing", "reference": {"resource": "things", "fields": "id"}},
    ]
    fields = [{"name": name} for name in ("id", "thing", "lost")]
    files = {"things": "id\na\n", "parts": "id,thing\np,b\nq,a\n"}
    schemas: dict[str, dict[str, Any]] = {
        "parts": {"fields": fields, "foreignKeys": keys},
        "things": {"fields": [{"name": "id"}, {"name": "lost"}]},
    }
    write_example(Example(files, schemas=schemas), tmp_path)
    assert [item.line for item in linter.lint(tmp_path, [RULES["S005"]])] == [2]


def test_spaces_are_the_same_in_sql_as_in_python() -> None:
    """Every character there is."""
    fits = ", ".join(f"regexp_full_match(chr(i::INT), {literal(in_re2(sign) or '')})" for sign in (r"\s", r"\S"))
    query = f"SELECT i, {fits} FROM range(1, {sys.maxunicode + 1}) AS t(i) WHERE i NOT BETWEEN {0xD800} AND {0xDFFF}"
    found = duckdb.execute(query).fetchall()
    assert len(found) > 1_000_000
    assert [row for row in found if row[1:] != (bool(re.fullmatch(r"\s", chr(row[0]))), row[1] is False)] == []


def test_what_is_taken_for_normal_form_c_is_in_it() -> None:
    """No such character changes, alone or beside another: none composes with the one before it."""
    normal = re.compile("[" + re.sub(r"\\x{?([0-9a-f]+)}?", lambda found: chr(int(found[1], 16)), NORMAL) + "]")
    letters = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
    found = [letter for letter in letters if normal.fullmatch(letter)]
    assert len(found) > 30_000
    assert [letter for letter in found if unicodedata.normalize("NFC", letter) != letter] == []
    parts = [unicodedata.normalize("NFD", letter) for letter in letters if unicodedata.decomposition(letter)]
    assert [text for text in parts if len(text) > 1 and re.fullmatch(f"{normal.pattern}+", text[-2:])] == []

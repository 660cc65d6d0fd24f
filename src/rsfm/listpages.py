"""The readable list in two languages: a page with the newest, and one page a category."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rsfm.access import records
from rsfm.opening import open_package

Row = dict[str, Any]
Links = Mapping[tuple[str, str], list[tuple[str, Row]]]
NEWEST = 20  # papers on the first page
GENERAL, ALONE = "general", "without-a-paper"  # the pages beside those of the categories
SUFFIX = {"en": ".md", "zh": ".zh-CN.md"}
WORDS = {
    "en": {
        "title": "Remote sensing foundation models",
        "other": "[中文](LIST.zh-CN.md)",
        "intro": "{papers} papers, {models} models and {datasets} datasets. The key facts have their sources in"
        " [data/evidence.csv](data/evidence.csv).",
        "header": "| | entries |",
        "newest": "The newest",
        "back": "[All categories](../LIST.md)",
        "first": "first public {}",
        "code": "code: {}",
        "formerly": "formerly: {}",
        GENERAL: "not about remote sensing",
        ALONE: "models and datasets without a paper here",
        "colon": ": ",
    },
    "zh": {
        "title": "遥感基础模型",
        "other": "[English](LIST.md)",
        "intro": "共收录 {papers} 篇论文、{models} 个模型和 {datasets} 个数据集。关键事实的来源见"
        " [data/evidence.csv](data/evidence.csv)。",
        "header": "| | 条目数 |",
        "newest": "最新论文",
        "back": "[全部类别](../LIST.zh-CN.md)",
        "first": "首次公开 {}",
        "code": "代码：{}",
        "formerly": "曾用名：{}",
        GENERAL: "非遥感论文",
        ALONE: "此处无对应论文的模型与数据集",
        "colon": "：",
    },
}


def list_pages(root: Path, banner: str) -> dict[str, str]:
    """The pages of the list, by their paths; each begins with the banner."""
    tables = {name: records(name, root) for name in ("papers", "models", "datasets", "links", "venues", "vocabulary")}
    package = open_package(root)
    types = package.by_name["links"].by_name["type"].constraints["enum"]
    categories = package.by_name["papers"].by_name["category"].constraints["enum"]
    tables["links"].sort(key=lambda link: types.index(link["type"]))
    tables["papers"].sort(key=lambda row: (row["first_public"], row["paper_id"]), reverse=True)
    return {
        path: f"{banner}\n{text}"
        for language in WORDS
        for path, text in _in_language(tables, categories, language).items()
    }


def _in_language(tables: Mapping[str, list[Row]], categories: list[str], language: str) -> dict[str, str]:
    words, suffix = WORDS[language], SUFFIX[language]
    labels = {(row["vocabulary"], row["term"]): row[f"label_{language}"] for row in tables["vocabulary"]}
    links = _links_by_owner(tables)
    venues = {row["venue_id"]: row for row in tables["venues"]}
    entries: dict[str, list[str]] = {name: [] for name in (*categories, GENERAL, ALONE)}
    newest: list[str] = []
    for row in tables["papers"]:
        entry = "\n".join(_paper(row, venues[row["venue_id"]], links["papers", row["paper_id"]], labels, language))
        entries[row["category"] if row["is_remote_sensing"] else GENERAL].append(entry)
        if row["is_remote_sensing"] and len(newest) < NEWEST:
            newest.append(entry)
    for table in ("models", "datasets"):
        for row in tables[table]:
            if not row["paper_id"]:
                shown = _shown(links[table, row[f"{table[:-1]}_id"]], labels)
                entries[ALONE].append(f"- **{row['name']}**  \n  {shown}")
    counts = {name: len(tables[name]) for name in ("papers", "models", "datasets")}
    lines = [f"# {words['title']}", "", words["other"], "", words["intro"].format(**counts), ""]
    lines += [words["header"], "| --- | --: |"]
    pages = {}
    for name, found in entries.items():
        title = _capital(words.get(name) or labels["category", name])
        lines.append(f"| [{title}](list/{name}{suffix}) | {len(found)} |")
        pages[f"list/{name}{suffix}"] = "\n\n".join([f"# {title}", words["back"], *found]) + "\n"
    lines += ["", f"## {words['newest']}", "", "\n\n".join(newest)]
    return {f"LIST{suffix}": "\n".join(lines) + "\n", **pages}


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _links_by_owner(tables: Mapping[str, list[Row]]) -> Links:
    """The links of each paper with those of the models and datasets that it introduces, these with their names.

    What has no paper is an owner itself.
    """
    found: dict[tuple[str, str], list[tuple[str, Row]]] = defaultdict(list)
    rows = {(table, row[f"{table[:-1]}_id"]): row for table in ("models", "datasets") for row in tables[table]}
    for link in tables["links"]:
        if link["paper_id"]:
            found["papers", link["paper_id"]].append(("", link))
        for table in ("models", "datasets"):
            if key := link[f"{table[:-1]}_id"]:
                row = rows[table, key]
                owner = ("papers", row["paper_id"]) if row["paper_id"] else (table, key)
                found[owner].append((row["name"] if row["paper_id"] else "", link))
    return found


def _paper(
    row: Row, venue: Row, links: list[tuple[str, Row]], labels: Mapping[tuple[str, str], str], language: str
) -> Iterator[str]:
    words = WORDS[language]
    facts = [
        f"{venue['abbreviation']} {row['year']}",
        words["first"].format(_known_part(row)),
        words["code"].format(labels["code-status", row["code_status"]]),
    ]
    name = f"**{row['short_name']}**{words['colon']}" if row["short_name"] else ""
    yield f"- {name}{row['title']}  "
    yield f"  {' · '.join(facts)}  "
    if row["former_titles"]:
        yield f"  {words['formerly'].format('; '.join(row['former_titles'].split('|')))}  "
    yield f"  {_shown(links, labels)}  "
    yield f"  {row[f'summary_{language}']}"


def _shown(links: list[tuple[str, Row]], labels: Mapping[tuple[str, str], str]) -> str:
    """The links on one line, each under its owner's name where it has one."""
    named = [(f"{owner} {labels['link-type', link['type']]}".strip(), link["url"]) for owner, link in links]
    return " · ".join(f"[{text}]({url})" for text, url in named)


def _known_part(row: Row) -> str:
    length = {"day": 10, "month": 7, "year": 4}[row["first_public_precision"]]
    return str(row["first_public"].isoformat()[:length])

"""papers.bib and papers.csl.json: the papers for BibTeX, Zotero, pandoc and the like."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rsfm.access import records
from rsfm.package import Package

COLUMNS = {"paper_id", "title", "authors", "first_public", "venue_id", "year", "arxiv_id", "doi"}
BIBTEX = {"journal": "article", "conference": "inproceedings", "workshop": "inproceedings"}
CSL = {"journal": "article-journal", "conference": "paper-conference", "workshop": "paper-conference"}
CONTAINER = {"article": "journal", "inproceedings": "booktitle"}
MARKUP = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
Row = Mapping[str, Any]


def write(package: Package, folder: Path) -> None:
    """Write both files from the release's tables; nothing where the package has no such papers and venues."""
    tables = package.by_name
    if "papers" not in tables or "venues" not in tables or not set(tables["papers"].by_name) >= COLUMNS:
        return
    venues = {row["venue_id"]: row for row in records("venues", folder)}
    papers = [(row, venues[row["venue_id"]]) for row in records("papers", folder)]
    entries = "\n".join(bibtex(paper, venue) for paper, venue in papers)
    (folder / "papers.bib").write_text(entries, encoding="utf-8", newline="\n")
    items = json.dumps([csl(paper, venue) for paper, venue in papers], ensure_ascii=False, indent=1) + "\n"
    (folder / "papers.csl.json").write_text(items, encoding="utf-8", newline="\n")


def bibtex(paper: Row, venue: Row) -> str:
    """One entry, keyed by paper_id, in UTF-8 with TeX's own characters escaped."""
    kind = BIBTEX.get(venue["type"], "misc")
    fields = {
        "title": f"{{{_escaped(paper['title'])}}}",
        "author": " and ".join(map(_bibtex_name, paper["authors"].split("|"))),
        CONTAINER.get(kind, "howpublished"): _escaped(venue["name"]),
        "year": str(paper["year"]),
        "doi": paper["doi"],
        "eprint": paper["arxiv_id"],
        "archiveprefix": "arXiv" if paper["arxiv_id"] else None,
        "url": _page(paper),
    }
    lines = [f"  {name} = {{{value}}},\n" for name, value in fields.items() if value]
    return f"@{kind}{{{paper['paper_id']},\n{''.join(lines)}}}\n"


def _bibtex_name(name: str) -> str:
    """A name as BibTeX reads it; one without a comma (a group) is kept whole."""
    family, comma, given = _escaped(name).partition(", ")
    return f"{family}, {given}" if comma else f"{{{family}}}"


def _escaped(text: str) -> str:
    return re.sub(r"[\\~^&%$#_{}]", lambda match: MARKUP.get(match[0], "\\" + match[0]), text)


def _page(paper: Row) -> str | None:
    if paper["doi"]:
        return None  # the DOI says it
    return f"https://arxiv.org/abs/{paper['arxiv_id']}" if paper["arxiv_id"] else None


def csl(paper: Row, venue: Row) -> dict[str, Any]:
    """One CSL-JSON item; the date is that of the venue, of the first version for a preprint."""
    kind = CSL.get(venue["type"], "article")
    date = [paper["year"]]
    if kind == "article":
        known = {"day": 3, "month": 2, "year": 1}[paper.get("first_public_precision") or "day"]
        date = [int(part) for part in str(paper["first_public"]).split("-")[:known]]
    item = {
        "id": paper["paper_id"],
        "type": kind,
        "title": paper["title"],
        "author": list(_csl_names(paper["authors"])),
        "issued": {"date-parts": [date]},
        "container-title": venue["name"] if kind != "article" else None,
        "publisher": venue.get("publisher") if kind != "article" else venue["name"],
        "DOI": paper["doi"],
        "number": f"arXiv:{paper['arxiv_id']}" if paper["arxiv_id"] else None,
        "URL": _page(paper),
        "abstract": paper.get("summary_en"),
    }
    return {name: value for name, value in item.items() if value}


def _csl_names(authors: str) -> Iterator[dict[str, str]]:
    for name in authors.split("|"):
        family, comma, given = name.partition(", ")
        yield {"family": family, "given": given} if comma else {"literal": family}

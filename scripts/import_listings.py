"""Account for the entries of other lists, papers and datasets: listings, and corrections of what they say.

usage: import_listings.py ENTRIES.csv LISTS.csv [DECISIONS.csv]

ENTRIES.csv has the columns source, tier, section, kind, abbreviation, title, venue_as_listed, year_as_listed,
paper_url and line; LISTS.csv repo, snapshot_last_commit and licence. An entry that is published here is found by
identifier, title or name. DECISIONS.csv (work, decision, reason, id) says what became of the others: work is an arXiv
identifier, a DOI, a title or a name, and id the paper, dataset or model that it is, if it is here. What was decided of
an entry before holds where neither says otherwise; an entry of which nothing is known is left out. What was imported
of these lists before is made anew, so run it again after papers were added.
"""

from __future__ import annotations

import csv
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from rsfm.changes import RefusedError, Rows, add_rows, rows_in
from rsfm.licenses import canonical_license, unknown_license
from rsfm.opening import open_package
from rsfm.submit import slug

ROOT = Path(__file__).resolve().parents[1]
Row = dict[str, str]


def letters(title: str) -> str:
    """The letters and digits of a title, small: what two spellings of one title have in common."""
    return re.sub(r"[\W_]", "", title.lower())


def identifiers(text: str) -> set[str]:
    """The arXiv identifiers and DOIs in a URL."""
    arxiv = re.findall(r"arxiv\.org/(?:abs|pdf|html)/(\d{4}\.\d{4,5})", text)
    dois = re.findall(r"doi\.org/(10\.[^\s?#]+)", text.lower())
    return {*arxiv, *dois}


class Works:
    """The published papers, models and datasets, by what a list may call them; ``names`` are those of each paper."""

    def __init__(self, papers: list[Row], models: list[Row], datasets: list[Row]) -> None:
        self.papers = {paper["paper_id"]: paper for paper in papers}
        self.names = {paper["paper_id"]: {letters(paper[key]) for key in ("title", "short_name")} for paper in papers}
        for paper in papers:
            self.names[paper["paper_id"]].add(letters(paper["short_name"] + paper["title"]))
        for model in models:
            self.names.setdefault(model["paper_id"], set()).add(letters(model["name"]))
        self.by_identifier = {paper[key]: paper["paper_id"] for paper in papers for key in ("arxiv_id", "doi")}
        self.by_title = _named(papers, "paper_id", "title", "former_titles")
        self.by_short = _named(papers, "paper_id", "short_name")
        self.by_name = _named(datasets, "dataset_id", "name", "former_names")
        tables = {"papers": papers, "datasets": datasets, "models": models}
        self.ids = {table: {row[f"{table[:-1]}_id"] for row in rows} for table, rows in tables.items()}

    def decided(self, decision: Row | None) -> tuple[str, str] | None:
        """Table and id of the work that a decision names; None where it names none that is here."""
        if decision is None:
            return None
        key, table = decision["id"], decision.get("table")
        return next(((name, key) for name, ids in self.ids.items() if key in ids and table in {None, name}), None)

    def place(self, entry: Row) -> tuple[str, str] | None:
        """Table and id of what the entry is about; None where that is nothing here, or two things."""
        if entry["kind"] == "dataset":
            title = entry["title"]
            names = (entry["abbreviation"], title, title.partition(":")[0], *re.findall(r"\(([^()]+)\)", title))
            dataset = next((self.by_name[letters(name)] for name in names if letters(name) in self.by_name), None)
            if dataset:
                return "datasets", dataset
        found = {self.by_identifier[key] for key in identifiers(entry["paper_url"]) & set(self.by_identifier)}
        titles = (entry["title"], entry["title"].partition(": ")[2])  # some lists put a name before the title
        found |= {self.by_title[letters(title)] for title in titles if letters(title) in self.by_title}
        short = self.by_short.get(letters(entry["title"] or entry["abbreviation"]))
        if short and not found:
            return "papers", short
        return ("papers", found.pop()) if len(found) == 1 else None


def _named(rows: list[Row], key: str, *columns: str) -> dict[str, str]:
    """By the letters of each name in the columns, the row's key."""
    names = ((name, row[key]) for row in rows for column in columns for name in row[column].split("|"))
    return {letters(name): item for name, item in names if letters(name)}


def works_named(entry: Row) -> set[str]:
    """Under what a decision on the entry may stand."""
    names = {*identifiers(entry["paper_url"]), entry["title"] or entry["abbreviation"]}
    return {letters(name) for name in names} - {""}


def corrections(entry: Row, paper: Row, venue: Row, names: set[str]) -> Iterator[Row]:
    """What the entry says otherwise than the paper's row; ``names`` are short ones that may stand for its title."""
    row = {"table": "papers", "id": paper["paper_id"]}
    listed = letters(entry["title"])
    if listed not in names and len(entry["title"].split()) > 3:  # fewer words are a name, no title
        earlier = {letters(title) for title in paper["former_titles"].split("|")}
        reason = "That is an earlier title of the work." if listed in earlier else "The work has another title."
        yield row | {"field": "title", "stated": entry["title"], "published": paper["title"], "reason": reason}
    year = entry["year_as_listed"][:4]
    if re.fullmatch(r"20\d\d", year) and year not in {paper["year"], paper["first_public"][:4]}:
        reason = "Neither the first version nor the publication is of that year."
        yield row | {"field": "year", "stated": year, "published": paper["year"], "reason": reason}
    if re.match(r"arxiv|preprint", entry["venue_as_listed"].lower()) and venue["type"] != "preprint":
        reason = "It has been published since."
        published = {"field": "venue_id", "stated": entry["venue_as_listed"], "published": paper["venue_id"]}
        yield row | published | {"reason": reason}


def witnesses(evidence: list[Row], sources: list[Row]) -> dict[tuple[str, str], str]:
    """By paper and field, the page on which a reader can see what is published; a published page before a preprint."""
    url = {row["source_id"]: row["url"] for row in sources}
    kind = {row["source_id"]: row["kind"] for row in sources}
    order = ("publisher", "proceedings", "metadata", "repository", "project-page", "arxiv")
    place = {source: order.index(name) if name in order else len(order) for source, name in kind.items()}
    found: dict[tuple[str, str], str] = {}
    for row in sorted(evidence, key=lambda row: place[row["source_id"]]):
        found.setdefault((row["id"], row["field"]), url[row["source_id"]])
    return found


def source_of(entry: Row) -> str:
    """The id of the list as a source."""
    return f"list-{slug(entry['source'])}"


def from_lists(entries: list[Row]) -> Callable[[str, Mapping[str, str]], bool]:
    """Whether a row of a table was imported from the lists of the entries."""
    lists = {source_of(entry) for entry in entries}
    return lambda table, row: table in {"listings", "corrections"} and row["source_id"] in lists


def rows_of(entries: list[Row], lists: dict[str, Row], decisions: dict[str, Row]) -> Rows:
    """The rows that the entries add."""
    package = open_package(ROOT)
    imported = from_lists(entries)
    works = Works(*(rows_in(package, name) for name in ("papers", "models", "datasets")))
    seen = witnesses(rows_in(package, "evidence"), rows_in(package, "sources"))
    venues = {row["venue_id"]: row for row in rows_in(package, "venues")}
    known_sources = {row["source_id"] for row in rows_in(package, "sources")}
    before = {
        (row["source_id"], row["line"], row["title"]): row
        for row in rows_in(package, "listings")
        if imported("listings", row)
    }
    known_entries: set[tuple[str, str, str]] = set()
    taken = {row["correction_id"] for row in rows_in(package, "corrections") if not imported("corrections", row)}
    today = datetime.now(UTC).date().isoformat()
    rows: Rows = {"sources": [], "listings": [], "corrections": []}
    published: set[tuple[str, str, str]] = set()
    for given in entries:
        title = " ".join((given["title"] or given["abbreviation"]).split())
        entry = given | {"title": title}
        source_id = source_of(entry)
        key = (source_id, entry["line"], title)
        said = next((decisions[name] for name in works_named(entry) if name in decisions), None)
        decision = said or before.get(key)
        place = works.place(entry) or works.decided(decision)
        if key in known_entries or not (place or (decision and not decision["id"])):
            continue
        known_entries.add(key)
        listing = {key: entry[key] for key in ("line", "title", "section")} | {"source_id": source_id}
        if place:
            again = (source_id, *place) in published
            published.add((source_id, *place))
            outcome = ("duplicate", "The list names the work twice.") if again else ("published", "")
            listing |= {"table": place[0], "id": place[1], "decision": outcome[0], "reason": outcome[1]}
        elif decision:
            listing |= {"table": "", "id": "", "decision": decision["decision"], "reason": decision["reason"]}
        rows["listings"].append(listing)
        if source_id not in known_sources:
            known_sources.add(source_id)
            rows["sources"].append(_source(source_id, entry["source"], lists[entry["source"]], today))
        if not place or place[0] != "papers":
            continue
        paper = works.papers[place[1]]
        for row in corrections(entry, paper, venues[paper["venue_id"]], works.names[place[1]]):
            fields = (row["field"], "venue_id", "title")
            url = next(seen[row["id"], field] for field in fields if (row["id"], field) in seen)
            start = f"{row['id']}-{slug(row['field'])}"
            correction_id = next(name for number in count(1) if (name := f"{start}-{number}") not in taken)
            taken.add(correction_id)
            made = {"source_id": source_id, "evidence_url": url, "correction_id": correction_id}
            rows["corrections"].append(row | made)
    return rows


def _source(source_id: str, name: str, facts: Row, today: str) -> Row:
    stated = facts["licence"].split(" (")[0]
    date = facts["snapshot_last_commit"]
    return {
        "source_id": source_id,
        "kind": "list",
        "name": name,
        "url": f"https://github.com/{name}",
        "version": date if re.fullmatch(r"\d{4}-\d\d-\d\d", date) else "",
        "license": canonical_license(stated) or ("" if unknown_license(stated) else stated),
        "accessed": today,
    }


def _read(name: str) -> list[Row]:
    with Path(name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _numbered(entries: list[Row]) -> list[Row]:
    """The entries, each with a line: its place among those of its list where the list has no lines."""
    places: Counter[str] = Counter()
    for entry in entries:
        places[entry["source"]] += 1
        entry["line"] = entry["line"] or str(places[entry["source"]])
    return entries


def main(arguments: list[str]) -> int:
    """Return the exit code."""
    if len(arguments) not in {2, 3}:
        print(__doc__, file=sys.stderr)
        return 2
    entries, lists, *more = map(_read, arguments)
    decisions = {letters(row["work"]): row for row in (more[0] if more else [])}
    kinds = {"paper", "dataset"}
    wanted = [entry for entry in _numbered(entries) if entry["tier"] == "core" and entry["kind"] in kinds]
    rows = rows_of(wanted, {row["repo"]: row for row in lists}, decisions)
    try:
        add_rows(open_package(ROOT), rows, from_lists(wanted))
    except RefusedError as error:
        for problem in error.problems[:40]:
            print(f"{problem.path}:{problem.line}:{problem.field}: {problem.code} {problem.message}", file=sys.stderr)
        return 1
    print(", ".join(f"{len(new)} {table}" for table, new in rows.items()), "added")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Account for the entries of other lists that are papers published here: listings, and corrections of what they say.

usage: import_listings.py ENTRIES.csv LISTS.csv

ENTRIES.csv has the columns source, tier, section, kind, title, venue_as_listed, year_as_listed, paper_url and line;
LISTS.csv repo, snapshot_last_commit and licence. Run it again after papers were added: what is there already is left.
"""

from __future__ import annotations

import csv
import re
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
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


def work_of(entry: Row, by_identifier: dict[str, Row], by_title: dict[str, Row]) -> Row | None:
    """The paper that the entry is about: by identifier, else by title; None where the two name different papers."""
    found = {
        by_identifier[key]["paper_id"]: by_identifier[key]
        for key in identifiers(entry["paper_url"]) & set(by_identifier)
    }
    titled = by_title.get(letters(entry["title"]))
    if titled:
        found[titled["paper_id"]] = titled
    return next(iter(found.values())) if len(found) == 1 else None


def corrections(entry: Row, paper: Row, venue: Row) -> Iterator[Row]:
    """What the entry says otherwise than the paper's row."""
    row = {"table": "papers", "id": paper["paper_id"]}
    listed = letters(entry["title"])
    if listed != letters(paper["title"]):
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


def rows_of(entries: list[Row], lists: dict[str, Row]) -> Rows:
    """The rows that the entries add."""
    package = open_package(ROOT)
    papers = rows_in(package, "papers")
    seen = witnesses(rows_in(package, "evidence"), rows_in(package, "sources"))
    venues = {row["venue_id"]: row for row in rows_in(package, "venues")}
    by_identifier = {paper[key]: paper for paper in papers for key in ("arxiv_id", "doi") if paper[key]}
    by_title = {
        letters(t): paper for paper in papers for t in (paper["title"], *paper["former_titles"].split("|")) if t
    }
    known_sources = {row["source_id"] for row in rows_in(package, "sources")}
    known_entries = {(row["source_id"], row["line"]) for row in rows_in(package, "listings")}
    numbers = Counter(re.sub(r"-\d+$", "", row["correction_id"]) for row in rows_in(package, "corrections"))
    today = datetime.now(UTC).date().isoformat()
    rows: Rows = {"sources": [], "listings": [], "corrections": []}
    published: set[tuple[str, str]] = {(row["source_id"], row["id"]) for row in rows_in(package, "listings")}
    for entry in entries:
        entry = entry | {"title": " ".join(entry["title"].split())}
        paper = work_of(entry, by_identifier, by_title)
        source_id = f"list-{slug(entry['source'])}"
        if paper is None or not entry["title"] or (source_id, entry["line"]) in known_entries:
            continue
        known_entries.add((source_id, entry["line"]))
        again = (source_id, paper["paper_id"]) in published
        published.add((source_id, paper["paper_id"]))
        listing = {key: entry[key] for key in ("line", "title", "section")}
        decision = (
            {"decision": "duplicate", "reason": "The list names the work twice."}
            if again
            else {"decision": "published"}
        )
        listing |= {"source_id": source_id, "table": "papers", "id": paper["paper_id"], "reason": ""} | decision
        rows["listings"].append(listing)
        if source_id not in known_sources:
            known_sources.add(source_id)
            rows["sources"].append(_source(source_id, entry["source"], lists[entry["source"]], today))
        for row in corrections(entry, paper, venues[paper["venue_id"]]):
            fields = (row["field"], "venue_id", "title")
            url = next(seen[row["id"], field] for field in fields if (row["id"], field) in seen)
            start = f"{row['id']}-{slug(row['field'])}"
            numbers[start] += 1
            made = {"source_id": source_id, "evidence_url": url, "correction_id": f"{start}-{numbers[start]}"}
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


def main(arguments: list[str]) -> int:
    """Return the exit code."""
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    entries, lists = map(_read, arguments)
    wanted = [entry for entry in entries if entry["tier"] == "core" and entry["kind"] == "paper"]
    rows = rows_of(wanted, {row["repo"]: row for row in lists})
    try:
        add_rows(open_package(ROOT), rows)
    except RefusedError as error:
        for problem in error.problems[:40]:
            print(f"{problem.path}:{problem.line}:{problem.field}: {problem.code} {problem.message}", file=sys.stderr)
        return 1
    print(", ".join(f"{len(new)} {table}" for table, new in rows.items()), "added")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""A submission in (one paper with its models, datasets, links and evidence), table rows out."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rsfm.changes import Rows, add_rows, ids_in, rows_in
from rsfm.jsonfile import JsonError, read_json
from rsfm.jsonschemas import checker
from rsfm.opening import open_package
from rsfm.package import Package

SCHEMA = "schema/submission.json"


class SubmissionError(ValueError):
    """The submission cannot be used; each line of the message says where and why."""


def add(root: Path, path: Path, today: str) -> str:
    """Add the submission at ``path`` to the package at ``root``; returns the paper's id.

    What the linter can mend in it (the order of tags, a URL's form) is mended. All tables are written, or none. Raises
    SubmissionError, changes.RefusedError, PackageError and OSError.
    """
    package = open_package(root)
    rows = rows_of(read_submission(path, package), package, today)
    add_rows(package, rows)
    return rows["papers"][0]["paper_id"]


def read_submission(path: Path, package: Package) -> dict[str, Any]:
    """The submission, checked against the package's schema/submission.json; what is empty is left out."""
    try:
        document = read_json(path)
        check = checker(read_json(package.root / SCHEMA).value)
    except JsonError as error:
        raise SubmissionError(f"{path}:{error.line}: not JSON: {error}") from None
    submission = _filled(document.value)
    faults = [f"{path}:{document.line(*pointer)}: {message}" for pointer, message in check(submission)]
    if faults:
        raise SubmissionError("\n".join(faults))
    found: dict[str, Any] = submission
    return found


def _filled(value: Any) -> Any:
    """The value without empty texts, lists and objects, which stand for what is not known."""
    if isinstance(value, dict):
        parts = {key: _filled(part) for key, part in value.items()}
        return {key: part for key, part in parts.items() if part not in ("", None, [], {})}
    return [_filled(part) for part in value] if isinstance(value, list) else value


def rows_of(submission: Mapping[str, Any], package: Package, today: str) -> Rows:
    """The rows that the submission adds to each table. Raises SubmissionError where one part names another wrongly."""
    paper = submission["paper"]
    name = paper.get("short_name", paper["title"])
    paper_id = paper.get("paper_id", f"{slug(name)}-{paper['first_public'][:4]}")
    kinds = {source["kind"] for source in submission["sources"]} - {"list"}
    rows: Rows = {table.name: [] for table in package.tables}
    subjects = {"paper": ("papers", paper_id)}
    rows["papers"].append(
        _row(package, "papers", paper | {"paper_id": paper_id, "verification": "primary" if kinds else "lists"})
    )
    if "venue" in submission and submission["venue"]["venue_id"] not in ids_in(package, "venues"):
        rows["venues"].append(_row(package, "venues", submission["venue"]))
    for table, key, kind in (("models", "model_id", "model"), ("datasets", "dataset_id", "dataset")):
        names = Counter(item["name"] for item in submission.get(table, []))
        for item in submission.get(table, []):
            variant = item.get("variant", "") if names[item["name"]] > 1 else ""
            item_id = slug(f"{item['name']} {variant}")
            subjects[f"{kind}:{item['name']}"] = (table, item_id)
            rows[table].append(_row(package, table, item | {key: item_id, "paper_id": paper_id}))
    for use in submission.get("model_datasets", []):
        ids = [_subject(subjects, f"{kind}:{use[kind]}")[1] for kind in ("model", "dataset")]
        use_row = {"model_id": ids[0], "dataset_id": ids[1], "role": use["role"]}
        rows["model_datasets"].append(_row(package, "model_datasets", use_row))
    rows["links"] = list(_links(submission, package, subjects))
    sources = _sources(submission, package, today)
    rows["sources"] = [row for row in sources.values() if row["source_id"] not in ids_in(package, "sources")]
    rows["evidence"] = list(_evidence(submission, package, subjects, sources))
    return rows


def slug(name: str) -> str:
    """A name as an id: small ASCII letters and digits, a hyphen for the rest."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _row(package: Package, table: str, values: Mapping[str, Any]) -> dict[str, str]:
    """One row of a table with the values as its cells; what is not given is empty."""
    return {field.name: _cell(values.get(field.name, ""), field.delimiter) for field in package.by_name[table].fields}


def _cell(value: Any, delimiter: str | None) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, list):
        return (delimiter or "; ").join(str(item) for item in value)
    return str(value)


def _subject(subjects: Mapping[str, tuple[str, str]], name: str) -> tuple[str, str]:
    if name not in subjects:
        raise SubmissionError(f"{name} is no part of this submission; write one of {', '.join(subjects)}")
    return subjects[name]


def _links(
    submission: Mapping[str, Any], package: Package, subjects: Mapping[str, tuple[str, str]]
) -> Iterator[dict[str, str]]:
    numbers: Counter[str] = Counter()
    for link in submission.get("links", []):
        table, item_id = _subject(subjects, link["about"])
        start = f"{item_id}-{link['type']}"
        numbers[start] += 1
        key = package.by_name[table].primary_key[0]
        yield _row(package, "links", link | {key: item_id, "link_id": f"{start}-{numbers[start]}"})


def _sources(submission: Mapping[str, Any], package: Package, today: str) -> dict[str, dict[str, str]]:
    """The sources by the key that the submission gives them; one that the package has already keeps its id."""
    known = {(row["url"], row["version"]): row for row in rows_in(package, "sources")}
    taken = ids_in(package, "sources")
    found = {}
    named = {item["source"] for item in submission["evidence"]}
    for source in submission["sources"]:
        if source["key"] not in named:
            continue  # nothing was read there
        place = (source["url"], source.get("version", ""))
        if place not in known:
            source_id = start = _source_id(*place)
            number = 2
            while source_id in taken:
                source_id, number = f"{start}-{number}", number + 1
            taken.add(source_id)
            known[place] = _row(package, "sources", {"accessed": today} | source | {"source_id": source_id})
        found[source["key"]] = known[place]
    return found


def _source_id(url: str, version: str) -> str:
    arxiv = re.search(r"arxiv\.org/(abs|html|pdf)/(\d{4})\.(\d{4,5})", url)
    repository = re.match(r"https://github\.com/([^/]+)/([^/]+)", url)
    if arxiv:
        parts = ["arxiv", arxiv[2], arxiv[3], version, "" if arxiv[1] == "abs" else arxiv[1]]
    elif repository:
        parts = ["github", *repository.groups(), version[:7]]
    else:
        parts = [re.sub(r"^https?://(www\.)?", "", url)[:70]]
    return slug("-".join(part for part in parts if part))


def _evidence(
    submission: Mapping[str, Any],
    package: Package,
    subjects: Mapping[str, tuple[str, str]],
    sources: Mapping[str, Mapping[str, str]],
) -> Iterator[dict[str, str]]:
    """One row for each fact and source; several quotations from one source become one."""
    found: dict[tuple[str, ...], dict[str, str]] = {}
    for item in submission["evidence"]:
        kind = {"papers": "paper", "models": f"model:{item['subject']}", "datasets": f"dataset:{item['subject']}"}
        table, item_id = _subject(subjects, kind[item["table"]])
        if item["source"] not in sources:
            raise SubmissionError(f"evidence names the source {item['source']}, which is none of the submission's")
        source_id = sources[item["source"]]["source_id"]
        row = _row(package, "evidence", item | {"table": table, "id": item_id, "source_id": source_id})
        first = found.setdefault((table, item_id, item["field"], source_id), row)
        if first is not row:
            for part in ("locator", "stated"):
                first[part] = "; ".join(dict.fromkeys((first[part], row[part])))
    yield from found.values()

"""A submission in (a paper with its models, datasets, links and evidence, or a part of that), table rows out."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rsfm.changes import RefusedError, Rows, add_rows, ids_in, rows_in
from rsfm.jsonfile import JsonError, read_json
from rsfm.jsonschemas import checker
from rsfm.opening import open_package
from rsfm.package import Package

SCHEMA = "schema/submission.json"


class SubmissionError(ValueError):
    """The submission cannot be used; each line of the message says where and why."""


@dataclass(frozen=True)
class Known:
    """What submissions may name or share: the package's rows, and those of the submissions before in one run."""

    package: Package
    ids: Mapping[str, set[str]]
    sources: dict[tuple[str, str], dict[str, str]]

    @classmethod
    def of(cls, package: Package) -> Known:
        """What the package has."""
        ids = {name: ids_in(package, name) for name in ("papers", "models", "datasets", "venues", "sources")}
        sources = {(row["url"], row["version"]): row for row in rows_in(package, "sources")}
        return cls(package, ids, sources)


def add(root: Path, paths: Sequence[Path], today: str) -> Iterator[tuple[Path, str | Exception]]:
    """Add the submissions at ``paths`` to the package at ``root``; for each, its id, or the error that kept it out.

    What the linter can mend in one (the order of tags, a URL's form) is mended. All tables are written, or none. Raises
    PackageError and OSError; the errors given are SubmissionError and changes.RefusedError.
    """
    package = open_package(root)
    good = []
    for path in paths:
        try:
            good.append((path, read_submission(path, package)))
        except SubmissionError as error:
            yield path, error
    yield from _add(root, good, today)


def _add(root: Path, submissions: Sequence[tuple[Path, Mapping[str, Any]]], today: str) -> Iterator[Any]:
    """Add all in one trial; where that is refused, each half by itself, so that a fault keeps out its file alone."""
    package = open_package(root)
    known = Known.of(package)
    rows: Rows = {table.name: [] for table in package.tables}
    added = []
    for path, submission in submissions:
        try:
            new = rows_of(submission, known, today)
        except SubmissionError as error:
            yield path, error
            continue
        for table, more in new.items():
            rows[table] += more
        added.append((path, submission, _name(new)))
    try:
        add_rows(package, rows)
    except RefusedError as error:
        if len(added) < 2:
            yield from ((path, error) for path, _, _ in added)
            return
        rest = [(path, submission) for path, submission, _ in added]
        middle = len(rest) // 2
        yield from _add(root, rest[:middle], today)
        yield from _add(root, rest[middle:], today)
        return
    yield from ((path, name) for path, _, name in added)


def _name(rows: Rows) -> str:
    """The id under which a submission is spoken of: its paper's, else that of its first row."""
    for table in ("papers", "datasets", "models", "links"):
        if rows[table]:
            return next(iter(rows[table][0].values()))
    return f"{len(rows['evidence'])} evidence"


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


def rows_of(submission: Mapping[str, Any], known: Known, today: str) -> Rows:
    """The rows that the submission adds to each table; ``known`` then has its ids and sources too.

    Raises SubmissionError where one part names another wrongly.
    """
    package = known.package
    rows: Rows = {table.name: [] for table in package.tables}
    subjects: dict[str, tuple[str, str]] = {}
    paper_id = ""
    if "paper" in submission:
        paper = submission["paper"]
        name = paper.get("short_name", paper["title"])
        paper_id = paper.get("paper_id", f"{slug(name)}-{paper['first_public'][:4]}")
        subjects["paper"] = ("papers", paper_id)
        more = {"paper_id": paper_id, "verification": "primary"}  # the linter mends it where its sources say less
        rows["papers"].append(_row(package, "papers", paper | more))
    if "venue" in submission and submission["venue"]["venue_id"] not in known.ids["venues"]:
        rows["venues"].append(_row(package, "venues", submission["venue"]))
    for table, key, kind in (("models", "model_id", "model"), ("datasets", "dataset_id", "dataset")):
        names = Counter(item["name"] for item in submission.get(table, []))
        for item in submission.get(table, []):
            variant = item.get("variant", "") if names[item["name"]] > 1 else ""
            item_id = slug(f"{item['name']} {variant}")
            subjects[f"{kind}:{item['name']}"] = (table, item_id)
            rows[table].append(_row(package, table, item | {key: item_id, "paper_id": paper_id}))
    naming = Naming(subjects, known.ids)
    sources = _sources(submission, known, today)
    for use in submission.get("model_datasets", []):
        ids = {f"{kind}_id": naming.subject(f"{kind}:{use[kind]}")[1] for kind in ("model", "dataset")}
        source = {"source_id": _source(sources, use["source"])} if "source" in use else {}
        rows["model_datasets"].append(_row(package, "model_datasets", use | ids | source))
    rows["links"] = list(_links(submission, package, naming))
    rows["evidence"] = list(_evidence(submission, package, naming, sources))
    rows["sources"] = [row for row in sources.values() if row["source_id"] not in known.ids["sources"]]
    for table, taken in known.ids.items():
        [key] = package.by_name[table].primary_key
        taken.update(row[key] for row in rows[table])
    return rows


@dataclass(frozen=True)
class Naming:
    """What a part of a submission may name: its own paper, models and datasets by name, those of the package by id."""

    own: Mapping[str, tuple[str, str]]
    ids: Mapping[str, set[str]]

    def subject(self, name: str) -> tuple[str, str]:
        """Table and id of ``paper``, ``model:NAME`` or ``dataset:NAME``. Raises SubmissionError."""
        kind, _, rest = name.partition(":")
        if name in self.own:
            return self.own[name]
        if rest in self.ids.get(f"{kind}s", ()):
            return f"{kind}s", rest
        parts = ", ".join(self.own) or f"the {kind}s of the package by id"
        raise SubmissionError(f"{name} is no part of this submission; write one of {parts}")


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


def _links(submission: Mapping[str, Any], package: Package, naming: Naming) -> Iterator[dict[str, str]]:
    numbers: Counter[str] = Counter()
    for link in submission.get("links", []):
        table, item_id = naming.subject(link["about"])
        start = f"{item_id}-{link['type']}"
        numbers[start] += 1
        key = package.by_name[table].primary_key[0]
        yield _row(package, "links", link | {key: item_id, "link_id": f"{start}-{numbers[start]}"})


def _sources(submission: Mapping[str, Any], known: Known, today: str) -> dict[str, dict[str, str]]:
    """The sources by the key that the submission gives them; one that is known already keeps its id."""
    found = {}
    taken = set(known.ids["sources"])
    named = {item.get("source") for item in (*submission.get("evidence", []), *submission.get("model_datasets", []))}
    for source in submission["sources"]:
        if source["key"] not in named:
            continue  # nothing was read there
        place = (source["url"], source.get("version", ""))
        if place not in known.sources:
            source_id = start = _source_id(*place)
            number = 2
            while source_id in taken:
                source_id, number = f"{start}-{number}", number + 1
            taken.add(source_id)
            row = {"accessed": today} | source | {"source_id": source_id}
            known.sources[place] = _row(known.package, "sources", row)
        found[source["key"]] = known.sources[place]
    return found


def _source(sources: Mapping[str, Mapping[str, str]], key: str) -> str:
    if key not in sources:
        raise SubmissionError(f"evidence names the source {key}, which is none of the submission's")
    return sources[key]["source_id"]


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
    submission: Mapping[str, Any], package: Package, naming: Naming, sources: Mapping[str, Mapping[str, str]]
) -> Iterator[dict[str, str]]:
    """One row for each fact and source; several quotations from one source become one."""
    found: dict[tuple[str, ...], dict[str, str]] = {}
    for item in submission.get("evidence", []):
        kind = {"papers": "paper", "models": f"model:{item['subject']}", "datasets": f"dataset:{item['subject']}"}
        table, item_id = naming.subject(kind[item["table"]])
        source_id = _source(sources, item["source"])
        row = _row(package, "evidence", item | {"table": table, "id": item_id, "source_id": source_id})
        first = found.setdefault((table, item_id, item["field"], source_id), row)
        if first is not row:
            for part in ("locator", "stated"):
                first[part] = "; ".join(dict.fromkeys((first[part], row[part])))
    yield from found.values()

"""What archives and catalogues read: CITATION.cff, .zenodo.json, README.md, datasette.json, ro-crate-metadata.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rsfm.citation import citation_file
from rsfm.jsonfile import read_json
from rsfm.package import DESCRIPTOR, Package, Table
from rsfm.release.long import long_tables

CRATE = "https://w3id.org/ro/crate/1.1"
MEDIA = {
    ".bib": "application/x-bibtex",
    ".cff": "application/yaml",
    ".csv": "text/csv",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".md": "text/markdown",
    ".parquet": "application/vnd.apache.parquet",
    ".sqlite": "application/vnd.sqlite3",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".zip": "application/zip",
}


def write(package: Package, folder: Path) -> None:
    """Write each file for which the descriptor says enough; the crate last, since it lists the others."""
    descriptor = package.descriptor
    (folder / "README.md").write_text(readme(package, folder), encoding="utf-8", newline="\n")
    _write_json(folder / "datasette.json", datasette(package))
    if says_enough(descriptor):
        (folder / "CITATION.cff").write_text(citation_file(package), encoding="utf-8", newline="\n")
        _write_json(folder / ".zenodo.json", zenodo(descriptor))
        _write_json(folder / "ro-crate-metadata.json", crate(package, folder))


def says_enough(descriptor: Mapping[str, Any]) -> bool:
    """Whether it has all that a citation and a deposit need."""
    people, licenses = descriptor.get("contributors") or [{}], descriptor.get("licenses") or [{}]
    return (
        all(descriptor.get(key) for key in ("title", "description", "created"))
        and all(person.get("title") for person in people)
        and all(licenses[0].get(key) for key in ("name", "path", "title"))
    )


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8", newline="\n")


def zenodo(descriptor: Mapping[str, Any]) -> dict[str, Any]:
    """Deposit metadata for Zenodo."""
    return {
        "title": descriptor["title"],
        "description": descriptor["description"],
        "upload_type": "dataset",
        "access_right": "open",
        "license": descriptor["licenses"][0]["name"],
        "version": descriptor["version"],
        "publication_date": descriptor["created"][:10],
        "creators": [{"name": person["title"]} for person in descriptor["contributors"]],
        "keywords": list(descriptor.get("keywords", [])),
        "language": "eng",
    }


def readme(package: Package, folder: Path) -> str:
    """The card that Hugging Face shows, with a configuration a table, and a reader finds beside the files."""
    descriptor = package.descriptor
    title = descriptor.get("title", descriptor["name"])
    head = [f"pretty_name: {json.dumps(title, ensure_ascii=False)}"]
    for item in descriptor.get("licenses", [])[:1]:
        head += [f"license: {item['name'].lower()}"] if item.get("name") else []
    if descriptor.get("keywords"):
        head += ["tags:", *(f"- {json.dumps(word)}" for word in descriptor["keywords"])]
    filled = _filled(package, folder)
    head += ["configs:"] if filled else []
    for number, table in enumerate(filled):
        head += [f"- config_name: {table.name}", f"  data_files: parquet/{table.name}.parquet"]
        head += ["  default: true"] if number == 0 else []
    lines = ["---", *head, "---", "", f"# {title} {descriptor['version']}", ""]
    lines += [descriptor["description"], ""] if descriptor.get("description") else []
    lines += ["| table | one row is | columns |", "| --- | --- | --- |"]
    for table in package.tables:
        about = table.schema.get("description", "")
        lines.append(f"| {table.name} | {about} | {len(table.fields)} |")
    lines += ["", "| files | what they are |", "| --- | --- |"]
    lines += [f"| `{name}` | {what} |" for name, what in _files(package) if (folder / name).exists()]
    lines += ["", "`sha256sum --check SHA256SUMS` says whether the files are whole.", ""]
    return "\n".join(lines)


def _filled(package: Package, folder: Path) -> list[Table]:
    """The tables that have rows: a configuration without any cannot be loaded."""
    counts = {item["name"]: item["rowCount"] for item in read_json(folder / DESCRIPTOR).value["resources"]}
    return [table for table in package.tables if counts[table.name] and (folder / "parquet").is_dir()]


def _files(package: Package) -> list[tuple[str, str]]:
    name = package.descriptor["name"]
    longs = ", ".join(long.name for long in long_tables(package))
    return [
        ("datapackage.json", "Data Package descriptor: every column with type, meaning, unit, constraints"),
        ("csv", "the tables as CSV, a data package of its own"),
        (f"{name}-{package.descriptor['version']}-csv.zip", "the same in one file"),
        ("parquet", "the tables typed" + (f"; one row a value: {longs}" if longs else "")),
        ("jsonl", "one JSON object a line, with JSON Schemas"),
        (f"{name}.sqlite", "one SQLite database with keys, indexes, full-text search"),
        (f"{name}.xlsx", "one workbook, a sheet a table"),
        ("papers.bib", "the papers for BibTeX"),
        ("papers.csl.json", "the papers for Zotero, pandoc and other readers of CSL JSON"),
        ("croissant.json", "MLCommons Croissant description"),
        ("datasette.json", "metadata for Datasette: `datasette *.sqlite --metadata datasette.json`"),
        ("CHANGES.md", "what differs from the release before"),
        ("changes.jsonl", "the same row by row, for those who keep a copy in step"),
    ]


def datasette(package: Package) -> dict[str, Any]:
    """Metadata for Datasette: titles, descriptions of tables and columns, the licence."""
    descriptor = package.descriptor
    tables: dict[str, dict[str, Any]] = {}
    for table in package.tables:
        columns = {field.name: field.descriptor.get("description", "") for field in table.fields}
        tables[table.name] = {
            "title": table.schema.get("title", table.name),
            "description": table.schema.get("description", ""),
            "columns": {name: text for name, text in columns.items() if text},
        }
        if any(field.descriptor.get("search") is True for field in table.fields):
            tables[table.name]["fts_table"] = f"{table.name}_search"
    about = {"title": descriptor.get("title", descriptor["name"]), "description": descriptor.get("description", "")}
    for item in descriptor.get("licenses", [])[:1]:
        about |= {"license": item.get("name", ""), "license_url": item.get("path", "")}
    return about | {"databases": {descriptor["name"]: {"tables": tables}}}


def crate(package: Package, folder: Path) -> dict[str, Any]:
    """RO-Crate 1.1: the release as a research object, each file with its size and media type."""
    descriptor = package.descriptor
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    files = [
        {
            "@id": path.relative_to(folder).as_posix(),
            "@type": "File",
            "name": path.name,
            "contentSize": str(path.stat().st_size),
            "encodingFormat": MEDIA.get(path.suffix, "application/octet-stream"),
        }
        for path in paths
    ]
    license_, *_ = descriptor["licenses"]
    people = [
        {"@id": f"#contributor-{number}", "@type": "Organization", "name": person["title"]}
        for number, person in enumerate(descriptor["contributors"], start=1)
    ]
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": descriptor["title"],
        "description": descriptor["description"],
        "version": descriptor["version"],
        "datePublished": descriptor["created"][:10],
        "license": {"@id": license_["path"]},
        "author": [{"@id": person["@id"]} for person in people],
        "keywords": ", ".join(descriptor.get("keywords", [])),
        "hasPart": [{"@id": file["@id"]} for file in files],
    }
    about = {
        "@id": "ro-crate-metadata.json",
        "@type": "CreativeWork",
        "conformsTo": {"@id": CRATE},
        "about": {"@id": "./"},
    }
    terms = {
        "@id": license_["path"],
        "@type": "CreativeWork",
        "name": license_["title"],
        "identifier": license_["name"],
    }
    return {"@context": f"{CRATE}/context", "@graph": [about, root, terms, *people, *files]}

"""The generated pages: the data dictionary, the rules, and what other modules make of the data."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rsfm.citation import citation_file
from rsfm.coverage import coverage_files
from rsfm.engine import visible
from rsfm.listpages import list_pages
from rsfm.opening import open_package
from rsfm.package import Field, Package, Table
from rsfm.rules import FAMILIES, Example, Rule, all_rules

Row = dict[str, Any]
BANNER = "<!-- Generated from data/ and schema/ by scripts/generate_docs.py: do not edit. -->\n"


def pages(root: Path) -> dict[str, str]:
    """Every generated file of the repository at ``root``: its path and its text."""
    package = open_package(root)
    readme = root / "README.md"
    return {
        **list_pages(root, BANNER),
        "docs/tables.md": tables_page(package),
        "docs/rules.md": rules_page(),
        "CITATION.cff": citation_file(package),
        "schema/submission.json": submission_schema(package),
        "README.md": with_diagram(readme.read_text(encoding="utf-8"), package),
        **coverage_files(root, BANNER),
    }


def tables_page(package: Package) -> str:
    """The data dictionary."""
    lines = [BANNER, "# Tables", "", diagram(package), ""]
    lines.append("A cell with several values holds them with `|` between them. A missing value is an empty cell.")
    for table in package.tables:
        lines += ["", f"## {table.name}", "", str(table.schema.get("description", "")), ""]
        lines += [f"Key: {', '.join(f'`{name}`' for name in table.primary_key)}.", ""]
        lines += ["| column | type | | meaning | example |", "| --- | --- | --- | --- | --- |"]
        lines += [_field_row(table, field) for field in table.fields]
    return "\n".join(lines) + "\n"


def _field_row(table: Table, field: Field) -> str:
    kind = f"{field.type}, {field.descriptor['unit']}" if field.descriptor.get("unit", "1") != "1" else field.type
    notes = []
    if field.constraints.get("required") or field.name in table.primary_key:
        notes.append("required")
    if field.delimiter:
        notes.append("several")
    for key in table.foreign_keys:
        if key.fields == (field.name,):
            notes.append(f"→ [{key.resource}](#{key.resource})")
    if "enum" in field.constraints:
        notes.append("one of " + ", ".join(f"`{term}`" for term in field.constraints["enum"]))
    elif field.vocabulary:
        notes.append(f"terms of `{field.vocabulary}`")
    text = field.descriptor["description"]
    example = str(field.descriptor["example"]).replace("|", "\\|")
    return f"| `{field.name}` | {kind} | {'; '.join(notes)} | {text} | {example} |"


def diagram(package: Package) -> str:
    """The tables and their foreign keys as a Mermaid diagram."""
    lines = ["```mermaid", "erDiagram"]
    for table in package.tables:
        for key in table.foreign_keys:
            one = "||" if all(_is_required(table, name) for name in key.fields) else "|o"
            lines.append(f"    {key.resource} {one}--o{{ {table.name} : {','.join(key.fields)}")
    return "\n".join([*lines, "```"])


def _is_required(table: Table, name: str) -> bool:
    return name in table.primary_key or bool(table.by_name[name].constraints.get("required"))


def with_diagram(readme: str, package: Package) -> str:
    """The README with the diagram between its two marks renewed."""
    start, end = "<!-- diagram: generated -->", "<!-- end of diagram -->"
    block = f"{start}\n{diagram(package)}\n{end}"
    return re.sub(f"{start}.*?{end}", lambda _: block, readme, flags=re.DOTALL)


def rules_page() -> str:
    """All rules with their examples."""
    rules = all_rules()
    lines = [BANNER, "# Rules", "", f"{len(rules)} rules. `rsfm explain CODE` shows one of them.", ""]
    for family, title in FAMILIES.items():
        here = [rule for rule in rules if rule.family == family]
        if here:
            lines += [f"## {family}: {title}", "", *(rule_as_markdown(rule) for rule in here)]
    return "\n".join(lines).rstrip() + "\n"


def rule_as_markdown(rule: Rule) -> str:
    """A rule's code, docs and examples."""
    lines = [f"### {rule.code} {rule.name}", "", rule.docs, ""]
    lines.append(f"Severity: {rule.severity.value}. " + ("Fixable." if rule.fixable else "Not fixable."))
    for example in rule.bad:
        lines += ["", "Bad:", "", *_files(example, example.files)]
        lines.append(f"`{example.at.rstrip(':')}: {rule.code} {_shown(example.message)}`")
        if example.fixed:
            lines += ["", "Mended:", "", *_files(example, example.fixed)]
    lines += ["", "Good:", "", *_files(rule.good[0], rule.good[0].files)]
    return "\n".join(lines).rstrip() + "\n"


def _files(example: Example, files: Mapping[str, str | bytes]) -> Iterator[str]:
    """The files of an example as fenced blocks; long or unprintable parts are shown in short."""
    extra: dict[str, Any] = {f"schema/{name}.json": schema for name, schema in example.schemas.items()}
    if example.descriptor:
        extra["datapackage.json"] = example.descriptor
    shown = {path: json.dumps(value, ensure_ascii=False) for path, value in extra.items()} | dict(example.data)
    shown |= {f"{path} (in the last release)": text for path, text in example.released.items()}
    if files is not example.files:
        shown = {}
    for name, content in files.items():
        text = content.decode("utf-8", "backslashreplace") if isinstance(content, bytes) else content
        shown[f"data/{name}.csv"] = text
    for path, text in shown.items():
        yield from (f"`{path}`", "", "```csv" if ".csv" in path else "```json")
        yield _shown(text).rstrip("\n")
        yield from ("```", "")


def _shown(text: str) -> str:
    """The text as a page can show it: nothing invisible, no endless repetition."""
    text = re.sub(r"(.)\1{200,}", lambda match: f"{match[1] * 3}… ({len(match[0])} times)", text)
    return visible(text, more=r"\u0300-\u036f")


def submission_schema(package: Package) -> str:
    """JSON Schema 2020-12 of what a contributor sends, a paper with all that is its own, from the Table Schemas."""
    name = {"type": "string", "minLength": 1}
    kind = package.by_name["evidence"].by_name["table"].constraints["enum"]
    parts = {
        "paper": _object(package, "papers", without=("verification",), optional=("paper_id",)),
        "venue": _object(package, "venues"),
        "models": _list(_object(package, "models", without=("model_id", "paper_id"))),
        "datasets": _list(_object(package, "datasets", without=("dataset_id", "paper_id"))),
        "model_datasets": _list(
            _object(
                package,
                "model_datasets",
                without=("model_id", "dataset_id", "source_id"),
                more={"model": name, "dataset": name, "source": name},
            )
        ),
        "links": _list(
            _object(
                package,
                "links",
                without=("link_id", "paper_id", "model_id", "dataset_id"),
                more={"about": {"type": "string", "pattern": "^(paper|model:.+|dataset:.+)$"}},
            )
        ),
        "sources": _list(_object(package, "sources", without=("source_id", "accessed"), more={"key": name})),
        "evidence": _list(
            _object(
                package,
                "evidence",
                without=("id", "source_id"),
                more={"table": {"enum": kind}, "subject": name, "source": name},
            )
        ),
    }
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": "Generated from schema/ by scripts/generate_docs.py: do not edit.",
        "title": "A submission: a paper with its models, datasets, links, sources and evidence, or a part of that",
        "type": "object",
        "required": ["sources"],
        "properties": parts,
        "additionalProperties": False,
    }
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _object(
    package: Package,
    table: str,
    *,
    without: tuple[str, ...] = (),
    optional: tuple[str, ...] = (),
    more: Mapping[str, dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """An object with a table's columns as properties, and those in ``more``, all of which are required."""
    fields = [field for field in package.by_name[table].fields if field.name not in {*without, *(more or {})}]
    required = [field.name for field in fields if field.constraints.get("required") and field.name not in optional]
    return {
        "type": "object",
        "required": [*(more or {}), *required],
        "properties": {**(more or {}), **{field.name: _property(field) for field in fields}},
        "additionalProperties": False,
    }


def _property(field: Field) -> dict[str, Any]:
    known = field.constraints
    text: dict[str, Any] = {"type": "string"}
    if "pattern" in known and not field.delimiter:
        text["pattern"] = f"^({known['pattern']})$"
    if field.type == "date":
        text["pattern"] = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
    shape = text
    if "enum" in known:
        shape = {"enum": known["enum"]}
    elif field.type == "boolean":
        shape = {"type": "boolean"}
    elif field.type in {"integer", "number"}:
        digits = "^[0-9]+$" if field.type == "integer" else "^[0-9.]+$"
        shape = {"type": [field.type, "string"], "pattern": digits}
    elif field.delimiter:
        shape = {"type": "array", "items": {"type": "string", "pattern": "^[^|]+$"}, "uniqueItems": True}
    return {"description": field.descriptor["description"], **shape}

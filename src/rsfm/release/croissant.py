"""croissant.json: the tables for machine learning tools, as MLCommons Croissant 1.0 describes datasets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rsfm.citation import citation_line, people
from rsfm.package import Field, Package, Table
from rsfm.release.sums import sha256
from rsfm.typed import kind_of

CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
"""The context that the specification prescribes."""
TYPES = {
    "int64": "sc:Integer",
    "float64": "sc:Float",
    "bool": "sc:Boolean",
    "date": "sc:Date",
    "datetime": "sc:DateTime",
}


def write(package: Package, folder: Path) -> None:
    """Write the description of parquet/, whose files it names by path and hash; nothing where there are none.

    CSV would not do: readers guess the types of its columns, and the arXiv identifier 2412.15190 loses its last digit.
    Foreign keys stay out: mlcroissant 1.1 cannot join tables that it reads from Parquet.
    """
    if not (folder / "parquet").is_dir():
        return
    descriptor = package.descriptor
    creators = [{"@type": "Organization", "name": name} for name in people(package)]
    licenses = [item.get("path", item.get("name")) for item in descriptor.get("licenses", [])]
    document = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": descriptor["name"],
        "description": descriptor.get("description", descriptor["name"]),
        "version": descriptor["version"],
        "datePublished": descriptor.get("created"),
        "keywords": descriptor.get("keywords"),
        "license": licenses,
        "creator": creators,
        "url": descriptor.get("homepage"),
        "citeAs": citation_line(package),
        "distribution": [_file(folder, table) for table in package.tables],
        "recordSet": [_record_set(table) for table in package.tables],
    }
    text = json.dumps({key: value for key, value in document.items() if value}, ensure_ascii=False, indent=2) + "\n"
    (folder / "croissant.json").write_text(text, encoding="utf-8", newline="\n")


def _file(folder: Path, table: Table) -> dict[str, Any]:
    path = folder / "parquet" / f"{table.name}.parquet"
    return {
        "@type": "cr:FileObject",
        "@id": path.name,
        "name": path.name,
        "contentUrl": f"parquet/{path.name}",
        "contentSize": f"{path.stat().st_size} B",
        "encodingFormat": "application/x-parquet",
        "sha256": sha256(path),
    }


def _record_set(table: Table) -> dict[str, Any]:
    keys = [{"@id": f"{table.name}/{name}"} for name in table.primary_key]
    about = {"key": keys[0] if len(keys) == 1 else keys} if keys else {}
    described = {"description": table.schema["description"]} if table.schema.get("description") else {}
    fields = [_field(table, field) for field in table.fields]
    return {"@type": "cr:RecordSet", "@id": table.name, "name": table.name} | described | about | {"field": fields}


def _field(table: Table, field: Field) -> dict[str, Any]:
    described = {"description": field.descriptor["description"]} if field.descriptor.get("description") else {}
    return {
        "@type": "cr:Field",
        "@id": f"{table.name}/{field.name}",
        "name": field.name,
        **described,
        "dataType": TYPES.get(kind_of(field).arrow, "sc:URL" if field.format == "uri" else "sc:Text"),
        "source": {"fileObject": {"@id": f"{table.name}.parquet"}, "extract": {"column": field.name}},
    }

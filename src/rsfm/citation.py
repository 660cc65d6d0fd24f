"""How the dataset is cited, from its descriptor: a line, and CITATION.cff."""

from __future__ import annotations

import json

from rsfm.package import Package


def people(package: Package) -> list[str]:
    """The names of the contributors who have one."""
    return [person["title"] for person in package.descriptor.get("contributors", []) if person.get("title")]


def citation_line(package: Package) -> str:
    """The dataset as one cites it in a sentence."""
    descriptor = package.descriptor
    names = ", ".join(people(package))
    title = descriptor.get("title", descriptor["name"])
    year = f" ({descriptor['created'][:4]})" if descriptor.get("created") else ""
    return f"{names}{year}. {title}, version {descriptor['version']}.".lstrip(". ")


def citation_file(package: Package) -> str:
    """CITATION.cff."""
    descriptor = package.descriptor
    lines = [
        "# Generated from datapackage.json: do not edit.",
        "cff-version: 1.2.0",
        "message: Please cite the dataset with the version you used.",
        "type: dataset",
        f"title: {json.dumps(descriptor['title'])}",
        f"abstract: {json.dumps(descriptor['description'])}",
        "authors:",
        *(f"  - name: {json.dumps(person['title'])}" for person in descriptor["contributors"]),
        f"version: {descriptor['version']}",
        f"date-released: {descriptor['created'][:10]}",
        f"license: {descriptor['licenses'][0]['name']}",
        *(["keywords:"] if descriptor.get("keywords") else []),
        *(f"  - {keyword}" for keyword in descriptor.get("keywords", [])),
    ]
    return "\n".join(lines) + "\n"

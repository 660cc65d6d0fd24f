"""datapackage.json of the release: schemas in place, with bytes, SHA-256 and row counts; one more inside csv/."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rsfm.engine import Engine
from rsfm.package import DESCRIPTOR, Package
from rsfm.release import csvs
from rsfm.release.sums import sha256


def write(package: Package, engine: Engine, folder: Path) -> None:
    """Write the descriptor at the top, with paths into csv/, and in csv/, with paths beside it."""
    resources = list(_resources(package, engine, folder))
    for place, prefix in ((folder, f"{csvs.FOLDER}/"), (folder / csvs.FOLDER, "")):
        here = [resource | {"path": f"{prefix}{resource['path']}"} for resource in resources]
        text = json.dumps(package.descriptor | {"resources": here}, ensure_ascii=False, indent=2) + "\n"
        (place / DESCRIPTOR).write_text(text, encoding="utf-8", newline="\n")


def _resources(package: Package, engine: Engine, folder: Path) -> Iterator[dict[str, Any]]:
    """Each table's entry, with the path inside csv/."""
    for resource in package.descriptor["resources"]:
        table = package.by_name.get(resource["name"])
        if table is None:
            continue
        path = folder / csvs.FOLDER / f"{table.name}.csv"
        row = engine.connection.execute(f"SELECT count(*) FROM {table.sql}").fetchone()
        yield {key: value for key, value in resource.items() if key != "dialect"} | {
            "path": path.name,
            "format": "csv",
            "mediatype": "text/csv",
            "bytes": path.stat().st_size,
            "hash": f"sha256:{sha256(path)}",
            "rowCount": row[0] if row else 0,
            "schema": table.schema,
        }

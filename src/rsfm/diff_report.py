"""What differs between two versions, for people and for programs."""

from __future__ import annotations

import json

from rsfm.diff import Bump, Diff, Key


def as_json(diff: Diff) -> str:
    """The whole of it as one object."""
    tables = {
        table.name: {
            "key": list(table.key),
            "added": list(table.added.values()),
            "removed": list(table.removed.values()),
            "changed": [
                {"key": list(key), "cells": {name: {"old": old, "new": new} for name, (old, new) in cells.items()}}
                for key, cells in table.changed.items()
            ],
        }
        for table in diff.tables
    }
    head = {
        "old_version": diff.old_version,
        "new_version": diff.new_version,
        "bump": diff.bump.name.lower(),
        "next_version": diff.next_version,
        "schema": [{"change": change.text, "bump": change.bump.name.lower()} for change in diff.schema],
    }
    return json.dumps(head | {"tables": tables}, ensure_ascii=False, indent=1) + "\n"


def as_delta(diff: Diff) -> str:
    """One JSON object a line: what to do to the old tables, row by row, to have the new ones."""
    lines = []
    for table in diff.tables:
        for key in table.removed:
            lines.append({"table": table.name, "do": "delete", "key": dict(zip(table.key, key, strict=True))})
        for row in table.added.values():
            lines.append({"table": table.name, "do": "insert", "row": row})
        for key, cells in table.changed.items():
            new = {name: cell for name, (_, cell) in cells.items()}
            lines.append(
                {"table": table.name, "do": "update", "key": dict(zip(table.key, key, strict=True)), "row": new}
            )
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def as_markdown(diff: Diff, limit: int = 1_000) -> str:
    """For people: what changed, table by table; of the rows of a table at most ``limit`` a kind by name."""
    lines = [f"# Changes from {diff.old_version} to {diff.new_version}", "", _summary(diff), ""]
    if diff.schema:
        lines += ["## Schema", "", *(f"- {change.text} ({change.bump.name.lower()})" for change in diff.schema), ""]
    for table in diff.tables:
        lines += [f"## {table.name}", ""]
        for word, keys in (("added", table.added), ("removed", table.removed)):
            lines += [f"- {word}: {_named(key)}" for key in list(keys)[:limit]]
            lines += [f"- {word}: {len(keys) - limit} more"] if len(keys) > limit else []
        for key, cells in list(table.changed.items())[:limit]:
            lines += [f"- changed: {_named(key)}"]
            lines += [f"  - {name}: {_shown(old)} → {_shown(new)}" for name, (old, new) in cells.items()]
        lines += [f"- changed: {len(table.changed) - limit} more"] if len(table.changed) > limit else []
        lines += [""]
    return "\n".join(lines)


def as_text(diff: Diff) -> str:
    """For a terminal."""
    lines = [f"{diff.old_version} → {diff.new_version}", *(f"schema: {change.text}" for change in diff.schema)]
    for table in diff.tables:
        lines += [f"{table.name}: + {', '.join(key)}" for key in table.added]
        lines += [f"{table.name}: - {', '.join(key)}" for key in table.removed]
        for key, cells in table.changed.items():
            lines += [
                f"{table.name}: {', '.join(key)}: {name}: {_shown(a)} → {_shown(b)}" for name, (a, b) in cells.items()
            ]
    return "\n".join([*lines, _summary(diff)]) + "\n"


def _summary(diff: Diff) -> str:
    if diff.bump is Bump.NONE:
        return "Nothing differs."
    counts = [
        f"{table.name}: {len(table.added)} added, {len(table.changed)} changed, {len(table.removed)} removed"
        for table in diff.tables
    ]
    what = "; ".join([*counts, *([f"{len(diff.schema)} changes of the schema"] if diff.schema else [])])
    return f"{what}. The next version is {diff.next_version} or higher ({diff.bump.name.lower()})."


def _named(key: Key) -> str:
    return ", ".join(f"`{part}`" for part in key)


def _shown(cell: str) -> str:
    text = cell if len(cell) <= 80 else cell[:77] + "…"
    return f"“{text}”" if text else "empty"


FORMATS = {"text": as_text, "markdown": as_markdown, "json": as_json, "jsonl": as_delta}

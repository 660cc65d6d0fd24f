"""What the properties of a Table Schema must be like; one that is not is reported and passed over."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from rsfm.jsonschemas import SchemaError, checker

Shape = tuple[Callable[[Any], bool], str]


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _text_or_texts(value: Any) -> bool:
    return isinstance(value, str) or _texts(value)


def _size(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _regex(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(re.compile(value))
    except (re.error, RecursionError, OverflowError):
        return False


def _json_schema(value: Any) -> bool:
    try:
        return bool(checker(value))
    except SchemaError:
        return False


BOOLEAN: Shape = (lambda value: isinstance(value, bool), "true or false")
SIZE: Shape = (_size, "a whole number from 0 on")
SCHEMA: Mapping[str, Shape] = {
    "missingValues": (
        lambda value: isinstance(value, list) and all(isinstance(item, str | dict) for item in value),
        'a list of texts, such as [""]',
    ),
    "primaryKey": (_text_or_texts, "the name of a field, or a list of names"),
    "foreignKeys": (lambda value: isinstance(value, list | dict), "a list of foreign keys"),
    "uniqueKeys": (
        lambda value: isinstance(value, list) and all(map(_text_or_texts, value)),
        "a list of lists of names",
    ),
}
FIELD: Mapping[str, Shape] = {
    "constraints": (lambda value: isinstance(value, dict), "an object"),
    "categories": (lambda value: isinstance(value, list), "a list"),
    "trueValues": (_texts, "a list of texts"),
    "falseValues": (_texts, "a list of texts"),
}
CONSTRAINTS: Mapping[str, Shape] = {
    "required": BOOLEAN,
    "unique": BOOLEAN,
    "enum": (lambda value: isinstance(value, list) and bool(value), "a list of the values that are allowed"),
    "pattern": (_regex, "a regular expression"),
    "minLength": SIZE,
    "maxLength": SIZE,
    "jsonSchema": (_json_schema, "a JSON Schema"),
}

"""JSON Schema 2020-12 checking that never leaves this machine and never fails on a schema that is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any


class SchemaError(ValueError):
    """What was given as a JSON Schema is none, or refers to what is not there."""


def checker(schema: Any) -> Callable[[Any], Iterator[tuple[list[str | int], str]]]:
    """A function from a value to its faults, each a pointer and a message. Raises SchemaError, as does that function.

    References to other documents are not followed.
    """
    import jsonschema
    import referencing
    import referencing.exceptions

    if not isinstance(schema, dict):
        raise SchemaError("is not an object")
    broken = (jsonschema.SchemaError, jsonschema.exceptions.UnknownType, referencing.exceptions.Unresolvable)
    validator = jsonschema.Draft202012Validator(
        schema, registry=referencing.Registry(), format_checker=jsonschema.FormatChecker()
    )

    def check(value: Any) -> Iterator[tuple[list[str | int], str]]:
        try:
            for error in validator.iter_errors(value):
                yield list(error.absolute_path), error.message
        except (*broken, RecursionError) as error:
            raise SchemaError(_reason(error)) from None

    try:
        jsonschema.Draft202012Validator.check_schema(schema)
    except (*broken, RecursionError) as error:
        raise SchemaError(_reason(error)) from None
    return check


def _reason(error: BaseException) -> str:
    if isinstance(error, RecursionError):
        return "refers to itself without end"
    message = getattr(error, "message", None) or str(error)
    return f"cannot be used: {message}".split("\n", 1)[0]

"""S: what the Table Schema says of each column and key, for any CSV data package, version 1 or 2."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from rsfm.engine import LINE, Check, plain
from rsfm.jsonschemas import SchemaError, checker
from rsfm.package import Field, Table
from rsfm.rules import Context, Example, Found, rule
from rsfm.sql import literal
from rsfm.typed import false_values, moment, true_values

CSV = "id,name\na,Alpha\n"

INTEGER = "^[+-]?[0-9]+$"
NUMBER = "^([+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?|[+-]?(NaN|INF))$"
TIME = "^(([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]|24:00:00)(Z|[+-][0-9]{2}:?[0-9]{2})?$"
PATTERNS = {
    ("string", "email"): r"^[^@\s]+@[^@\s]+\.[^@\s]+$",
    ("string", "uri"): r"^[A-Za-z][A-Za-z0-9+.-]*:[^\s]+$",
    ("string", "uuid"): "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$",
    ("string", "binary"): "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$",
    ("year", "default"): "^-?[0-9]{4}$",
    ("yearmonth", "default"): "^-?[0-9]{4}-(0[1-9]|1[0-2])$",
}
EXPECTED = {
    "integer": "a whole number, such as 12",
    "number": "a number, such as 1.5",
    "date": "a date, such as 2024-05-31",
    "time": "a time, such as 13:30:00",
    "datetime": "a date and time, such as 2024-05-31T13:30:00Z",
    "year": "a year, such as 2024",
    "yearmonth": "a month, such as 2024-05",
    "duration": "an ISO 8601 duration, such as P1Y2M",
    "object": "a JSON object",
    "array": "a JSON array",
    "geojson": "a GeoJSON object",
    "geopoint": "a point, such as 90.50,45.50",
}


def _schema(field: dict[str, Any], **schema: Any) -> dict[str, Any]:
    return {"things": {"fields": [{"name": "id"}, {"name": "name"} | field]} | schema}


@rule(
    "S001",
    "wrong-type",
    bad=[
        Example(
            {"things": "id,name\na,2024-13-01\n"},
            schemas=_schema({"type": "date"}),
            at="data/things.csv:2:name",
            message="'2024-13-01' is not a date; write a date, such as 2024-05-31",
        ),
        Example(
            {"things": "id,name\na,1.5\n"},
            schemas=_schema({"type": "integer"}),
            at="data/things.csv:2:name",
            message="'1.5' is not an integer; write a whole number, such as 12",
        ),
    ],
    good=[Example({"things": "id,name\na,2024-12-01\n"}, schemas=_schema({"type": "date"}))],
)
def wrong_type(context: Context) -> Iterator[Found]:
    """A cell is not of its column's type or format.

    Readers fail on it, or turn the whole column into text. Write the value in the form that the type asks for.

    Formats that SQL cannot read (durations, JSON, dates by pattern) are tested in Python, once for each distinct value.
    """
    for table, field in context.cells():
        yield from _type_checks(table, field)


def _type_checks(table: Table, field: Field) -> Iterator[Check]:
    article = "an" if field.type[0] in "aeiou" else "a"
    kind = field.type if field.format == "default" else f"{field.type} ({field.format})"
    expected = EXPECTED.get(field.type, f"it as {kind}")
    if field.type == "boolean":
        expected = " or ".join(words[0] for words in (true_values(field), false_values(field)) if words)
    message = "'{value}' is not " + plain(f"{article} {kind}; write {expected}")
    if wrong := wrongly_typed(field):
        yield Check(table, field, message, where=wrong)
    elif test := _python_test(field):
        yield Check(table, field, message, test=lambda cell: None if test(cell) else "wrong")


def wrongly_typed(field: Field) -> str:
    """A predicate for cells that are not of the field's type; empty where every text is, or where SQL cannot say."""
    value = field.sql
    pattern = PATTERNS.get((field.type, field.format))
    if field.type in {"integer", "number"} and _is_plain_number(field):
        pattern = INTEGER if field.type == "integer" else NUMBER
    if field.type == "time" and field.format == "default":
        pattern = TIME
    if pattern:
        return f"NOT regexp_matches({value}, {literal(pattern)})"
    if field.type == "boolean":
        return f"{value} NOT IN ({', '.join(map(literal, true_values(field) + false_values(field))) or 'NULL'})"
    if field.type == "date" and field.format == "default":
        return f"CAST(try_cast({value} AS DATE) AS VARCHAR) IS DISTINCT FROM {value} OR length({value}) <> 10"
    return ""


def _well_typed(field: Field) -> str:
    """A condition to add, so that a cell which is not of its type is that one fault and no other."""
    wrong = wrongly_typed(field)
    return f" AND NOT ({wrong})" if wrong else ""


def _value(field: Field) -> str:
    """The cell as a text that is equal for equal values: 1 and 01, TRUE and true."""
    if field.type == "boolean":
        true, false = (", ".join(map(literal, words)) or "NULL" for words in (true_values(field), false_values(field)))
        return f"CASE WHEN {field.sql} IN ({true}) THEN 'true' WHEN {field.sql} IN ({false}) THEN 'false' END"
    if field.type in {"integer", "number", "year"} and _is_plain_number(field):
        cast = "HUGEINT" if field.type != "number" else "DOUBLE"
        number = f"CAST(try_cast({field.sql} AS {cast}) AS VARCHAR)"
        return f"CASE WHEN {field.sql} IS NOT NULL{_well_typed(field)} THEN {number} END"
    wrong = wrongly_typed(field) if field.type != "string" else ""
    return f"CASE WHEN NOT ({wrong}) THEN {field.sql} END" if wrong else field.sql


def _is_plain_number(field: Field) -> bool:
    special = {"decimalChar": ".", "groupChar": None, "bareNumber": True}
    return all(field.descriptor.get(key, usual) == usual for key, usual in special.items())


def _python_test(field: Field) -> Callable[[str], bool] | None:
    """A function that says whether a cell is of the field's type; None where every text is."""
    if field.type in {"integer", "number"}:
        return lambda cell: parse_number(cell, field) is not None
    if field.type in {"date", "datetime", "time"}:
        return lambda cell: parse_moment(cell, field) is not None
    tests: dict[str, Callable[[str], bool]] = {
        "object": lambda cell: isinstance(_json(cell), dict),
        "array": lambda cell: isinstance(_json(cell), list),
        "geojson": lambda cell: isinstance(_json(cell), dict) and "type" in _json(cell),
        "geopoint": lambda cell: _is_point(cell, field.format),
        "duration": lambda cell: bool(DURATION.fullmatch(cell)) and cell[-1] not in "PT",
    }
    return tests.get(field.type)


DURATION = re.compile(
    r"[+-]?P(\d+(\.\d+)?Y)?(\d+(\.\d+)?M)?(\d+(\.\d+)?W)?(\d+(\.\d+)?D)?(T(\d+(\.\d+)?H)?(\d+(\.\d+)?M)?(\d+(\.\d+)?S)?)?"
)


def parse_number(cell: str, field: Field) -> Decimal | None:
    """The number a cell states under the field's groupChar, decimalChar and bareNumber; None where it states none."""
    text = cell
    if field.descriptor.get("bareNumber", True) is False:
        text = re.sub(r"^[^\d.+-]+|[^\d.]+$", "", text)
    text = text.replace(str(field.descriptor.get("groupChar") or "\0"), "")
    text = text.replace(str(field.descriptor.get("decimalChar") or "."), ".")
    try:
        if not re.fullmatch(INTEGER if field.type == "integer" else NUMBER, text):
            return None
        return Decimal(text.replace("INF", "Infinity"))
    except InvalidOperation:
        return None


def parse_moment(cell: str, field: Field) -> datetime | time | None:
    """The date or time a cell states under the field's format; None where it states none."""
    try:
        if field.format in {"default", "any"}:
            if field.type == "datetime" and "T" in cell:
                return moment(cell)
            if field.type == "time":
                return time.fromisoformat(cell)
            if field.type == "datetime" and "T" not in cell and field.format == "default":
                return None
            return datetime.fromisoformat(cell)
        return datetime.strptime(cell, field.format.removeprefix("fmt:"))
    except ValueError:
        return None


def _json(cell: str) -> Any:
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        return None


def _is_point(cell: str, form: str) -> bool:
    value = [part.strip() for part in cell.split(",")] if form == "default" else _json(cell)
    if form == "object":
        value = [value.get("lon"), value.get("lat")] if isinstance(value, dict) and len(value) == 2 else None
    try:
        longitude, latitude = map(float, value or [])
    except (TypeError, ValueError):
        return False
    return abs(longitude) <= 180 and abs(latitude) <= 90


@rule(
    "S002",
    "missing-value",
    bad=[
        Example(
            {"things": "id,name\na,\n"},
            schemas=_schema({"constraints": {"required": True}}),
            at="data/things.csv:2:name",
            message="name is missing; every row needs one",
        )
    ],
    good=[Example({"things": CSV}, schemas=_schema({"constraints": {"required": True}}))],
)
def missing_value(context: Context) -> Iterator[Found]:
    """A required cell, or a part of the primary key, is empty.

    Write the value. Where it cannot be known, the row does not belong here yet.
    """
    for table, field in context.cells():
        if field.constraints.get("required") is True or field.name in table.primary_key:
            message = f"{plain(field.name)} is missing; every row needs one"
            yield Check(table, field, message, where=f"{field.sql} IS NULL")


@rule(
    "S003",
    "repeated-value",
    bad=[
        Example(
            {"things": "id,name\na,Alpha\nb,Alpha\n"},
            schemas=_schema({"constraints": {"unique": True}}),
            at="data/things.csv:3:name",
            message="'Alpha' stands on line 2 already; each row needs its own",
        )
    ],
    good=[Example({"things": CSV}, schemas=_schema({"constraints": {"unique": True}}))],
)
def repeated_value(context: Context) -> Iterator[Found]:
    """A value stands twice in a column whose values are unique.

    Either one row is a duplicate, or one value is wrong. Delete the row or mend the value.
    """
    for table, field in context.cells():
        if field.constraints.get("unique") is True and (field.name,) != table.primary_key:
            yield _repeated(table, [field], "each row needs its own")


def _repeated(table: Table, fields: Sequence[Field], advice: str) -> Check:
    values = [_value(field) for field in fields]
    keys = ", ".join(f"{value} AS _k{number}" for number, value in enumerate(values))
    names = ", ".join(f"_k{number}" for number in range(len(values)))
    known = " AND ".join(f"_k{number} IS NOT NULL" for number in range(len(values)))
    shown = " || ', ' || ".join(field.sql for field in fields)
    rows = f"SELECT {LINE}, {shown} AS _shown, {keys} FROM {table.sql}"
    query = (
        f"WITH t AS ({rows}) SELECT {LINE} AS line, _shown AS value, _first FROM t JOIN (SELECT min({LINE}) AS _first,"
        f" {names} FROM t WHERE {known} GROUP BY {names} HAVING count(*) > 1) AS g USING ({names})"
        f" WHERE {LINE} > _first ORDER BY 1"
    )
    single = values[0] if len(values) == 1 else f"({', '.join(values)})"
    filled = " AND ".join(f"{value} IS NOT NULL" for value in values)
    suspect = f"count(DISTINCT {single}) FILTER (WHERE {filled}) < count(*) FILTER (WHERE {filled})"
    message = "'{value}' stands on line {_first} already; " + advice
    return Check(table, fields[0], message, query=query, suspect=suspect)


@rule(
    "S004",
    "repeated-key",
    bad=[
        Example(
            {"things": "id,name\na,Alpha\na,Beta\n"},
            schemas=_schema({}, primaryKey=["id"]),
            at="data/things.csv:3:id",
            message="'a' stands on line 2 already; a key (id) names one row",
        )
    ],
    good=[Example({"things": CSV}, schemas=_schema({}, primaryKey=["id"]))],
)
def repeated_key(context: Context) -> Iterator[Found]:
    """Two rows have the same primary or unique key.

    Whatever refers to the key cannot tell them apart. Delete the duplicate, or give one of them a key of its own.
    frictionless does not check unique keys (`uniqueKeys`).
    """
    for form in context.forms():
        for key in dict.fromkeys((form.table.primary_key, *form.table.unique_keys)):
            if key and set(key) <= set(form.columns):
                fields = [form.table.by_name[name] for name in key]
                yield _repeated(form.table, fields, f"a key ({plain(', '.join(key))}) names one row")


@rule(
    "S005",
    "unknown-reference",
    bad=[
        Example(
            {"things": "id,name\na,Alpha\n", "parts": "id,thing\np,b\n"},
            schemas={
                "things": {"primaryKey": "id"},
                "parts": {
                    "foreignKeys": [{"fields": "thing", "reference": {"resource": "things", "fields": "id"}}],
                },
            },
            at="data/parts.csv:2:thing",
            message="things has no row with id 'b'; add that row or mend the value",
        )
    ],
    good=[
        Example(
            {"things": "id,name\na,Alpha\n", "parts": "id,thing\np,a\n"},
            schemas={
                "things": {"primaryKey": "id"},
                "parts": {
                    "foreignKeys": [{"fields": "thing", "reference": {"resource": "things", "fields": "id"}}],
                },
            },
        )
    ],
)
def unknown_reference(context: Context) -> Iterator[Found]:
    """A foreign key names a row that does not exist.

    A join loses the row in silence. Add the row that is named, or write the key of one that exists.
    """
    for form in context.forms():
        table = form.table
        for key in table.foreign_keys:
            target = context.package.by_name.get(key.resource)
            if target is None or len(key.fields) != len(key.reference_fields):
                continue
            if not set(key.fields) <= set(form.columns):
                continue
            if not set(key.reference_fields) <= set(context.engine.forms[target.name].columns):
                continue
            here = [table.by_name[name] for name in key.fields]
            there = [target.by_name[name] for name in key.reference_fields]
            numbers = range(len(here))
            left = ", ".join(f"{_value(field)} AS _k{number}" for number, field in enumerate(here))
            right = ", ".join(f"{_value(field)} AS _k{number}" for number, field in enumerate(there))
            same = "=" if len(here) == 1 else "IS NOT DISTINCT FROM"
            match = " AND ".join(f"t._k{number} {same} r._k{number}" for number in numbers)
            known = " OR ".join(f"t._k{number} IS NOT NULL" for number in numbers)
            shown = " || ', ' || ".join(f"coalesce({field.sql}, '')" for field in here)
            query = (
                f"SELECT t.{LINE} AS line, t._shown AS value"
                f" FROM (SELECT {LINE}, {shown} AS _shown, {left} FROM {table.sql}) AS t"
                f" ANTI JOIN (SELECT {right} FROM {target.sql}) AS r ON {match} WHERE {known} ORDER BY 1"
            )
            there_shown = plain(f"{target.name} has no row with {', '.join(key.reference_fields)}")
            message = there_shown + " '{value}'; add that row or mend the value"
            yield Check(table, here[0], message, query=query)


@rule(
    "S006",
    "not-in-enum",
    bad=[
        Example(
            {"things": "id,name\na,gamma\n"},
            schemas=_schema({"constraints": {"enum": ["alpha", "beta"]}}),
            at="data/things.csv:2:name",
            message="'gamma' is not allowed; write one of alpha, beta",
        )
    ],
    good=[Example({"things": "id,name\na,beta\n"}, schemas=_schema({"constraints": {"enum": ["alpha", "beta"]}}))],
)
def not_in_enum(context: Context) -> Iterator[Found]:
    """A cell is none of the values its column allows (`constraints.enum`, or `categories`).

    Queries for the allowed values miss the row. Write one of them.
    frictionless does not check `categories`.
    """
    for table, field in context.cells():
        allowed = field.constraints.get("enum")
        if not isinstance(allowed, list):
            categories = field.descriptor.get("categories")
            if not isinstance(categories, list):
                continue
            allowed = [item.get("value") if isinstance(item, dict) else item for item in categories]
        texts = [json.dumps(item) if isinstance(item, bool | int | float) else str(item) for item in allowed]
        listed = ", ".join(literal(text) for text in texts) or "NULL"
        where = f"{field.sql} NOT IN ({listed})"
        if field.type in {"integer", "number", "year"}:
            numbers = ", ".join(f"try_cast({literal(text)} AS DOUBLE)" for text in texts)
            where += f" AND coalesce(try_cast({field.sql} AS DOUBLE) NOT IN ({numbers}), false)"
        if field.type == "boolean":
            wanted = (true_values(field) if True in allowed else []) + (false_values(field) if False in allowed else [])
            where = f"{field.sql} NOT IN ({', '.join(map(literal, wanted)) or 'NULL'})"
        choice = plain(", ".join(texts))
        message = "'{value}' is not allowed; write one of " + choice
        yield Check(table, field, message, where=f"{where}{_well_typed(field)}")


@rule(
    "S007",
    "pattern-differs",
    bad=[
        Example(
            {"things": "id,name\na,Alpha\n"},
            schemas=_schema({"constraints": {"pattern": "[a-z]+"}}),
            at="data/things.csv:2:name",
            message="'Alpha' does not fit the pattern [a-z]+",
        )
    ],
    good=[Example({"things": "id,name\na,alpha\n"}, schemas=_schema({"constraints": {"pattern": "[a-z]+"}}))],
)
def pattern_differs(context: Context) -> Iterator[Found]:
    """A cell does not fit its column's pattern.

    The whole cell has to fit. The column's description says what the pattern stands for.

    A pattern that RE2 cannot run, or reads otherwise, is tested in Python.
    """
    for table, field in context.cells():
        pattern = field.constraints.get("pattern")
        if not isinstance(pattern, str):
            continue
        message = "'{value}' does not fit the pattern " + plain(pattern)
        if (same := in_re2(pattern)) is not None:
            yield Check(table, field, message, where=f"NOT regexp_full_match({field.sql}, {literal(same)})")
        elif compiled := _compiled(pattern):
            yield Check(table, field, message, test=_misses(compiled))


SPACES = r"\t-\r\x1c-\x20\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}"
"""What `\\s` stands for in Python; RE2's knows ASCII alone."""


MOST_COPIES = 1000  # RE2 takes no more of them in one repetition, nested ones multiplied


def in_re2(pattern: str) -> str | None:
    """The pattern as RE2 reads it alike; None where it has none, as for look-around or classes that know Unicode."""
    rest = re.sub(r"(?<!\\)\\[sS]", "s", pattern)
    odd = r"\\[^.\-/|()\[\]{}+*?^$]|\(\?(?!:)|[*+?}]\+|\$.|\[\[|\[\^?\]|&&|--|~~"
    copies = math.prod(map(int, re.findall(r"(\d+),?\}", pattern)))
    if re.search(odd, rest) or copies > MOST_COPIES or not _compiled(pattern):
        return None
    parts, is_class = [], False
    for token in re.findall(r"\\.|[^\\]", pattern, re.DOTALL):
        if is_class and token == r"\S":
            return None
        is_class = token == "[" or (is_class and token != "]")
        spaces = {r"\s": SPACES if is_class else f"[{SPACES}]", r"\S": f"[^{SPACES}]"}
        parts.append(spaces.get(token, token))
    return "".join(parts)


def _compiled(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(pattern)
    except re.error:
        return None


def _misses(compiled: re.Pattern[str]) -> Callable[[str], str | None]:
    return lambda cell: None if compiled.fullmatch(cell) else "no match"


@rule(
    "S008",
    "wrong-length",
    bad=[
        Example(
            {"things": "id,name\na,Alpha\n"},
            schemas=_schema({"constraints": {"maxLength": 3}}),
            at="data/things.csv:2:name",
            message="'Alpha' has 5 characters; the column takes at most 3",
        )
    ],
    good=[Example({"things": CSV}, schemas=_schema({"constraints": {"minLength": 3, "maxLength": 5}}))],
)
def wrong_length(context: Context) -> Iterator[Found]:
    """A cell is shorter or longer than its column allows.

    Write it within the bounds that the schema gives.
    """
    for table, field in context.cells():
        for key, sign, words in (("minLength", "<", "at least"), ("maxLength", ">", "at most")):
            bound = field.constraints.get(key)
            if isinstance(bound, int) and field.type not in {"integer", "number", "boolean"}:
                message = "'{value}' has {length} characters; the column takes " + f"{words} {bound}"
                length = f"length({field.sql})"
                yield Check(table, field, message, where=f"{length} {sign} {bound}", values={"length": length})


BOUNDS = {
    "minimum": ("<", "at least"),
    "maximum": (">", "at most"),
    "exclusiveMinimum": ("<=", "more than"),
    "exclusiveMaximum": (">=", "less than"),
}
CASTS = {"integer": "HUGEINT", "number": "DOUBLE", "year": "INTEGER", "date": "DATE", "datetime": "TIMESTAMP"}


@rule(
    "S009",
    "out-of-bounds",
    bad=[
        Example(
            {"things": "id,name\na,12\n"},
            schemas=_schema({"type": "integer", "constraints": {"maximum": 10}}),
            at="data/things.csv:2:name",
            message="12 is out of bounds; the column takes at most 10",
        )
    ],
    good=[Example({"things": "id,name\na,10\n"}, schemas=_schema({"type": "integer", "constraints": {"maximum": 10}}))],
)
def out_of_bounds(context: Context) -> Iterator[Found]:
    """A value is smaller or larger than its column allows.

    Write it within the bounds that the schema gives; look at the unit.
    """
    for table, field in context.cells():
        for key, (sign, words) in BOUNDS.items():
            bound = field.constraints.get(key)
            if bound is None or isinstance(bound, bool | dict | list):
                continue
            message = "{value} is out of bounds; the column takes " + plain(f"{words} {bound}")
            cast = CASTS.get(field.type)
            if cast and field.format == "default" and _is_plain_number(field):
                limit = f"try_cast({literal(str(bound))} AS {cast})"
                out = f"try_cast({field.sql} AS {cast}) {sign} {limit}"
                if field.type == "number":
                    out = f"({out} OR isnan(try_cast({field.sql} AS DOUBLE)))"  # NaN is within no bounds
                yield Check(table, field, message, where=out + _well_typed(field))
            elif field.type in {"yearmonth", "time"}:
                yield Check(
                    table, field, message, where=f"{field.sql} {sign} {literal(str(bound))}{_well_typed(field)}"
                )
            else:
                test = _bound_test(field, sign, str(bound))
                yield Check(table, field, message, test=test)


def _bound_test(field: Field, sign: str, bound: str) -> Callable[[str], str | None]:
    parse: Callable[[str, Field], Any] = parse_number if field.type in {"integer", "number"} else parse_moment
    limit = parse(bound, field)

    def test(cell: str) -> str | None:
        value = parse(cell, field)
        if value is None or limit is None:
            return None
        try:
            out = {"<": value < limit, ">": value > limit, "<=": value <= limit, ">=": value >= limit}[sign]
        except (TypeError, InvalidOperation):
            return None  # NaN has no order, nor has a time with a zone beside one without
        return "out" if out else None

    return test


@rule(
    "S010",
    "unknown-term",
    needs=["vocabulary.vocabulary", "vocabulary.term"],
    bad=[
        Example(
            {"vocabulary": "vocabulary,term\nsensor,landsat-8\n", "things": "id,sensors\na,landsat-8|landsat8\n"},
            schemas={
                "things": {"fields": [{"name": "id"}, {"name": "sensors", "vocabulary": "sensor", "delimiter": "|"}]}
            },
            at="data/things.csv:2:sensors",
            message="'landsat8' is no term of vocabulary sensor; write one of its terms or add it to vocabulary.csv",
        )
    ],
    good=[
        Example(
            {"vocabulary": "vocabulary,term\nsensor,landsat-8\n", "things": "id,sensors\na,landsat-8\n"},
            schemas={
                "things": {"fields": [{"name": "id"}, {"name": "sensors", "vocabulary": "sensor", "delimiter": "|"}]}
            },
        )
    ],
)
def unknown_term(context: Context) -> Iterator[Found]:
    """A cell, or one of its items, is no term of its vocabulary.

    A tag that is spelled in two ways is two tags to every query. Write the term as the vocabulary table has it.
    """
    for table, field in context.cells():
        if not field.vocabulary or "enum" in field.constraints:
            continue
        items = f"unnest(string_split({field.sql}, {literal(field.delimiter)}))" if field.delimiter else field.sql
        query = (
            f"SELECT line, value FROM (SELECT {LINE} AS line, {items} AS value FROM {table.sql}) AS items"
            f" WHERE value IS NOT NULL AND value NOT IN"
            f" (SELECT term FROM vocabulary WHERE vocabulary = {literal(field.vocabulary)}) ORDER BY 1"
        )
        message = "'{value}' is no term of vocabulary " + plain(field.vocabulary)
        yield Check(table, field, message + "; write one of its terms or add it to vocabulary.csv", query=query)


@rule(
    "S011",
    "list-not-canonical",
    bad=[
        Example(
            {"things": "id,tags\na,b|a|b\n"},
            schemas={"things": {"fields": [{"name": "id"}, {"name": "tags", "vocabulary": "tag", "delimiter": "|"}]}},
            at="data/things.csv:2:tags",
            message="the items of 'b|a|b' are not sorted and unique; write 'a|b'",
            fixed={"things": "id,tags\na,a|b\n"},
        ),
        Example(
            {"things": "id,names\na,b | a\n"},
            schemas={"things": {"fields": [{"name": "id"}, {"name": "names", "delimiter": "|"}]}},
            at="data/things.csv:2:names",
            message="blank or repeated items in 'b | a'; write 'b|a'",
            fixed={"things": "id,names\na,b|a\n"},
        ),
    ],
    good=[
        Example(
            {"things": "id,names\na,b|a\n"},
            schemas={"things": {"fields": [{"name": "id"}, {"name": "names", "delimiter": "|"}]}},
        )
    ],
)
def list_not_canonical(context: Context) -> Iterator[Found]:
    """The items of a cell with several values are not in canonical form.

    Items stand without spaces around them, none is empty, none stands twice; terms of a vocabulary are sorted, so that
    equal sets are equal texts. Other items (authors, former names) keep their order.

    It needs Python for its fix, which keeps the order of the items.
    """
    for table, field in context.cells():
        if not field.delimiter:
            continue
        mend = _list_mender(field.delimiter, ordered=field.vocabulary is None)
        what = (
            "blank or repeated items in '{value}'"
            if field.vocabulary is None
            else ("the items of '{value}' are not sorted and unique")
        )
        items = f"string_split({field.sql}, {literal(field.delimiter)})"
        sign = literal(re.escape(field.delimiter))[1:-1]
        wrong = f"len(list_distinct({items})) <> len({items}) OR list_contains({items}, '')"
        wrong += rf" OR regexp_matches({field.sql}, '(^|{sign})\s|\s($|{sign})')"
        if field.vocabulary is not None:
            wrong += f" OR list_sort({items}) <> {items}"
        yield Check(table, field, what + "; write '{fix}'", where=wrong, fix=mend, only_fixable=True)


def _list_mender(delimiter: str, *, ordered: bool) -> Callable[[str], str]:
    def mend(cell: str) -> str:
        items = list(dict.fromkeys(item.strip() for item in cell.split(delimiter) if item.strip()))
        return delimiter.join(items if ordered else sorted(items))

    return mend


@rule(
    "S012",
    "breaks-json-schema",
    bad=[
        Example(
            {"things": 'id,name\na,"[1, ""b""]"\n'},
            schemas=_schema({"type": "array", "constraints": {"jsonSchema": {"items": {"type": "integer"}}}}),
            at="data/things.csv:2:name",
            message="""'[1, "b"]' breaks the column's JSON Schema: 'b' is not of type 'integer'""",
        )
    ],
    good=[
        Example(
            {"things": 'id,name\na,"[1, 2]"\n'},
            schemas=_schema({"type": "array", "constraints": {"jsonSchema": {"items": {"type": "integer"}}}}),
        )
    ],
)
def breaks_json_schema(context: Context) -> Iterator[Found]:
    """An object or array breaks the JSON Schema that its column gives (`constraints.jsonSchema`).

    Write the value as that schema asks. It needs Python: the checking is jsonschema's.
    """
    for table, field in context.cells():
        schema = field.constraints.get("jsonSchema")
        if field.type in {"object", "array"} and isinstance(schema, dict):
            message = "'{value}' breaks the column's JSON Schema: {note}"
            yield Check(table, field, message, test=_json_schema_test(schema))


def _json_schema_test(schema: dict[str, Any]) -> Callable[[str], str | None]:
    check = checker(schema)

    def test(cell: str) -> str | None:
        value = _json(cell)
        if value is None:
            return None
        try:
            return next((message for _, message in check(value)), None)
        except SchemaError as error:
            return f"the schema {error}"

    return test

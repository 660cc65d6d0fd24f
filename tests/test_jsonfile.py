"""JSON with lines."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsfm.jsonfile import JsonDocument, JsonError

TEXT = """{
  "a": [
    1,
    {"b": "x, {y}",
     "c": null}
  ],
  "d": {}, "a": 2
}
"""


def test_lines_of_values() -> None:
    document = JsonDocument(TEXT)
    assert [document.line(*pointer) for pointer in [(), ("a", 0), ("a", 1), ("a", 1, "b"), ("a", 1, "c"), ("d",)]] == [
        1,
        3,
        4,
        4,
        5,
        7,
    ]
    assert document.line("a", 1, "c", "nothing", 7) == 5, "the nearest parent that exists"


def test_repeated_keys() -> None:
    assert JsonDocument(TEXT).repeated_keys == [(("a",), 7)]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('{\n"a": 1,\n}', 3),
        ("", 1),
        ("[1,\n2\n3]", 3),
        ('\n{"a": NaN}', 2),
        ('{\n"a": "\\ud800"}', 2),
        ('\n{"\\ud800": 1}', 2),
        ("\n" + "9" * 5000, 2),
    ],
)
def test_broken_json_has_a_line(text: str, line: int) -> None:
    with pytest.raises(JsonError) as caught:
        JsonDocument(text)
    assert caught.value.line == line


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


def pointers(value: Any, here: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [here, *(found for key, part in parts for found in pointers(part, (*here, key)))]


@given(JSON, st.sampled_from([None, 1, 3]), st.booleans())
def test_every_value_has_a_line(value: Any, indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    document = JsonDocument(text)
    assert list(document.lines) == pointers(value)
    assert not document.repeated_keys
    lines = [document.lines[pointer] for pointer in document.lines]
    assert lines == sorted(lines)
    if indent is not None and isinstance(value, list | dict) and value:
        assert lines[1] == 2

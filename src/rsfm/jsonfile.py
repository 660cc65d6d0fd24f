"""Strict JSON reading that remembers the line of every value."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)

Pointer = tuple[str | int, ...]


class JsonError(ValueError):
    """The text is not JSON; ``line`` says where."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


class JsonDocument:
    """A JSON value with the physical line of each of its parts, and the object keys that stand twice."""

    def __init__(self, text: str) -> None:
        """Parse ``text``; raises JsonError."""
        try:
            self.value: Any = json.loads(text)
        except json.JSONDecodeError as error:
            raise JsonError(error.msg, error.lineno) from None
        except RecursionError:
            raise JsonError("nested too deeply", 1) from None
        except ValueError:
            raise JsonError("a number with too many digits", _line_of(r"[0-9]{4300}", text)) from None
        self._refuse_what_json_has_not(text)
        self.lines: dict[Pointer, int] = {}
        self.repeated_keys: list[tuple[Pointer, int]] = []
        for pointer, line in _walk(text):
            if pointer in self.lines and pointer:
                self.repeated_keys.append((pointer, line))
            self.lines[pointer] = line

    def _refuse_what_json_has_not(self, text: str) -> None:
        """Python reads NaN, Infinity and halves of surrogate pairs; no other reader does."""
        for match in _TOKEN.finditer(text):
            token = match.group()
            if token in {"NaN", "Infinity", "-Infinity"}:
                raise JsonError(f"{token} is no JSON", text.count("\n", 0, match.start()) + 1)
            if token[0] == '"' and "\\u" in token and re.search("[\ud800-\udfff]", json.loads(token)):
                raise JsonError("half of a surrogate pair", text.count("\n", 0, match.start()) + 1)

    def line(self, *pointer: str | int) -> int:
        """The line on which the value at ``pointer`` starts, or that of its nearest parent that exists."""
        while pointer not in self.lines and pointer:
            pointer = pointer[:-1]
        return self.lines.get(pointer, 1)


def read_json(path: Path) -> JsonDocument:
    """Read a UTF-8 JSON file; raises OSError and JsonError."""
    data = path.read_bytes()
    try:
        return JsonDocument(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise JsonError("not UTF-8: write the file in UTF-8", data.count(b"\n", 0, error.start) + 1) from None


def _line_of(pattern: str, text: str) -> int:
    match = re.search(pattern, text)
    return text.count("\n", 0, match.start()) + 1 if match else 1


def _walk(text: str) -> Iterator[tuple[Pointer, int]]:
    """Yield (pointer, line) of every value, in order. The text is known to be valid JSON."""
    stack: list[str | int] = []  # the key or index at each open level
    line, position = 1, 0
    expect_key = False
    for match in _TOKEN.finditer(text):
        line += text.count("\n", position, match.start())
        position = match.start()
        token = match.group()
        if token == ",":
            last = stack[-1]
            if isinstance(last, int):
                stack[-1] = last + 1
            else:
                expect_key = True
        elif token in "}]":
            stack.pop()
            expect_key = False
        elif token == ":":
            expect_key = False
        elif expect_key:
            stack[-1] = json.loads(token)
        else:
            yield tuple(stack), line
            if token in "{[":
                stack.append("" if token == "{" else 0)
                expect_key = token == "{"

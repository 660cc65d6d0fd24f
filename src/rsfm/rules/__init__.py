"""The rules: one module a family; the decorator registers, and that registry is the only list."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from rsfm.engine import Check, Engine, Form, visible
from rsfm.package import Fault, Field, Package, Table
from rsfm.problem import Problem, Rewrite, Severity

FAMILIES = {
    "K": "package: descriptor, schemas and files",
    "F": "file form: bytes, lines, cells",
    "S": "schema: what the Table Schema says",
    "I": "identifiers",
    "L": "links",
    "P": "papers",
    "M": "models",
    "D": "datasets",
    "R": "results",
    "E": "evidence",
}
"""The families in the order they run."""


@dataclass(frozen=True)
class Example:
    """A small package for a rule's tests and documentation.

    ``files`` are CSV texts (or bytes) by table name, ``data`` other files by path, ``released`` the files that differed
    when the tag v1.0.0 was set (none: nothing was ever released). A table that rsfm itself has takes
    the fields of rsfm's own schema, another one is all text; ``schemas`` and ``descriptor`` add to that. A bad example
    says ``at`` which ``path:line:field`` the problem stands, the ``message``, and what ``fixed`` files it leaves.
    """

    files: Mapping[str, str | bytes]
    at: str = ""
    message: str = ""
    fixed: Mapping[str, str] = field(default_factory=dict)
    schemas: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    descriptor: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, str] = field(default_factory=dict)
    released: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Context:
    """What a rule sees: the package and, once loaded, its tables in the engine."""

    package: Package
    engine: Engine

    def forms(self) -> Iterable[Form]:
        """The form of each table's file."""
        return self.engine.forms.values()

    def cells(self) -> Iterator[tuple[Table, Field]]:
        """Each column that stands in a readable file."""
        for form in self.forms():
            for name in form.columns:
                yield form.table, form.table.by_name[name]

    def has(self, *names: str) -> bool:
        """Whether each of these (``table.field``) stands in a readable file."""
        for name in names:
            table, _, column = name.partition(".")
            form = self.engine.forms.get(table)
            if form is None or column not in form.columns:
                return False
            if form.table.column != table or form.table.by_name[column].column != column:
                return False  # another name differs in case alone, so that the plain name means that one in SQL
        return True

    def column(self, name: str) -> tuple[Table, Field]:
        """The table and the field of ``table.field``."""
        table, _, column = name.partition(".")
        found = self.package.by_name[table]
        return found, found.by_name[column]

    def subjects(self, name: str) -> Iterator[tuple[Table, Field]]:
        """The tables that the column ``name`` may name, those with a readable key of one column; with that key."""
        allowed = self.column(name)[1].constraints.get("enum")
        for table in self.package.tables:
            if allowed is not None and table.name not in allowed:
                continue
            if len(table.primary_key) == 1 and self.has(f"{table.name}.{table.primary_key[0]}"):
                yield table, table.by_name[table.primary_key[0]]


Found = Check | Fault
Body = Callable[[Context], Iterable[Found]]


@dataclass(frozen=True)
class Rule:
    """A code, a name, a docstring, examples, and a function from the context to checks and faults."""

    code: str
    name: str
    severity: Severity
    needs: tuple[str, ...]
    body: Body
    bad: tuple[Example, ...]
    good: tuple[Example, ...]

    @property
    def family(self) -> str:
        """The letter of its family."""
        return self.code[0]

    @property
    def docs(self) -> str:
        """What the fault is in one line, then why it matters and how to mend it."""
        return inspect.cleandoc(self.body.__doc__ or "")

    @property
    def fixable(self) -> bool:
        """Whether an example shows it mended."""
        return any(example.fixed for example in self.bad)

    def applies(self, context: Context) -> bool:
        """Whether the package has the columns that the rule speaks of."""
        return context.has(*self.needs)

    def check(self, found: Check) -> Check:
        """The check under this rule's code."""
        return replace(found, code=self.code, name=self.name, severity=self.severity)

    def problem(self, fault: Fault) -> Problem:
        """A fault that a reader found, under this rule's code."""
        values = dict(fault.values)
        message = str(values.pop("message"))
        table = values.pop("rewrite", None)
        name = values.pop("field", None)
        fix = Rewrite(table) if isinstance(table, str) else None
        return Problem(self.code, self.name, self.severity, fault.path, fault.line, name, message, fix)


_REGISTRY: dict[str, Rule] = {}


def rule(
    code: str,
    name: str,
    *,
    bad: Iterable[Example],
    good: Iterable[Example],
    needs: Iterable[str] = (),
    severity: Severity = Severity.ERROR,
) -> Callable[[Body], Body]:
    """Register a rule. ``needs`` names the ``table.field`` columns without which it does not run."""

    def register(body: Body) -> Body:
        if code in _REGISTRY:
            raise ValueError(f"rule {code} is registered twice")
        _REGISTRY[code] = Rule(code, name, severity, tuple(needs), body, tuple(bad), tuple(good))
        return body

    return register


def all_rules() -> list[Rule]:
    """Every rule, families in the order they run, codes ascending."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    order = list(FAMILIES)
    return sorted(_REGISTRY.values(), key=lambda item: (order.index(item.family), item.code))


def reported(faults: Iterable[Fault], message: str, *, rewrite: str | None = None) -> Iterator[Fault]:
    """The faults with their message filled in; ``rewrite`` names the table whose rewriting mends them."""
    for fault in faults:
        shown = {key: visible(value) if isinstance(value, str) else value for key, value in fault.values.items()}
        values: dict[str, Any] = {"message": message.format(**shown)}
        if "field" in fault.values:
            values["field"] = fault.values["field"]
        if rewrite:
            values["rewrite"] = rewrite
        yield Fault(fault.kind, fault.path, fault.line, values)

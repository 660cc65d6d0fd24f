"""K: the descriptor, the Table Schemas, and the files of the package."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import Any

from rsfm.engine import Check, plain
from rsfm.history import last_release
from rsfm.jsonfile import JsonError, read_json
from rsfm.jsonschemas import SchemaError, checker
from rsfm.opening import is_file, resolves_inside
from rsfm.package import Fault
from rsfm.problem import Severity
from rsfm.rules import Context, Example, Found, reported, rule
from rsfm.sql import literal

CSV = "id,name\na,Alpha\n"
HOUSE_PROFILE = "schema/profile.json"


@rule(
    "K001",
    "house-profile",
    bad=[
        Example(
            {"things": CSV},
            data={
                HOUSE_PROFILE: '{"$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["version"]}'
            },
            at="datapackage.json:1:",
            message="'version' is a required property (schema/profile.json)",
        )
    ],
    good=[
        Example(
            {"things": CSV},
            data={HOUSE_PROFILE: '{"$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["name"]}'},
        )
    ],
)
def house_profile(context: Context) -> Iterator[Found]:
    """The descriptor or a Table Schema breaks the package's own profile.

    A package may carry house rules over its descriptor as JSON Schema 2020-12 in `schema/profile.json`. They are
    checked with each Table Schema put in the place of its path. Write what the profile asks for.

    It needs Python, since what it checks is a tree, not a table.
    """
    root = context.package.root
    if not is_file(root / HOUSE_PROFILE) or not resolves_inside(root, HOUSE_PROFILE):
        return
    try:
        check = checker(read_json(root / HOUSE_PROFILE).value)
        for pointer, message in check(_dereferenced(context)):
            file, line = _place(context, pointer)
            yield Fault("house-profile", file, line, {"message": f"{message} ({HOUSE_PROFILE})"})
    except (OSError, JsonError, SchemaError) as error:
        yield Fault(
            "house-profile", HOUSE_PROFILE, getattr(error, "line", 1), {"message": f"is no JSON Schema: {error}"}
        )


def _dereferenced(context: Context) -> dict[str, Any]:
    """The descriptor with the schemas in it."""
    schemas = {path: document.value for path, document in context.package.schemas.items()}
    resources = []
    for resource in context.package.descriptor["resources"]:
        if isinstance(resource, dict) and isinstance(resource.get("schema"), str):
            resource = resource | {"schema": schemas.get(resource["schema"], {})}
        resources.append(resource)
    return context.package.descriptor | {"resources": resources}


def _place(context: Context, pointer: list[str | int]) -> tuple[str, int]:
    """The file and the line at a pointer into the dereferenced descriptor."""
    if len(pointer) >= 3 and pointer[0] == "resources" and pointer[2] == "schema":
        resource = context.package.descriptor["resources"][pointer[1]]
        path = resource.get("schema")
        if isinstance(path, str) and path in context.package.schemas:
            return path, context.package.schemas[path].line(*pointer[3:])
    return context.package.name, context.package.document.line(*pointer)


def _descriptor_faults(context: Context, kind: str) -> Iterable[Fault]:
    return (fault for fault in context.package.faults if fault.kind == kind)


@rule(
    "K002",
    "unsafe-path",
    bad=[
        Example(
            {},
            descriptor={"resources": [{"name": "things", "path": "../things.csv"}]},
            at="datapackage.json:6:",
            message="resource things: path ../things.csv leads out of the package;"
            " write a relative path to a file inside it",
        ),
        Example(
            {},
            descriptor={"resources": [{"name": "things", "path": "https://example.org/things.csv"}]},
            at="datapackage.json:6:",
            message="resource things: path https://example.org/things.csv is a URL;"
            " write a relative path to a file inside it",
        ),
    ],
    good=[Example({"things": CSV})],
)
def unsafe_path(context: Context) -> Iterator[Found]:
    """A resource's path leads out of the package.

    A path that is absolute, climbs with `..`, follows a link out, or is a URL names a file that is not part of what is
    checked and released; reading it would let a package read any file of the machine. Such a path is not opened.
    Write a relative path, with `/`, to a file inside the package.
    """
    template = "resource {resource}: path {found} {reason}; write a relative path to a file inside it"
    yield from reported(_descriptor_faults(context, "unsafe-path"), template)


@rule(
    "K003",
    "missing-file",
    bad=[
        Example(
            {},
            descriptor={"resources": [{"name": "things", "path": "data/things.csv"}]},
            at="datapackage.json:6:",
            message="data/things.csv: No such file or directory; add the file or take its resource out",
        )
    ],
    good=[Example({"things": CSV})],
)
def missing_file(context: Context) -> Iterator[Found]:
    """A file that the descriptor names is not there, or cannot be read.

    Whoever opens the package fails at it. Add the file, or take its resource out of the descriptor.
    """
    faults = [fault for form in context.forms() for fault in form.of("missing-file")]
    template = "{file}: {reason}; add the file or take its resource out"
    yield from reported([*_descriptor_faults(context, "missing-file"), *faults], template)


@rule(
    "K004",
    "broken-resource",
    bad=[
        Example(
            {},
            descriptor={"resources": [{"path": "data/things.csv"}]},
            at="datapackage.json:4:",
            message='a resource without a name; write "name": "..."',
        )
    ],
    good=[Example({"things": CSV})],
)
def broken_resource(context: Context) -> Iterator[Found]:
    """A resource has no name or no path.

    Nothing can refer to it, so it is not checked. Write both.
    """
    yield from reported(_descriptor_faults(context, "broken-resource"), "{found}; {advice}")


@rule(
    "K005",
    "repeated-resource",
    bad=[
        Example(
            {},
            descriptor={
                "resources": [{"name": "a", "path": "data/a.csv"}, {"name": "a", "path": "data/b.csv"}],
            },
            at="datapackage.json:9:",
            message="a second resource is named a; give it another name",
        )
    ],
    good=[Example({"things": CSV, "others": CSV})],
)
def repeated_resource(context: Context) -> Iterator[Found]:
    """Two resources have one name.

    Foreign keys and readers find a table by its name, so one of the two is never found. Rename one.
    """
    faults = _descriptor_faults(context, "repeated-resource")
    yield from reported(faults, "a second resource is named {resource}; give it another name")


@rule(
    "K006",
    "broken-schema",
    bad=[
        Example(
            {"things": CSV},
            schemas={"things": {"fields": [{"name": "id", "type": "text"}, {"name": "name"}]}},
            at="schema/things.json:5:",
            message="field id has the unknown type text; write one of any, array, boolean, date, datetime, duration,"
            " geojson, geopoint, integer, list, number, object, string, time, year, yearmonth",
        ),
        Example(
            {"things": CSV},
            schemas={"things": {"primaryKey": "key"}},
            at="schema/things.json:12:",
            message="primaryKey names key, which is no field; name a field of the table",
        ),
    ],
    good=[Example({"things": CSV}, schemas={"things": {"primaryKey": "id"}})],
)
def broken_schema(context: Context) -> Iterator[Found]:
    """A Table Schema cannot be used as it is.

    Unknown types, fields without a name or twice, and keys to fields or tables that do not exist make readers fail or
    skip checks in silence. Mend the schema at the line named.
    """
    yield from reported(_descriptor_faults(context, "broken-schema"), "{found}; {advice}")


@rule(
    "K007",
    "stale-waiver",
    bad=[
        Example(
            {"things": CSV},
            data={"schema/exceptions.csv": "rule,table,key,reason\nF999,things,a,spaces are wanted here\n"},
            at="schema/exceptions.csv:2:reason",
            message="this waiver names rule F999, which does not exist; delete the line",
        )
    ],
    good=[Example({"things": CSV}, data={"schema/exceptions.csv": "rule,table,key,reason\n"})],
)
def stale_waiver(context: Context) -> Iterator[Found]:
    """A line of schema/exceptions.csv waives a rule that nothing there breaks, or gives no reason.

    A waiver that outlives its cause hides the next fault of that kind. Delete it, or write the reason.

    It needs Python: what a waiver fits is known only when all rules have run (see `waivers.py`).
    """
    yield from ()


@rule(
    "K008",
    "repeated-key",
    bad=[
        Example(
            {},
            data={
                "datapackage.json": '{\n  "name": "x",\n  "name": "y",\n  "resources": [{"name": "a", "data": []}]\n}\n'
            },
            at="datapackage.json:3:",
            message="the key name stands twice in one object; delete one",
        )
    ],
    good=[Example({"things": CSV})],
)
def repeated_key(context: Context) -> Iterator[Found]:
    """A JSON object has one key twice.

    Readers keep one of the two, and not all the same one. Delete the wrong one.
    """
    faults = _descriptor_faults(context, "repeated-key")
    yield from reported(faults, "the key {key} stands twice in one object; delete one")


@rule(
    "K009",
    "not-checked",
    severity=Severity.WARNING,
    bad=[
        Example(
            {},
            descriptor={"resources": [{"name": "things", "path": "data/things.csv", "encoding": "latin-1"}]},
            at="datapackage.json:7:",
            message="resource things is not checked: encoding latin-1; write it as one plain UTF-8 CSV file",
        )
    ],
    good=[Example({"things": CSV})],
)
def not_checked(context: Context) -> Iterator[Found]:
    """A resource is in a form that this linter does not read, so nothing in it was checked.

    Inline data, several files for one table, compressed files, other encodings and unusual CSV dialects are passed
    over. Write the table as one UTF-8 CSV file with a header.
    """
    template = "resource {resource} is not checked: {found}; write it as one plain UTF-8 CSV file"
    yield from reported(_descriptor_faults(context, "not-checked"), template)


@rule(
    "K010",
    "undeclared-file",
    bad=[
        Example(
            {"things": CSV},
            data={"data/others.csv": CSV},
            at="data/others.csv:1:",
            message="no resource names this file; declare it in datapackage.json or delete it",
        )
    ],
    good=[Example({"things": CSV})],
)
def undeclared_file(context: Context) -> Iterator[Found]:
    """A CSV file lies beside the tables and no resource names it.

    It is neither checked nor released, though it looks like data. Declare it in datapackage.json, or delete it.

    It needs Python, since it looks at folders.
    """
    root = context.package.root
    declared = {table.path for table in context.package.tables}
    names = {
        resource["path"]
        for resource in context.package.descriptor["resources"]
        if isinstance(resource, dict) and isinstance(resource.get("path"), str)
    }
    folders = {PurePosixPath(path).parent for path in declared} - {PurePosixPath(".")}
    for folder in sorted(str(folder) for folder in folders):
        for path in sorted((root / folder).glob("*.csv")):
            name = path.relative_to(root).as_posix()
            if name not in {PurePosixPath(known).as_posix() for known in names}:
                message = "no resource names this file; declare it in datapackage.json or delete it"
                yield Fault("undeclared-file", name, 1, {"message": message})


@rule(
    "K011",
    "enum-without-term",
    needs=["vocabulary.vocabulary", "vocabulary.term"],
    bad=[
        Example(
            {"vocabulary": "vocabulary,term\nplatform,aerial\n", "things": "id,platform\na,aerial\n"},
            schemas={
                "things": {
                    "fields": [
                        {"name": "id"},
                        {
                            "name": "platform",
                            "vocabulary": "platform",
                            "constraints": {"enum": ["aerial", "satellite"]},
                        },
                    ]
                }
            },
            at="schema/things.json:10:platform",
            message="the enum allows satellite, which is no term of vocabulary platform; add it to vocabulary.csv",
        )
    ],
    good=[
        Example(
            {"vocabulary": "vocabulary,term\nplatform,aerial\n", "things": "id,platform\na,aerial\n"},
            schemas={
                "things": {
                    "fields": [
                        {"name": "id"},
                        {"name": "platform", "vocabulary": "platform", "constraints": {"enum": ["aerial"]}},
                    ]
                }
            },
        )
    ],
)
def enum_without_term(context: Context) -> Iterator[Found]:
    """An enum and the vocabulary that explains it differ.

    The enum in the Table Schema is what readers check; the vocabulary gives each value its label and definition.
    A value in one alone is either unexplained or never allowed. Write it in both, or in neither.

    It needs Python, since it compares a schema with a table.
    """
    query = "SELECT vocabulary, term FROM vocabulary WHERE term IS NOT NULL"
    rows = context.engine.connection.execute(query).fetchall()
    for table, field in context.cells():
        allowed = field.constraints.get("enum")
        if not field.vocabulary or not isinstance(allowed, list):
            continue
        terms = {term for vocabulary, term in rows if vocabulary == field.vocabulary}
        document = context.package.schemas.get(table.schema_path)
        number = next(index for index, item in enumerate(table.fields) if item is field)
        line = document.line("fields", number, "constraints", "enum") if document else 1
        for term in sorted(set(map(str, allowed)) ^ terms):
            if term in terms:
                message = f"vocabulary {field.vocabulary} has {term}, which the enum does not allow; add it to the enum"
            else:
                message = (
                    f"the enum allows {term}, which is no term of vocabulary {field.vocabulary};"
                    " add it to vocabulary.csv"
                )
            path = table.schema_path or context.package.name
            yield Fault("enum-without-term", path, line, {"message": message, "field": field.name})


@rule(
    "K012",
    "unknown-row",
    bad=[
        Example(
            {
                "papers": "paper_id,title\nsatmae-2022,SatMAE\n",
                "redirects": "table,id,new_id,reason\npapers,satmae,satmae-2021,the year was added\n",
            },
            at="data/redirects.csv:2:new_id",
            message="papers has no row satmae-2021; write the id of a row that exists",
        )
    ],
    good=[
        Example(
            {
                "papers": "paper_id,title\nsatmae-2022,SatMAE\n",
                "redirects": "table,id,new_id,reason\npapers,satmae,satmae-2022,the year was added\n",
            }
        )
    ],
)
def unknown_row(context: Context) -> Iterator[Found]:
    """A row speaks of a row of another table that does not exist.

    `evidence`, `corrections`, `listings` and `redirects` name a table and an id in it, which no foreign key can
    express. Write the id as it stands in that table, or delete the row.
    """
    for name, column in {"evidence": "id", "corrections": "id", "listings": "id", "redirects": "new_id"}.items():
        if not context.has(f"{name}.table", f"{name}.{column}"):
            continue
        table, field = context.column(f"{name}.{column}")
        subjects = list(context.subjects(f"{name}.table"))
        ids = " UNION ALL ".join(
            f'SELECT {literal(to.name)} AS "table", {key.sql} AS id FROM {to.sql}' for to, key in subjects
        )
        gate = f'SELECT "table", {field.sql} AS id FROM {table.sql} WHERE {field.sql} IS NOT NULL EXCEPT ({ids})'
        for target, key in subjects:
            yield Check(
                table,
                field,
                plain(target.name) + " has no row {value}; write the id of a row that exists",
                where=f'"table" = {literal(target.name)} AND {field.sql} NOT IN'
                f" (SELECT {key.sql} FROM {target.sql} WHERE {key.sql} IS NOT NULL)",
                gate=gate,
            )


@rule(
    "K013",
    "version-not-raised",
    bad=[
        Example(
            {"things": CSV},
            descriptor={"version": "1.0.0"},
            released={"data/things.csv": "id,name\na,Alef\n"},
            at="datapackage.json:10:",
            message="version 1.0.0 is released already, and the tables differ from it; raise the version",
        )
    ],
    good=[
        Example(
            {"things": CSV},
            descriptor={"version": "1.0.1"},
            released={"data/things.csv": "id,name\na,Alef\n"},
        )
    ],
)
def version_not_raised(context: Context) -> Iterator[Found]:
    """The tables or their schemas have changed since the release whose version the descriptor still names.

    Two different packages would have one version, and nobody could say which one a result rests on. Raise it: the first
    number where a column or table was removed, renamed or made stricter, the second where rows were added, the third
    for corrections.

    It needs Python, since it looks into the git history: the last tag vX.Y.Z that the checkout descends from.
    """
    release = last_release(context.package.root)
    version = context.package.descriptor.get("version")
    if release is None or version != release.version:
        return
    parts = {
        part.split("/", 1)[0] for table in context.package.tables for part in (table.path, table.schema_path) if part
    }
    if release.differs(*sorted(parts)):
        message = f"version {version} is released already, and the tables differ from it; raise the version"
        line = context.package.document.line("version")
        yield Fault("version-not-raised", context.package.name, line, {"message": message})

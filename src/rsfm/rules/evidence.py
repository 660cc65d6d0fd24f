"""E: where facts come from, what the sources say, and what was corrected."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from rsfm.engine import LINE, Check, plain
from rsfm.package import Table
from rsfm.rules import Context, Example, Found, rule
from rsfm.sql import literal


def plain_letters(column: str) -> str:
    """The letters and digits of a text in SQL, small."""
    return rf"lower(regexp_replace({column}, '[^\pL\pN]', '', 'g'))"


KEY_FACTS = {
    "papers": ("title", "authors", "first_public", "venue_id", "code_status"),
    "models": ("parameters_total", "parameters_encoder", "pretraining_size", "code_license", "weights_license"),
    "datasets": ("sample_count", "class_count", "license"),
}
EVIDENCE = "table,id,field,source_id,locator,stated\n"
WITNESSES = (
    *("evidence.table", "evidence.id", "evidence.field", "evidence.source_id"),
    *("sources.source_id", "sources.kind"),
)
"""The columns that say which kind of source states a fact."""


@rule(
    "E001",
    "fact-without-evidence",
    needs=["evidence.table", "evidence.id", "evidence.field"],
    bad=[
        Example(
            {
                "datasets": "dataset_id,sample_count,license\nrs5m,5070186,\n",
                "evidence": EVIDENCE,
            },
            at="data/datasets.csv:2:sample_count",
            message="nothing in evidence.csv says where sample_count of rs5m was read;"
            " add a row, or leave the cell empty",
        )
    ],
    good=[
        Example(
            {
                "datasets": "dataset_id,sample_count,license\nrs5m,5070186,\n",
                "evidence": EVIDENCE + 'datasets,rs5m,sample_count,repo,README line 9,"5,070,186"\n',
            }
        )
    ],
)
def fact_without_evidence(context: Context) -> Iterator[Found]:
    """A key fact has no evidence.

    A fact that nobody can trace was perhaps never read. Add a row to evidence.csv that says in which source, at which
    place, and how it is written there; or leave the cell empty.
    """
    checks, facts = [], []
    for name, columns in KEY_FACTS.items():
        subject = next((found for found in context.subjects("evidence.table") if found[0].name == name), None)
        if subject is None:
            continue
        table, key = subject[0], subject[1].sql
        for column in columns:
            if not context.has(f"{name}.{column}"):
                continue
            field = table.by_name[column]
            known = f"SELECT id FROM evidence WHERE \"table\" = '{name}' AND field = '{column}' AND id IS NOT NULL"
            published = f"{field.sql} IS NOT NULL"
            if context.has(f"{name}.verification"):
                published += " AND verification <> 'lists'"
            message = (
                f"nothing in evidence.csv says where {column} of {{id}} was read; add a row, or leave the cell empty"
            )
            where = f"{published} AND {key} NOT IN ({known})"
            facts.append(
                f"SELECT '{name}' AS \"table\", {key} AS id, '{column}' AS field FROM {table.sql} WHERE {published}"
            )
            checks.append(Check(table, field, message, where=where, values={"id": key}))
    gate = f'FROM ({" UNION ALL ".join(facts)}) ANTI JOIN evidence USING ("table", id, field)'
    yield from (replace(check, gate=gate) for check in checks)


@rule(
    "E002",
    "evidence-of-nothing",
    needs=["evidence.table", "evidence.id", "evidence.field"],
    bad=[
        Example(
            {
                "datasets": "dataset_id,sample_count\nrs5m,\n",
                "evidence": EVIDENCE + "datasets,rs5m,sample_count,repo,README line 9,5 million\n",
            },
            at="data/evidence.csv:2:field",
            message="sample_count of rs5m is empty in datasets; publish the value or delete this row",
        ),
        Example(
            {
                "datasets": "dataset_id,sample_count\nrs5m,5070186\n",
                "evidence": EVIDENCE + "datasets,rs5m,samples,repo,README line 9,5 million\n",
            },
            at="data/evidence.csv:2:field",
            message="datasets has no column samples; write the column's name",
        ),
    ],
    good=[
        Example(
            {
                "datasets": "dataset_id,sample_count\nrs5m,5070186\n",
                "evidence": EVIDENCE + "datasets,rs5m,sample_count,repo,README line 9,5070186\n",
            }
        )
    ],
)
def evidence_of_nothing(context: Context) -> Iterator[Found]:
    """Evidence is given for a value that is not published.

    Either the value was forgotten, or the row's field is misspelt. Publish the value or delete the row.
    """
    table, field = context.column("evidence.field")
    for target, _ in context.subjects("evidence.table"):
        columns = ", ".join(literal(name) for name in context.engine.forms[target.name].columns)
        message = f"{plain(target.name)} has no column {{value}}; write the column's name"
        yield Check(table, field, message, where=f'"table" = {literal(target.name)} AND field NOT IN ({columns})')
        message = f"{{value}} of {{id}} is empty in {plain(target.name)}; publish the value or delete this row"
        query = (
            f"SELECT e.{LINE} AS line, e.field AS value, e.id AS id FROM evidence AS e JOIN ({_cells(context, target)})"
            f' AS c ON e.id = c.id AND e.field = c.field WHERE e."table" = {literal(target.name)} AND c.value IS NULL'
            " ORDER BY 1"
        )
        yield Check(table, field, message, query=query)


def _cells(context: Context, table: Table) -> str:
    """A SELECT of the table's cells, one a row: id, field, value."""
    names = context.engine.forms[table.name].columns
    fields = ", ".join(literal(name) for name in names)
    values = ", ".join(table.by_name[name].sql for name in names)
    key = table.by_name[table.primary_key[0]].sql
    return f"SELECT {key} AS id, unnest([{fields}]) AS field, unnest([{values}]) AS value FROM {table.sql}"


@rule(
    "E003",
    "unused-source",
    needs=["sources.source_id"],
    bad=[
        Example(
            {"sources": "source_id,name\nrepo,RS5M\n", "evidence": EVIDENCE},
            at="data/sources.csv:2:source_id",
            message="no row names the source repo; delete it",
        )
    ],
    good=[
        Example(
            {
                "sources": "source_id,name\nrepo,RS5M\n",
                "evidence": EVIDENCE + "datasets,rs5m,sample_count,repo,README line 9,5070186\n",
            }
        )
    ],
)
def unused_source(context: Context) -> Iterator[Found]:
    """A source is named by no evidence, use of a dataset, listing or correction.

    Nothing was read from it, or what was read has gone. Delete it.
    """
    table, field = context.column("sources.source_id")
    users = [
        name for name in ("evidence", "model_datasets", "listings", "corrections") if context.has(f"{name}.source_id")
    ]
    if users:
        used = " UNION ".join(f"SELECT source_id FROM {name} WHERE source_id IS NOT NULL" for name in users)
        message = "no row names the source {value}; delete it"
        yield Check(table, field, message, where=f"source_id NOT IN ({used})")


@rule(
    "E004",
    "correction-of-nothing",
    needs=["corrections.stated", "corrections.published"],
    bad=[
        Example(
            {"corrections": "correction_id,field,stated,published\na-1,title,SkySense,SkySense\n"},
            at="data/corrections.csv:2:published",
            message="the source states what is published, 'SkySense'; delete the row",
        )
    ],
    good=[Example({"corrections": "correction_id,field,stated,published\na-1,title,SkySence,SkySense\n"})],
)
def correction_of_nothing(context: Context) -> Iterator[Found]:
    """A correction states and publishes the same.

    Nothing is corrected. Delete the row.
    """
    table, field = context.column("corrections.published")
    yield Check(
        table, field, "the source states what is published, '{value}'; delete the row", where="stated = published"
    )


@rule(
    "E005",
    "correction-not-published",
    needs=["corrections.table", "corrections.id", "corrections.field", "corrections.published"],
    bad=[
        Example(
            {
                "papers": "paper_id,year\ncrossearth-2024,2024\n",
                "corrections": "correction_id,table,id,field,stated,published\n"
                "a-1,papers,crossearth-2024,year,2023,2025\n",
            },
            at="data/corrections.csv:2:published",
            message="the correction says 2025, but year of crossearth-2024 is 2024; write what is published",
        )
    ],
    good=[
        Example(
            {
                "papers": "paper_id,year\ncrossearth-2024,2024\n",
                "corrections": "correction_id,table,id,field,stated,published\n"
                "a-1,papers,crossearth-2024,year,2023,2024\n",
            }
        )
    ],
)
def correction_not_published(context: Context) -> Iterator[Found]:
    """A correction claims that something is published which is not.

    The table has changed since, or the correction is a slip. Write in `published` what the table says.
    """
    table, field = context.column("corrections.published")
    for target, _ in context.subjects("corrections.table"):
        query = (
            f"SELECT c.{LINE} AS line, c.published AS value, c.id AS id, c.field AS field,"
            f" coalesce(t.value, 'empty') AS now FROM corrections AS c JOIN ({_cells(context, target)}) AS t"
            f' ON c.id = t.id AND c.field = t.field WHERE c."table" = {literal(target.name)}'
            " AND c.published IS DISTINCT FROM t.value ORDER BY 1"
        )
        message = "the correction says {value}, but {field} of {id} is {now}; write what is published"
        yield Check(table, field, message, query=query)


@rule(
    "E006",
    "date-in-the-future",
    bad=[
        Example(
            {"links": "link_id,url,status,checked\na,https://example.com/x,live,2999-01-01\n"},
            at="data/links.csv:2:checked",
            message="2999-01-01 has not come yet; write the day on which it was done",
        )
    ],
    good=[Example({"links": "link_id,url,status,checked\na,https://example.com/x,live,2026-01-02\n"})],
)
def date_in_the_future(context: Context) -> Iterator[Found]:
    """A date of something that was done lies in the future.

    It is a slip of the year or of day and month. Write the day on which it was done.
    """
    today = datetime.now(UTC).date().isoformat()
    for name in ("links.checked", "papers.first_public", "papers.code_status_date", "sources.accessed"):
        if context.has(name):
            table, field = context.column(name)
            message = "{value} has not come yet; write the day on which it was done"
            yield Check(table, field, message, where=f"{field.sql} > '{today}'")


@rule(
    "E007",
    "listing-without-outcome",
    needs=["listings.decision", "listings.table", "listings.id", "listings.reason"],
    bad=[
        Example(
            {
                "listings": "source_id,line,decision,table,id,reason\nseed-list,12,published,,,\n",
            },
            at="data/listings.csv:2:decision",
            message="published, but not where; write table and id",
        ),
        Example(
            {
                "listings": "source_id,line,decision,table,id,reason\nseed-list,12,out-of-scope,,,\n",
            },
            at="data/listings.csv:2:reason",
            message="out-of-scope, but not why; write the reason",
        ),
    ],
    good=[
        Example(
            {
                "listings": "source_id,line,decision,table,id,reason\nseed-list,12,published,papers,ringmo-2022,\n",
            }
        )
    ],
)
def listing_without_outcome(context: Context) -> Iterator[Found]:
    """An entry of a list is decided on, but the decision leads nowhere.

    What is published or a duplicate names the table and the id; everything else gives its reason.
    """
    table, field = context.column("listings.decision")
    where = "decision IN ('published', 'duplicate') AND (\"table\" IS NULL OR id IS NULL)"
    yield Check(table, field, "{value}, but not where; write table and id", where=where)
    table, field = context.column("listings.reason")
    where = "decision <> 'published' AND reason IS NULL"
    message = "{decision}, but not why; write the reason"
    yield Check(table, field, message, where=where, values={"decision": "decision"})


@rule(
    "E008",
    "listed-title-not-corrected",
    needs=[
        "listings.source_id",
        "listings.title",
        "listings.table",
        "listings.id",
        "papers.paper_id",
        "papers.title",
        "corrections.source_id",
        "corrections.id",
        "corrections.stated",
        "corrections.field",
    ],
    bad=[
        Example(
            {
                "papers": "paper_id,title\ngeochat-2023,GeoChat: Grounded Large Model\n",
                "listings": "source_id,line,title,decision,table,id\n"
                "seed-list,63,GeoChat: Ground Large Model,published,papers,geochat-2023\n",
                "corrections": "correction_id,source_id,table,id,field,stated,published\n",
            },
            at="data/listings.csv:2:title",
            message="listed as 'GeoChat: Ground Large Model', published as 'GeoChat: Grounded Large Model';"
            " add a correction of the title",
        )
    ],
    good=[
        Example(
            {
                "papers": "paper_id,title\ngeochat-2023,GeoChat: Grounded Large Model\n",
                "listings": "source_id,line,title,decision,table,id\n"
                "seed-list,63,GeoChat: Ground Large Model,published,papers,geochat-2023\n",
                "corrections": "correction_id,source_id,table,id,field,stated,published\n"
                "a-1,seed-list,papers,geochat-2023,title,GeoChat: Ground Large Model,GeoChat: Grounded Large Model\n",
            }
        ),
        Example(
            {
                "papers": "paper_id,title,short_name\ngeochat-2023,GeoChat: Grounded,GeoChat\n",
                "models": "model_id,name,paper_id\ngeochat-7b,GeoChat-7B,geochat-2023\n",
                "listings": "source_id,line,title,decision,table,id\n"
                "seed-list,63,GeoChat,published,papers,geochat-2023\n"
                "seed-list,64,GeoChat-7B,published,papers,geochat-2023\n",
                "corrections": "correction_id,source_id,table,id,field,stated,published\n",
            }
        ),
    ],
)
def listed_title_not_corrected(context: Context) -> Iterator[Found]:
    """A list names a paper otherwise than it is published here, and no correction says so.

    Capitals, spaces and punctuation do not count, and a list may put the short name in front, or give that, a model's
    name, or any name of three words at most. The list's maintainers and its readers want to know. Add a row to
    corrections.csv: field title, what the list states, what is published, why.
    """
    table, field = context.column("listings.title")
    names = [("papers", "title")]
    if context.has("papers.short_name"):
        names += [("papers", "short_name"), ("papers", "short_name || title")]
    if context.has("models.name", "models.paper_id"):
        names += [("models", "name")]
    known = " UNION ALL ".join(
        f"SELECT paper_id AS id, {plain_letters(name)} AS plain FROM {source}" for source, name in names
    )
    yield Check(
        table,
        field,
        "listed as '{value}', published as '{title}'; add a correction of the title",
        query=f"WITH named AS ({known}), listed AS (SELECT {LINE} AS line, source_id, title, id,"
        f" {plain_letters('title')} AS plain FROM listings WHERE \"table\" = 'papers' AND title LIKE '% % % %')"
        " SELECT l.line AS line, l.title AS value, p.title AS title FROM (SELECT * FROM listed ANTI JOIN named"
        " USING (id, plain)) AS l JOIN papers AS p ON l.id = p.paper_id LEFT JOIN corrections AS c"
        " ON c.source_id = l.source_id AND c.id = l.id AND c.field = 'title' AND c.stated = l.title"
        " WHERE p.title IS NOT NULL AND c.stated IS NULL ORDER BY 1",
    )


@rule(
    "E009",
    "evidence-states-otherwise",
    needs=["evidence.table", "evidence.id", "evidence.field", "evidence.stated"],
    bad=[
        Example(
            {
                "papers": "paper_id,doi\nrs5m-2023,10.1109/tgrs.2024.3449154\n",
                "evidence": EVIDENCE + "papers,rs5m-2023,doi,repo,BibTeX,10.1109/TGRS.2024.3390838\n",
            },
            at="data/evidence.csv:2:stated",
            message="doi of rs5m-2023 is 10.1109/tgrs.2024.3449154, which this does not state;"
            " mend the value, or quote where it stands",
        ),
        Example(
            {
                "datasets": "dataset_id,sample_count\nrsicap,2855\n",
                "evidence": EVIDENCE + 'datasets,rsicap,sample_count,repo,README line 3,"2,585 captions"\n',
            },
            at="data/evidence.csv:2:stated",
            message="sample_count of rsicap is 2855, which this does not state;"
            " mend the value, or quote where it stands",
        ),
    ],
    good=[
        Example(
            {
                "datasets": "dataset_id,sample_count\nrs5m,5070186\ngeochat-instruct,318000\n",
                "evidence": EVIDENCE
                + "datasets,geochat-instruct,sample_count,repo,README line 7,318k instructions\n"
                + 'datasets,rs5m,sample_count,repo,README line 9,"3,007,809 + 2,062,377"\n',
            }
        )
    ],
)
def evidence_states_otherwise(context: Context) -> Iterator[Found]:
    """No words quoted as evidence hold the identifier, year or count that is published.

    A slip between reading and writing is the commonest fault of all. An identifier and a year must stand in the
    quotation (in one of them, where there are several); a count must too, unless a quotation gives it in words or
    thousands (318k, two million), or as a sum.
    """
    table, field = context.column("evidence.stated")
    message = "{field} of {id} is {published}, which this does not state; mend the value, or quote where it stands"
    quoted_digits = "regexp_replace(e.stated, '[^0-9]', '', 'g')"
    rough = r"regexp_matches(lower(e.stated), '[0-9] ?[kmb]\b|thousand|million|billion|hundred|[0-9] ?[+x×*] ?[0-9]')"
    tests = {
        "papers.doi": "contains(lower(e.stated), c.value)",
        "papers.arxiv_id": "contains(e.stated, c.value)",
        "papers.year": "contains(e.stated, c.value)",
    }
    for name in ("datasets.sample_count", "datasets.class_count", "models.pretraining_size", "models.parameters_total"):
        tests[name] = f"contains({quoted_digits}, c.value) OR {rough}"
    for name, states in tests.items():
        target, _, column = name.partition(".")
        subject = context.package.by_name.get(target)
        if subject is None or len(subject.primary_key) != 1:
            continue
        key = subject.primary_key[0]
        if not context.has(name, f"{target}.{key}"):
            continue
        query = (
            f"SELECT min(e.{LINE}) AS line, min_by(e.stated, e.{LINE}) AS value, e.field AS field, e.id AS id,"
            f" c.value AS published FROM evidence AS e JOIN (SELECT {key} AS id, {column} AS value FROM {target}) AS c"
            f" ON e.id = c.id WHERE e.\"table\" = '{target}' AND e.field = '{column}' AND c.value IS NOT NULL"
            f" GROUP BY e.field, e.id, c.value HAVING NOT bool_or({states}) ORDER BY 1"
        )
        yield Check(table, field, message, query=query)


@rule(
    "E010",
    "verification-against-sources",
    needs=[
        "papers.paper_id",
        "papers.verification",
        *WITNESSES,
    ],
    bad=[
        Example(
            {
                "papers": "paper_id,verification\na-2024,primary\n",
                "sources": "source_id,kind\narxiv,arxiv\nopenalex,metadata\n",
                "evidence": EVIDENCE
                + 'papers,a-2024,authors,openalex,record,"Doe, Jane"\n'
                + "papers,a-2024,title,arxiv,title,A Title\n",
            },
            at="data/papers.csv:2:verification",
            message="title and authors of a-2024 were read in records, not both at a first-hand source; write record",
            fixed={"papers": "paper_id,verification\na-2024,record\n"},
        )
    ],
    good=[
        Example(
            {
                "papers": "paper_id,verification\na-2024,primary\n",
                "sources": "source_id,kind\narxiv,arxiv\nrepo,repository\n",
                "evidence": EVIDENCE
                + "papers,a-2024,authors,repo,BibTeX,Jane Doe\n"
                + "papers,a-2024,title,arxiv,title,A Title\n",
            }
        )
    ],
)
def verification_against_sources(context: Context) -> Iterator[Found]:
    """A paper's verification is not what the sources of its title and authors make it.

    Primary: both were read where the authors or the publisher put them, be it arXiv, the publisher, the proceedings,
    the official repository, a project page or a card; or in the paper itself, even in a copy that somebody else keeps.
    Record: in somebody's copy of the metadata. Lists: in lists.
    """
    table, field = context.column("papers.verification")
    both = "count(DISTINCT e.field) FILTER (WHERE s.kind NOT IN ({})) = 2"
    first_hand, records = both.format("'metadata', 'list'"), both.format("'list'")
    found = (
        f"CASE WHEN {first_hand} THEN 'primary' WHEN {records} THEN 'record'"
        " WHEN count(DISTINCT e.field) = 2 THEN 'lists' END"
    )
    where = {
        "primary": "at a first-hand source",
        "record": "in records, not both at a first-hand source",
        "lists": "in lists alone",
    }
    words = " ".join(f"WHEN '{value}' THEN {literal(text)}" for value, text in where.items())
    query = (
        f"SELECT p.{LINE} AS line, p.verification AS value, p.paper_id AS id, r.found AS fix, CASE r.found {words} END"
        f" AS place FROM papers AS p JOIN (SELECT e.id AS id, {found} AS found FROM evidence AS e JOIN sources AS s"
        " USING (source_id) WHERE e.\"table\" = 'papers' AND e.field IN ('title', 'authors') GROUP BY e.id) AS r"
        " ON r.id = p.paper_id WHERE p.verification <> r.found ORDER BY 1"
    )
    yield Check(table, field, "title and authors of {id} were read {place}; write {fix}", query=query)


@rule(
    "E011",
    "one-list-alone",
    needs=[*WITNESSES, "sources.url"],
    bad=[
        Example(
            {
                "sources": "source_id,kind,url\nlist-a,list,https://github.com/a/a\nlist-a-2,list,https://github.com/a/a\n",
                "evidence": EVIDENCE
                + "papers,a-2024,venue_id,list-a,Models,CVPR2025\n"
                + "papers,a-2024,venue_id,list-a-2,Models,CVPR2025\n",
            },
            at="data/evidence.csv:2:source_id",
            message="venue_id of a-2024 rests on one list, a lead; find a witness, or a second list that agrees",
        )
    ],
    good=[
        Example(
            {
                "sources": "source_id,kind,url\nlist-a,list,https://github.com/a/a\nlist-b,list,https://github.com/b/b\n",
                "evidence": EVIDENCE
                + "papers,a-2024,venue_id,list-a,Models,CVPR2025\n"
                + "papers,a-2024,venue_id,list-b,Papers,CVPR 2025\n",
            }
        )
    ],
)
def one_list_alone(context: Context) -> Iterator[Found]:
    """A fact's only evidence is one list made by others, be it in one version or in several.

    Lists copy each other's mistakes. Where no first-hand page or record can be read, two lists have to agree.
    """
    table, field = context.column("evidence.source_id")
    message = "{field} of {id} rests on one list, a lead; find a witness, or a second list that agrees"
    query = (
        f"SELECT min(e.{LINE}) AS line, min(e.source_id) AS value, e.field AS field, e.id AS id FROM evidence AS e"
        ' JOIN sources AS s USING (source_id) GROUP BY e."table", e.id, e.field'
        " HAVING bool_and(s.kind = 'list') AND count(DISTINCT s.url) < 2 ORDER BY 1"
    )
    yield Check(table, field, message, query=query)

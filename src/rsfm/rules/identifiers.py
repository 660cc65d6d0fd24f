"""I: identifiers of works, and our own ids."""

from __future__ import annotations

from collections.abc import Iterator

from rsfm import csvfile
from rsfm.engine import LINE, Check, plain
from rsfm.history import last_release
from rsfm.package import Fault
from rsfm.rules import Context, Example, Found, rule
from rsfm.sql import literal


@rule(
    "I001",
    "first-date-after-arxiv",
    needs=["papers.arxiv_id", "papers.first_public"],
    bad=[
        Example(
            {"papers": "paper_id,first_public,arxiv_id\nsatmae-2022,2022-11-28,2207.08051\n"},
            at="data/papers.csv:2:first_public",
            message="first public on 2022-11-28, but arXiv had it in 2022-07; write the date of arXiv v1",
        )
    ],
    good=[Example({"papers": "paper_id,first_public,arxiv_id\nsatmae-2022,2022-07-17,2207.08051\n"})],
)
def first_date_after_arxiv(context: Context) -> Iterator[Found]:
    """The first public date lies after the month in the arXiv identifier.

    An arXiv identifier starts with the year and month in which the work became public, so it was public then at the
    latest. Write the date of arXiv v1, not that of the journal or of the newest version.
    """
    table, field = context.column("papers.first_public")
    month = "'20' || substr(arxiv_id, 1, 2) || '-' || substr(arxiv_id, 3, 2)"
    yield Check(
        table,
        field,
        "first public on {value}, but arXiv had it in {month}; write the date of arXiv v1",
        where=f"substr(first_public, 1, 7) > {month}",
        values={"month": month},
    )


@rule(
    "I002",
    "doi-of-another-publisher",
    needs=["papers.doi", "papers.venue_id", "venues.venue_id", "venues.doi_prefixes"],
    bad=[
        Example(
            {
                "papers": "paper_id,venue_id,doi\nringmo-2022,tgrs,10.1016/j.isprs.2022.1\n",
                "venues": "venue_id,doi_prefixes\ntgrs,10.1109\n",
            },
            at="data/papers.csv:2:doi",
            message="10.1016/j.isprs.2022.1 is no DOI of tgrs (10.1109); mend the DOI or the venue",
        )
    ],
    good=[
        Example(
            {
                "papers": "paper_id,venue_id,doi\nringmo-2022,tgrs,10.1109/tgrs.2022.3194732\n",
                "venues": "venue_id,doi_prefixes\ntgrs,10.1109\n",
            }
        )
    ],
)
def doi_of_another_publisher(context: Context) -> Iterator[Found]:
    """The DOI's prefix is none of its venue's.

    A DOI starts with a prefix that belongs to the publisher, so either the DOI or the venue is that of another work.
    Mend the one that is wrong; where the venue has changed its publisher, add the prefix to venues.csv.
    """
    table, field = context.column("papers.doi")
    yield Check(
        table,
        field,
        "{value} is no DOI of {venue_id} ({prefixes}); mend the DOI or the venue",
        query=f"SELECT p.{LINE} AS line, p.doi AS value, p.venue_id AS venue_id, v.doi_prefixes AS prefixes"
        " FROM papers AS p JOIN venues AS v ON p.venue_id = v.venue_id WHERE v.doi_prefixes IS NOT NULL"
        " AND NOT list_contains(string_split(v.doi_prefixes, '|'), split_part(p.doi, '/', 1)) ORDER BY 1",
    )


@rule(
    "I003",
    "id-without-its-year",
    needs=["papers.paper_id", "papers.first_public"],
    bad=[
        Example(
            {"papers": "paper_id,first_public\ncrossearth-2023,2024-10-30\n"},
            at="data/papers.csv:2:paper_id",
            message="the id crossearth-2023 does not end in -2024, the year of the first date; rename it",
        )
    ],
    good=[Example({"papers": "paper_id,first_public\ncrossearth-2024,2024-10-30\n"})],
)
def id_without_its_year(context: Context) -> Iterator[Found]:
    """A paper's id does not end in the year of its first public date.

    The year in the id is what people read and cite first. Rename the id, and if it has been released add a redirect.
    """
    table, field = context.column("papers.paper_id")
    yield Check(
        table,
        field,
        "the id {value} does not end in -{year}, the year of the first date; rename it",
        where="regexp_extract(paper_id, '-([0-9]{4})(-[a-z0-9]+)?$', 1) <> substr(first_public, 1, 4)",
        values={"year": "substr(first_public, 1, 4)"},
    )


@rule(
    "I004",
    "redirect-from-live-id",
    needs=["redirects.table", "redirects.id"],
    bad=[
        Example(
            {
                "models": "model_id,name\ndofa-clip,DOFA-CLIP\ngeolangbind,GeoLangBind\n",
                "redirects": "table,id,new_id,reason\nmodels,geolangbind,dofa-clip,renamed\n",
            },
            at="data/redirects.csv:2:id",
            message="geolangbind is still a row of models; delete the row or the redirect",
        )
    ],
    good=[
        Example(
            {
                "models": "model_id,name\ndofa-clip,DOFA-CLIP\n",
                "redirects": "table,id,new_id,reason\nmodels,geolangbind,dofa-clip,renamed\n",
            }
        )
    ],
)
def redirect_from_live_id(context: Context) -> Iterator[Found]:
    """An id is redirected although its row is still there.

    A reader does not know which of the two to use. Delete the row, or the redirect.
    """
    table, field = context.column("redirects.id")
    for target, key in context.subjects("redirects.table"):
        message = "{value} is still a row of " + plain(target.name) + "; delete the row or the redirect"
        where = f'"table" = {literal(target.name)} AND id IN (SELECT {key.sql} FROM {target.sql})'
        yield Check(table, field, message, where=where)


@rule(
    "I005",
    "arxiv-id-not-canonical",
    needs=["papers.arxiv_id"],
    bad=[
        Example(
            {"papers": "paper_id,arxiv_id\nsatmae-2022,arXiv:2207.08051v3\n"},
            at="data/papers.csv:2:arxiv_id",
            message="'arXiv:2207.08051v3' is not the bare identifier; write '2207.08051'",
            fixed={"papers": "paper_id,arxiv_id\nsatmae-2022,2207.08051\n"},
        )
    ],
    good=[Example({"papers": "paper_id,arxiv_id\nsatmae-2022,2207.08051\n"})],
)
def arxiv_id_not_canonical(context: Context) -> Iterator[Found]:
    """An arXiv identifier carries more than itself: a prefix, a version, or a URL.

    The same identifier written in two ways is not found to be one. Write the bare identifier.
    """
    table, field = context.column("papers.arxiv_id")
    shape = r"^(https?://)?(www\.)?(arxiv\.org/(abs|pdf|html)/|arxiv:)?\s*([0-9]{4}\.[0-9]{4,5})(v[0-9]+)?(\.pdf)?$"
    yield Check(
        table,
        field,
        "'{value}' is not the bare identifier; write '{fix}'",
        where=f"regexp_matches(lower(arxiv_id), '{shape}') AND NOT regexp_matches(arxiv_id, '^[0-9.]+$')",
        fix=f"regexp_extract(lower(arxiv_id), '{shape}', 5)",
    )


@rule(
    "I006",
    "doi-not-canonical",
    needs=["papers.doi"],
    bad=[
        Example(
            {"papers": "paper_id,doi\nringmo-2022,https://doi.org/10.1109/TGRS.2022.3194732\n"},
            at="data/papers.csv:2:doi",
            message="'https://doi.org/10.1109/TGRS.2022.3194732' is not the bare DOI;"
            " write '10.1109/tgrs.2022.3194732'",
            fixed={"papers": "paper_id,doi\nringmo-2022,10.1109/tgrs.2022.3194732\n"},
        )
    ],
    good=[Example({"papers": "paper_id,doi\nringmo-2022,10.1109/tgrs.2022.3194732\n"})],
)
def doi_not_canonical(context: Context) -> Iterator[Found]:
    """A DOI carries a resolver or a prefix, or capital letters.

    A DOI does not tell capitals from small letters, but a comparison of texts does. Write it bare, in small letters.
    """
    table, field = context.column("papers.doi")
    shape = r"^(https?://(dx\.)?doi\.org/|doi:)?\s*(10\.[0-9]{4,9}/[^ ]+)$"
    fix = f"regexp_extract(lower(doi), '{shape}', 3)"
    where = f"regexp_matches(lower(doi), '{shape}') AND {fix} <> doi"
    yield Check(table, field, "'{value}' is not the bare DOI; write '{fix}'", where=where, fix=fix)


@rule(
    "I007",
    "placeholder-identifier",
    needs=["papers.arxiv_id", "papers.doi"],
    bad=[
        Example(
            {"papers": "paper_id,arxiv_id,doi\na-2024,2413.00000,\n"},
            at="data/papers.csv:2:arxiv_id",
            message="2413.00000 cannot be an arXiv identifier; look it up, or leave the cell empty",
        ),
        Example(
            {"papers": "paper_id,arxiv_id,doi\na-2024,,10.1234/5678\n"},
            at="data/papers.csv:2:doi",
            message="10.1234/5678 looks made up; look it up, or leave the cell empty",
        ),
    ],
    good=[Example({"papers": "paper_id,arxiv_id,doi\nringmo-2022,2207.08051,10.1109/tgrs.2022.3194732\n"})],
)
def placeholder_identifier(context: Context) -> Iterator[Found]:
    """An identifier is a placeholder: a month that does not exist, all zeros, digits in a row.

    It resolves to nothing, or to another work. Look the identifier up, or leave the cell empty.
    """
    table, field = context.column("papers.arxiv_id")
    where = r"regexp_matches(arxiv_id, '^[0-9]{2}(00|1[3-9]|[2-9][0-9])|\.0+$|^1234|\.(12345|23456|54321|99999|x+)$')"
    message = "{value} cannot be an arXiv identifier; look it up, or leave the cell empty"
    yield Check(table, field, message, where=where)
    table, field = context.column("papers.doi")
    where = (
        r"regexp_matches(lower(doi), '^10\.(1234|12345|0000|9999|5555|xxxx)/|/(x+|0+|1234567?8?9?|tbd|todo)$|x{4,}')"
    )
    yield Check(table, field, "{value} looks made up; look it up, or leave the cell empty", where=where)


@rule(
    "I008",
    "identifiers-in-a-row",
    needs=["papers.arxiv_id"],
    bad=[
        Example(
            {"papers": "paper_id,arxiv_id\na-2024,2403.10101\nb-2024,2403.10102\nc-2024,2403.10103\n"},
            at="data/papers.csv:4:arxiv_id",
            message="2403.10103 follows 2403.10102 and 2403.10101; three in a row look made up, look each one up",
        )
    ],
    good=[Example({"papers": "paper_id,arxiv_id\na-2024,2403.10101\nb-2024,2403.10102\n"})],
)
def identifiers_in_a_row(context: Context) -> Iterator[Found]:
    """Three arXiv identifiers follow one another without a gap.

    Hundreds of works stand between two of one field; a row of numbers comes from a machine that makes them up. Look
    each one up.
    """
    table, field = context.column("papers.arxiv_id")
    number = "try_cast(replace(arxiv_id, '.', '') AS BIGINT)"
    yield Check(
        table,
        field,
        "{value} follows {one} and {two}; three in a row look made up, look each one up",
        query=f"SELECT line, value, one, two FROM (SELECT {LINE} AS line, arxiv_id AS value, {number} AS number,"
        f" lag(arxiv_id, 1) OVER w AS one, lag(arxiv_id, 2) OVER w AS two, lag({number}, 1) OVER w AS n1,"
        f" lag({number}, 2) OVER w AS n2 FROM papers WHERE arxiv_id IS NOT NULL WINDOW w AS (ORDER BY {number})) AS s"
        " WHERE number = n1 + 1 AND number = n2 + 2 ORDER BY 1",
    )


@rule(
    "I009",
    "id-without-its-name",
    bad=[
        Example(
            {"papers": "paper_id,short_name\ngeolangbind-2025,DOFA-CLIP\n"},
            at="data/papers.csv:2:paper_id",
            message="the id geolangbind-2025 does not start with dofa-clip, its name; rename it and add a redirect",
        )
    ],
    good=[
        Example({"papers": "paper_id,short_name\ndofa-clip-2025,DOFA-CLIP\n"}),
        Example({"datasets": "dataset_id,name\nret-3-det-10-seg-4,RET-3 + DET-10 + SEG-4\n"}),
    ],
)
def id_without_its_name(context: Context) -> Iterator[Found]:
    """An id does not start with the name of its row.

    People guess ids from names, and sorted ids are sorted names. Rename the id; one that was released gets a redirect.
    """
    for name in ("papers.paper_id", "models.model_id", "datasets.dataset_id"):
        title = name.split(".")[0] + (".short_name" if name.startswith("papers") else ".name")
        if not context.has(name, title):
            continue
        table, field = context.column(name)
        label = context.column(title)[1].sql
        plain = f"regexp_replace(lower(strip_accents({label})), '[^a-z0-9]+', '-', 'g')"
        slug = f"trim({plain}, '-')"
        yield Check(
            table,
            field,
            "the id {value} does not start with {slug}, its name; rename it and add a redirect",
            where=f"{slug} <> '' AND {field.sql} <> {slug} AND NOT starts_with({field.sql}, {slug} || '-')",
            values={"slug": slug},
        )


@rule(
    "I010",
    "vanished-id",
    needs=["redirects.table", "redirects.id"],
    bad=[
        Example(
            {"models": "model_id,name\ndofa-clip,DOFA-CLIP\n", "redirects": "table,id,new_id,reason\n"},
            released={"data/models.csv": "model_id,name\ngeolangbind,GeoLangBind\n"},
            at="data/models.csv:1:model_id",
            message="geolangbind was released in 1.0.0 and is gone;"
            " bring it back, or add a redirect to what took its place",
        )
    ],
    good=[
        Example(
            {
                "models": "model_id,name\ndofa-clip,DOFA-CLIP\n",
                "redirects": "table,id,new_id,reason\nmodels,geolangbind,dofa-clip,renamed\n",
            },
            released={"data/models.csv": "model_id,name\ngeolangbind,GeoLangBind\n"},
        )
    ],
)
def vanished_id(context: Context) -> Iterator[Found]:
    """An id that was released is gone, and no redirect says where it went.

    Others cite it and join on it. Bring the row back, or add to redirects.csv the id that took its place.

    It needs Python, since it looks into the git history: the last tag vX.Y.Z that the checkout descends from.
    """
    release = last_release(context.package.root)
    if release is None:
        return
    query = 'SELECT id FROM redirects WHERE "table" = ?'
    for table, key in context.subjects("redirects.table"):
        text = release.read(table.path)
        if text is None:
            continue
        parsed = csvfile.parse(text.decode("utf-8", "replace"), table.path, table.delimiter)
        if key.name not in parsed.header:
            continue
        column = parsed.header.index(key.name)
        here = {row[0] for row in context.engine.connection.execute(f"SELECT {key.sql} FROM {table.sql}").fetchall()}
        moved = {row[0] for row in context.engine.connection.execute(query, [table.name]).fetchall()}
        for row in sorted({cells[column] for _, cells in parsed.rows} - here - moved):
            message = (
                f"{row} was released in {release.version} and is gone;"
                " bring it back, or add a redirect to what took its place"
            )
            yield Fault("vanished-id", table.path, 1, {"message": message, "field": key.name})

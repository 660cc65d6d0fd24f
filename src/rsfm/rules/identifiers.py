"""I: identifiers of works, and our own ids."""

from __future__ import annotations

from collections.abc import Iterator

from rsfm.engine import LINE, Check
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
        message = "{value} is still a row of " + target.name + "; delete the row or the redirect"
        where = f'"table" = {literal(target.name)} AND id IN (SELECT {key.sql} FROM {target.sql})'
        yield Check(table, field, message, where=where)

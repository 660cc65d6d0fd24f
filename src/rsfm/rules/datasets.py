"""D: datasets, their access and where they come from."""

from __future__ import annotations

from collections.abc import Iterator

from rsfm.engine import Check
from rsfm.rules import Context, Example, Found, rule

DOWNLOADS = "'dataset-download', 'dataset-mirror', 'dataset-card', 'repository-official', 'project-page'"


@rule(
    "D001",
    "access-against-links",
    needs=["datasets.dataset_id", "datasets.access", "links.dataset_id", "links.type"],
    bad=[
        Example(
            {"datasets": "dataset_id,access\nrs5m,open\n", "links": "link_id,dataset_id,type,url\n"},
            at="data/datasets.csv:2:access",
            message="open, but no link to the data; add it",
        ),
        Example(
            {
                "datasets": "dataset_id,access\naircas-200w,closed\n",
                "links": "link_id,dataset_id,type,url\na,aircas-200w,dataset-download,https://example.com/x\n",
            },
            at="data/datasets.csv:2:access",
            message="closed, but there is a link to the data; write how one gets them",
        ),
    ],
    good=[Example({"datasets": "dataset_id,access\nrs5m,\n", "links": "link_id,dataset_id,type,url\n"})],
)
def access_against_links(context: Context) -> Iterator[Found]:
    """What is said of a dataset's access and the links contradict each other.

    Open data have a link; data that nobody gets have none. Add the link, or mend `access`.
    """
    table, field = context.column("datasets.access")
    linked = "dataset_id IN (SELECT dataset_id FROM links WHERE type IN ({}) AND dataset_id IS NOT NULL)"
    message = "{value}, but no link to the data; add it"
    where = f"access IN ('open', 'gated', 'pan-service') AND NOT ({linked.format(DOWNLOADS)})"
    yield Check(table, field, message, where=where)
    message = "{value}, but there is a link to the data; write how one gets them"
    downloads = linked.format("'dataset-download', 'dataset-mirror'")
    yield Check(table, field, message, where=f"access IN ('closed', 'announced') AND {downloads}")


@rule(
    "D002",
    "role-against-use",
    needs=["datasets.dataset_id", "datasets.role", "model_datasets.dataset_id", "model_datasets.role"],
    bad=[
        Example(
            {
                "datasets": "dataset_id,role\nrsieval,evaluation\n",
                "model_datasets": "model_id,dataset_id,role\nrsgpt,rsieval,pretraining\n",
            },
            at="data/model_datasets.csv:2:role",
            message="pretraining on a dataset made for evaluation; mend one of the two",
        )
    ],
    good=[
        Example(
            {
                "datasets": "dataset_id,role\nrsieval,evaluation\n",
                "model_datasets": "model_id,dataset_id,role\nrsgpt,rsieval,evaluation\n",
            }
        )
    ],
)
def role_against_use(context: Context) -> Iterator[Found]:
    """A model is said to be trained on a dataset that is made for evaluation.

    Such a model's scores on it mean little, so it must be no slip. Mend the role of one of the two; a dataset with a
    training split is `mixed`.
    """
    table, field = context.column("model_datasets.role")
    evaluation = "SELECT dataset_id FROM datasets WHERE role = 'evaluation' AND dataset_id IS NOT NULL"
    where = f"role <> 'evaluation' AND dataset_id IN ({evaluation})"
    yield Check(table, field, "{value} on a dataset made for evaluation; mend one of the two", where=where)


@rule(
    "D003",
    "dataset-before-its-time",
    needs=["datasets.paper_id", "datasets.year", "papers.paper_id", "papers.first_public"],
    bad=[
        Example(
            {
                "datasets": "dataset_id,paper_id,year\nrs5m,rs5m-2023,2019\n",
                "papers": "paper_id,first_public\nrs5m-2023,2023-06-20\n",
            },
            at="data/datasets.csv:2:year",
            message="2019 lies years before its paper, first public on 2023-06-20; mend the year or the paper",
        )
    ],
    good=[
        Example(
            {
                "datasets": "dataset_id,paper_id,year\nrs5m,rs5m-2023,2023\n",
                "papers": "paper_id,first_public\nrs5m-2023,2023-06-20\n",
            }
        )
    ],
)
def dataset_before_its_time(context: Context) -> Iterator[Found]:
    """A dataset's year lies more than a year before the paper that introduces it.

    The year or the paper belongs to another dataset. Look both up.
    """
    table, field = context.column("datasets.year")
    public = "(SELECT first_public FROM papers AS p WHERE p.paper_id = datasets.paper_id LIMIT 1)"
    yield Check(
        table,
        field,
        "{value} lies years before its paper, first public on {public}; mend the year or the paper",
        where=f"try_cast(year AS INTEGER) + 1 < try_cast(substr({public}, 1, 4) AS INTEGER)",
        values={"public": public},
    )

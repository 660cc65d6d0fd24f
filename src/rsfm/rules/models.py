"""M: models, their parameters, resolutions, licences and weights."""

from __future__ import annotations

from collections.abc import Iterator

from rsfm.engine import LINE, Check
from rsfm.licenses import canonical_license, unknown_license
from rsfm.rules import Context, Example, Found, rule
from rsfm.sql import quoted

WEIGHTS = "'weights-official', 'weights-mirror', 'model-card'"


@rule(
    "M001",
    "encoder-larger-than-model",
    needs=["models.parameters_total", "models.parameters_encoder"],
    bad=[
        Example(
            {"models": "model_id,parameters_total,parameters_encoder\nclay,311000000,632000000\n"},
            at="data/models.csv:2:parameters_encoder",
            message="the encoder has 632000000 parameters, the whole model 311000000; mend one",
        )
    ],
    good=[Example({"models": "model_id,parameters_total,parameters_encoder\nclay,632000000,311000000\n"})],
)
def encoder_larger_than_model(context: Context) -> Iterator[Found]:
    """The encoder has more parameters than the whole model.

    The two were exchanged, or one has the wrong unit. Look both up.
    """
    table, field = context.column("models.parameters_encoder")
    message = "the encoder has {value} parameters, the whole model {total}; mend one"
    where = "try_cast(parameters_encoder AS BIGINT) > try_cast(parameters_total AS BIGINT)"
    yield Check(table, field, message, where=where, values={"total": "parameters_total"})


@rule(
    "M002",
    "parameters-in-millions",
    needs=["models.parameters_total", "models.parameters_encoder"],
    bad=[
        Example(
            {"models": "model_id,parameters_total,parameters_encoder\nclay,632,\n"},
            at="data/models.csv:2:parameters_total",
            message="a model of 632 parameters; write the count itself, not millions",
        )
    ],
    good=[Example({"models": "model_id,parameters_total,parameters_encoder\nclay,632000000,\n"})],
)
def parameters_in_millions(context: Context) -> Iterator[Found]:
    """A parameter count is so small that it must be in thousands, millions or billions.

    Counts are compared, so all have one unit: 1. Write 632000000, not 632.
    """
    for name in ("parameters_total", "parameters_encoder"):
        table, field = context.column(f"models.{name}")
        message = "a model of {value} parameters; write the count itself, not millions"
        yield Check(table, field, message, where=f"try_cast({name} AS BIGINT) < 10000")


@rule(
    "M003",
    "parameters-basis",
    needs=["models.parameters_total", "models.parameters_encoder", "models.parameters_basis"],
    bad=[
        Example(
            {"models": "model_id,parameters_total,parameters_encoder,parameters_basis\nclay,632000000,,not-reported\n"},
            at="data/models.csv:2:parameters_basis",
            message="not-reported, but there is a count; write stated or derived",
        ),
        Example(
            {"models": "model_id,parameters_total,parameters_encoder,parameters_basis\nclay,,,stated\n"},
            at="data/models.csv:2:parameters_basis",
            message="stated, but there is no count; write it, or not-reported",
        ),
    ],
    good=[
        Example({"models": "model_id,parameters_total,parameters_encoder,parameters_basis\nclay,632000000,,stated\n"})
    ],
)
def parameters_basis(context: Context) -> Iterator[Found]:
    """The basis of the parameter counts and the counts contradict each other.

    Write the count where a source states it, and `not-reported` where none was found.
    """
    table, field = context.column("models.parameters_basis")
    known = "(parameters_total IS NOT NULL OR parameters_encoder IS NOT NULL)"
    message = "{value}, but there is a count; write stated or derived"
    yield Check(table, field, message, where=f"parameters_basis IN ('not-reported', 'not-applicable') AND {known}")
    message = "{value}, but there is no count; write it, or not-reported"
    yield Check(table, field, message, where=f"parameters_basis IN ('stated', 'derived') AND NOT {known}")


@rule(
    "M004",
    "number-without-unit",
    bad=[
        Example(
            {"models": "model_id,pretraining_size,pretraining_size_unit\nringmo,2000000,\n"},
            at="data/models.csv:2:pretraining_size_unit",
            message="pretraining_size and pretraining_size_unit go together; write both, or neither",
        ),
        Example(
            {"datasets": "dataset_id,sample_count,sample_unit\nrs5m,,image-text-pairs\n"},
            at="data/datasets.csv:2:sample_unit",
            message="sample_count and sample_unit go together; write both, or neither",
        ),
    ],
    good=[Example({"models": "model_id,pretraining_size,pretraining_size_unit\nringmo,2000000,images\n"})],
)
def number_without_unit(context: Context) -> Iterator[Found]:
    """A size has no unit, or a unit has no size.

    Two million images and two million captions are not the same. Write both, or leave both empty.
    """
    pairs = (("models", "pretraining_size", "pretraining_size_unit"), ("datasets", "sample_count", "sample_unit"))
    for name, number, unit in pairs:
        if context.has(f"{name}.{number}", f"{name}.{unit}"):
            table, field = context.column(f"{name}.{unit}")
            message = f"{number} and {unit} go together; write both, or neither"
            yield Check(table, field, message, where=f"({number} IS NULL) <> ({unit} IS NULL)")


@rule(
    "M005",
    "resolution-range",
    bad=[
        Example(
            {"models": "model_id,gsd_min,gsd_max\ngraft,10,1\n"},
            at="data/models.csv:2:gsd_max",
            message="the coarsest resolution 1 m is finer than the finest, 10 m; exchange them",
        ),
        Example(
            {"datasets": "dataset_id,gsd_min,gsd_max\nrs5m,0.3,\n"},
            at="data/datasets.csv:2:gsd_max",
            message="only one end of the range is known; write both (one resolution stands in both)",
        ),
    ],
    good=[Example({"models": "model_id,gsd_min,gsd_max\ngraft,1,10\n"})],
)
def resolution_range(context: Context) -> Iterator[Found]:
    """The range of ground sampling distances is upside down, or has one end only.

    `gsd_min` is the finest (smallest) distance in metres, `gsd_max` the coarsest; a single one stands in both.
    """
    for name in ("models", "datasets"):
        if context.has(f"{name}.gsd_min", f"{name}.gsd_max"):
            table, field = context.column(f"{name}.gsd_max")
            message = "the coarsest resolution {value} m is finer than the finest, {least} m; exchange them"
            where = "try_cast(gsd_min AS DOUBLE) > try_cast(gsd_max AS DOUBLE)"
            yield Check(table, field, message, where=where, values={"least": "gsd_min"})
            message = "only one end of the range is known; write both (one resolution stands in both)"
            yield Check(table, field, message, where="(gsd_min IS NULL) <> (gsd_max IS NULL)")


@rule(
    "M006",
    "unknown-license",
    bad=[
        Example(
            {"models": "model_id,code_license\nmtp,mit\n"},
            at="data/models.csv:2:code_license",
            message="'mit' is not the SPDX identifier; write 'MIT'",
            fixed={"models": "model_id,code_license\nmtp,MIT\n"},
        ),
        Example(
            {"datasets": "dataset_id,license\nrs5m,free\n"},
            at="data/datasets.csv:2:license",
            message="'free' is no SPDX identifier; write one (spdx.org/licenses), or LicenseRef-NAME",
        ),
    ],
    good=[Example({"models": "model_id,code_license\nmtp,LicenseRef-DINOv3\n"})],
)
def license_not_spdx(context: Context) -> Iterator[Found]:
    """A licence is not written as an SPDX identifier.

    "CC BY", "cc-by-4.0" and "Creative Commons 4.0" are one licence to people and three to a query. Write the SPDX
    identifier, or LicenseRef-NAME for a licence that has none.

    It needs Python for its fix, which compares spellings.
    """
    for name in ("models.code_license", "models.weights_license", "datasets.license", "sources.license"):
        if context.has(name):
            table, field = context.column(name)
            message = "'{value}' is not the SPDX identifier; write '{fix}'"
            yield Check(
                table, field, message, test=lambda cell: canonical_license(cell) and "differs", fix=canonical_license
            )
            message = "'{value}' is no SPDX identifier; write one (spdx.org/licenses), or LicenseRef-NAME"
            yield Check(table, field, message, test=unknown_license)


@rule(
    "M007",
    "weights-access-against-links",
    needs=["models.model_id", "models.weights_access", "links.model_id", "links.type"],
    bad=[
        Example(
            {
                "models": "model_id,weights_access\nringmo,closed\n",
                "links": "link_id,model_id,type,url\na,ringmo,weights-official,https://example.com/weights\n",
            },
            at="data/models.csv:2:weights_access",
            message="closed, but there is a link to weights; write how one gets them",
        ),
        Example(
            {"models": "model_id,weights_access\nringmo,open\n", "links": "link_id,model_id,type,url\n"},
            at="data/models.csv:2:weights_access",
            message="open, but no link to weights; add it",
        ),
    ],
    good=[
        Example(
            {"models": "model_id,weights_access\nringmo,closed\n", "links": "link_id,model_id,type,url\n"},
        )
    ],
)
def weights_access_against_links(context: Context) -> Iterator[Found]:
    """What is said of the weights and the links contradict each other.

    Open weights have a link; weights that nobody gets have none. Add the link, or mend `weights_access`.
    """
    table, field = context.column("models.weights_access")
    linked = f"model_id IN (SELECT model_id FROM links WHERE type IN ({WEIGHTS}) AND model_id IS NOT NULL)"
    message = "{value}, but there is a link to weights; write how one gets them"
    where = f"weights_access IN ('closed', 'announced', 'not-applicable', 'embeddings-only') AND {linked}"
    yield Check(table, field, message, where=where)
    message = "{value}, but no link to weights; add it"
    yield Check(table, field, message, where=f"weights_access IN ('open', 'gated', 'pan-service') AND NOT ({linked})")


@rule(
    "M008",
    "former-name-in-use",
    bad=[
        Example(
            {
                "models": "model_id,name,former_names\ndofa-clip,DOFA-CLIP,GeoLangBind\ngeolangbind,GeoLangBind,\n",
            },
            at="data/models.csv:3:name",
            message="'GeoLangBind' is a former name of dofa-clip; the two rows may be one",
        )
    ],
    good=[Example({"models": "model_id,name,former_names\ndofa-clip,DOFA-CLIP,GeoLangBind\n"})],
)
def former_name_in_use(context: Context) -> Iterator[Found]:
    """A name is the former name of another row.

    A renamed model or dataset stands twice, under its old and its new name. Make the two rows one, with a redirect.
    """
    for name, key in (("models", "model_id"), ("datasets", "dataset_id")):
        if not context.has(f"{name}.name", f"{name}.former_names", f"{name}.{key}"):
            continue
        table, field = context.column(f"{name}.name")
        former = f"SELECT {key} AS id, unnest(string_split(lower(former_names), '|')) AS former FROM {quoted(name)}"
        query = (
            f"SELECT t.{LINE} AS line, t.name AS value, f.id AS other FROM {quoted(name)} AS t JOIN ({former}) AS f"
            f" ON lower(t.name) = f.former WHERE f.id <> t.{key} ORDER BY 1"
        )
        yield Check(table, field, "'{value}' is a former name of {other}; the two rows may be one", query=query)


@rule(
    "M009",
    "name-and-variant-twice",
    bad=[
        Example(
            {"models": "model_id,name,variant\nsatmae-1,SatMAE,ViT-L\nsatmae-2,SatMAE,ViT-L\n"},
            at="data/models.csv:3:name",
            message="'SatMAE' with this variant stands on line 2 already; tell them apart, or delete one",
        )
    ],
    good=[Example({"models": "model_id,name,variant\nsatmae-1,SatMAE,ViT-B\nsatmae-2,SatMAE,ViT-L\n"})],
)
def name_and_variant_twice(context: Context) -> Iterator[Found]:
    """Two models have one name and variant, or two datasets one name.

    They are one row written twice, or need a variant that tells them apart.
    """
    for name in ("models", "datasets"):
        if not context.has(f"{name}.name"):
            continue
        table, field = context.column(f"{name}.name")
        variant = "coalesce(variant, '')" if context.has(f"{name}.variant") else "''"
        query = (
            f"SELECT line, value, first FROM (SELECT {LINE} AS line, name AS value, min({LINE}) OVER"
            f" (PARTITION BY lower(name), {variant}) AS first FROM {table.sql}) AS t WHERE line > first ORDER BY 1"
        )
        message = "'{value}' with this variant stands on line {first} already; tell them apart, or delete one"
        yield Check(table, field, message, query=query)


@rule(
    "M010",
    "language-model-without-text",
    needs=["models.kind", "models.modalities"],
    bad=[
        Example(
            {"models": "model_id,kind,modalities\ngeochat,vision-language,optical-rgb\n"},
            at="data/models.csv:2:modalities",
            message="a vision-language model takes text; add text, or mend the kind",
        )
    ],
    good=[Example({"models": "model_id,kind,modalities\ngeochat,vision-language,optical-rgb|text\n"})],
)
def language_model_without_text(context: Context) -> Iterator[Found]:
    """A vision-language model's modalities do not hold text.

    Add text, or mend the kind.
    """
    table, field = context.column("models.modalities")
    where = "kind = 'vision-language' AND NOT list_contains(string_split(modalities, '|'), 'text')"
    yield Check(table, field, "a vision-language model takes text; add text, or mend the kind", where=where)

"""L: links, each about one paper, model or dataset."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from rsfm.engine import LINE, Check
from rsfm.rules import Context, Example, Found, rule

SUBJECTS = ("paper_id", "model_id", "dataset_id")
TRACKING = re.compile(r"utm_\w+|fbclid|gclid|spm|usp|ref_src|source|tab")
PLAIN_HTTP = frozenset({"localhost"})


def canonical_url(url: str) -> str:
    """The canonical form of a URL: https, no www on known hosts, arXiv abs page without version, no noise behind."""
    parts = urlsplit(url)
    host = parts.netloc.lower()
    path, fragment = parts.path, parts.fragment
    host = re.sub(r"^(www\.|dx\.|export\.)(?=(arxiv|doi|github|huggingface)\.)", "", host)
    if host == "arxiv.org":
        path = re.sub(r"^/(pdf|html|abs)/(\d{4}\.\d{4,5})(v\d+)?(\.pdf)?/?$", r"/abs/\2", path)
    if host == "github.com":
        path = re.sub(r"\.git/?$", "", path)
        fragment = "" if fragment == "readme" else fragment
    if host == "doi.org":
        path = path.lower()
    if host == "ieeexplore.ieee.org":
        path = path.replace("/abstract/document/", "/document/")
    query = urlencode([pair for pair in parse_qsl(parts.query, True) if not TRACKING.fullmatch(pair[0])])
    if query == urlencode(parse_qsl(parts.query, True)):
        query = parts.query
    fragment = "" if fragment.startswith(":~:") else fragment
    scheme = "https" if parts.scheme.lower() in {"http", "https"} and host not in PLAIN_HTTP else parts.scheme
    return urlunsplit((scheme, host, path.rstrip("/"), query, fragment))


@rule(
    "L001",
    "url-not-canonical",
    needs=["links.url"],
    bad=[
        Example(
            {"links": "link_id,type,url\na,paper-preprint,http://arxiv.org/pdf/2410.22629v2\n"},
            at="data/links.csv:2:url",
            message="'http://arxiv.org/pdf/2410.22629v2' is not canonical; write 'https://arxiv.org/abs/2410.22629'",
            fixed={"links": "link_id,type,url\na,paper-preprint,https://arxiv.org/abs/2410.22629\n"},
        ),
        Example(
            {"links": "link_id,type,url\na,repository-official,https://github.com/Cuzyoung/CrossEarth/\n"},
            at="data/links.csv:2:url",
            message="'https://github.com/Cuzyoung/CrossEarth/' is not canonical;"
            " write 'https://github.com/Cuzyoung/CrossEarth'",
            fixed={"links": "link_id,type,url\na,repository-official,https://github.com/Cuzyoung/CrossEarth\n"},
        ),
    ],
    good=[Example({"links": "link_id,type,url\na,paper-preprint,https://arxiv.org/abs/2410.22629\n"})],
)
def url_not_canonical(context: Context) -> Iterator[Found]:
    """A URL is not in canonical form.

    One page under several addresses is not found to be one. Write https, the abstract page of arXiv without a version,
    no trailing slash, no tracking parameters, no text fragment.

    It needs Python: URLs are taken apart by the standard library.
    """
    table, field = context.column("links.url")
    message = "'{value}' is not canonical; write '{fix}'"
    yield Check(table, field, message, test=_differs, fix=_canonical_or_same)


def _canonical_or_same(url: str) -> str:
    try:
        return canonical_url(url)
    except ValueError:
        return url  # not a URL at all, which is a fault of its own


def _differs(url: str) -> str | None:
    return None if _canonical_or_same(url) == url else "differs"


@rule(
    "L002",
    "link-subject",
    needs=["links.paper_id", "links.model_id", "links.dataset_id"],
    bad=[
        Example(
            {
                "links": "link_id,paper_id,model_id,dataset_id,type,url\n"
                "a,ringmo-2022,ringmo,,repository-official,https://github.com/comeony/RingMo\n"
            },
            at="data/links.csv:2:paper_id",
            message="the link is about 2 things; fill exactly one of paper_id, model_id, dataset_id",
        )
    ],
    good=[
        Example(
            {
                "links": "link_id,paper_id,model_id,dataset_id,type,url\n"
                "a,ringmo-2022,,,repository-official,https://github.com/comeony/RingMo\n"
            }
        )
    ],
)
def link_subject(context: Context) -> Iterator[Found]:
    """A link is about nothing, or about several things.

    Fill exactly one of `paper_id`, `model_id` and `dataset_id`: the one that the page is about.
    """
    table, field = context.column("links.paper_id")
    count = " + ".join(f"CASE WHEN {name} IS NULL THEN 0 ELSE 1 END" for name in SUBJECTS)
    message = "the link is about {count} things; fill exactly one of paper_id, model_id, dataset_id"
    yield Check(table, field, message, where=f"({count}) <> 1", values={"count": count})


@rule(
    "L003",
    "repeated-url",
    needs=["links.url"],
    bad=[
        Example(
            {
                "links": "link_id,type,url\na,project-page,https://example.com/x\nb,demo,https://example.com/x\n",
            },
            at="data/links.csv:3:url",
            message="https://example.com/x is on line 2 already; one of the two is about something else",
        )
    ],
    good=[
        Example({"links": "link_id,type,url\na,project-page,https://example.com/x\n"}),
        Example(
            {
                "links": "link_id,paper_id,type,url\n"
                "a,lhrs-bot-2024,repository-official,https://github.com/NJU-LHRS/LHRS-Bot\n"
                "b,lhrs-bot-nova-2024,repository-official,https://github.com/NJU-LHRS/LHRS-Bot\n",
                "papers": "paper_id,authors\n"
                'lhrs-bot-2024,"Muhtar, Dilxat|Li, Zhenshi"\nlhrs-bot-nova-2024,"Li, Zhenshi|Muhtar, Dilxat"\n',
            }
        ),
        Example(
            {
                "links": "link_id,paper_id,dataset_id,type,url\n"
                "a,rsicd-2017,,repository-official,https://github.com/201528014227051/RSICD_optimal\n"
                "b,,rsicd,dataset-download,https://github.com/201528014227051/RSICD_optimal\n",
                "papers": 'paper_id,authors\nrsicd-2017,"Lu, Xiaoqiang"\n',
                "datasets": "dataset_id,paper_id\nrsicd,rsicd-2017\n",
            }
        ),
    ],
)
def repeated_url(context: Context) -> Iterator[Found]:
    """One URL stands in two links.

    A page is about one thing; listed for two, one of them usually got the wrong address by copying. Delete or mend one.
    A repository may hold the code of several papers where they have an author in common, and be where the dataset or
    the weights of its own paper are downloaded.
    """
    table, field = context.column("links.url")
    query = (
        f"SELECT l.line AS line, l.url AS value, l.first AS first FROM (SELECT *, {LINE} AS line,"
        f" min({LINE}) OVER (PARTITION BY lower(url)) AS first FROM links) AS l"
    )
    repeated = " WHERE l.line > l.first"
    if context.has("links.type", "links.paper_id", "papers.paper_id", "papers.authors"):
        works = _works(context)
        query += (
            f" JOIN {works} AS f ON f.line = l.first JOIN {works} AS m ON m.line = l.line"
            " LEFT JOIN papers AS a ON a.paper_id = m.work LEFT JOIN papers AS b ON b.paper_id = f.work"
        )
        shared = "list_has_any(string_split(a.authors, '|'), string_split(b.authors, '|'))"
        both = "l.type = 'repository-official' AND f.type = l.type"
        one = "(l.type = 'repository-official') <> (f.type = 'repository-official') AND m.is_part <> f.is_part"
        repeated += f" GROUP BY ALL HAVING NOT coalesce(bool_or(({both} OR {one}) AND {shared}), false)"
    message = "{value} is on line {first} already; one of the two is about something else"
    yield Check(table, field, message, query=f"{query}{repeated} ORDER BY 1")


def _works(context: Context) -> str:
    """A query for each link's line, type and paper: its own or that of its model or dataset, which is a part of it."""
    own, joins = ["l.paper_id"], ""
    for name, key in (("models", "model_id"), ("datasets", "dataset_id")):
        if context.has(f"links.{key}", f"{name}.{key}", f"{name}.paper_id"):
            own.append(f"{name}.paper_id")
            joins += f" LEFT JOIN {name} ON {name}.{key} = l.{key}"
    columns = f"l.{LINE} AS line, l.type AS type, coalesce({', '.join(own)}) AS work, l.paper_id IS NULL AS is_part"
    return f"(SELECT {columns} FROM links AS l{joins})"


@rule(
    "L004",
    "link-type-against-host",
    needs=["links.type", "links.url"],
    bad=[
        Example(
            {"links": "link_id,type,url\na,repository-official,https://arxiv.org/abs/2410.22629\n"},
            at="data/links.csv:2:type",
            message="arxiv.org holds no repository-official; write one of paper-preprint, paper-pdf",
        )
    ],
    good=[Example({"links": "link_id,type,url\na,paper-preprint,https://arxiv.org/abs/2410.22629\n"})],
)
def link_type_against_host(context: Context) -> Iterator[Found]:
    """A link's type does not fit its host.

    arXiv holds preprints, a DOI leads to a published paper, GitHub holds no papers. Mend the type or the URL.
    """
    table, field = context.column("links.type")
    hosts = {
        "arxiv.org": ("paper-preprint", "paper-pdf"),
        "ieeexplore.ieee.org": ("paper-published",),
        "openaccess.thecvf.com": ("paper-published", "paper-pdf"),
    }
    for host, types in hosts.items():
        listed = ", ".join(f"'{item}'" for item in types)
        message = host + " holds no {value}; write one of " + ", ".join(types)
        where = f"url LIKE 'https://{host}/%' AND type NOT IN ({listed})"
        yield Check(table, field, message, where=where)
    message = "github.com holds no {value}; write the type of what is there"
    where = "url LIKE 'https://github.com/%' AND type IN ('paper-published', 'paper-preprint', 'model-card')"
    yield Check(table, field, message, where=where)


@rule(
    "L005",
    "link-to-another-work",
    needs=["links.paper_id", "links.url", "links.type", "papers.paper_id", "papers.arxiv_id", "papers.doi"],
    bad=[
        Example(
            {
                "links": "link_id,paper_id,type,url\na,skysense-o-2025,paper-preprint,https://arxiv.org/abs/2410.01768\n",
                "papers": "paper_id,arxiv_id,doi\nskysense-o-2025,,10.1109/cvpr52734.2025.01375\n",
            },
            at="data/links.csv:2:url",
            message="the link is to 2410.01768, but skysense-o-2025 has no such identifier;"
            " one of them is another work's",
        )
    ],
    good=[
        Example(
            {
                "links": "link_id,paper_id,type,url\na,segearth-ov-2024,paper-preprint,https://arxiv.org/abs/2410.01768\n",
                "papers": "paper_id,arxiv_id,doi\nsegearth-ov-2024,2410.01768,\n",
            }
        )
    ],
)
def link_to_another_work(context: Context) -> Iterator[Found]:
    """An arXiv or DOI link of a paper does not lead to the paper's own identifier.

    Such a link works, so no link checker finds it, and leads to another work. Mend the link or the identifier.
    """
    table, field = context.column("links.url")
    found = "coalesce(nullif(regexp_extract(l.url, '^https://arxiv[.]org/abs/([0-9.]+)', 1), ''),"
    found += " nullif(regexp_extract(l.url, '^https://doi[.]org/(.+)$', 1), ''))"
    yield Check(
        table,
        field,
        "the link is to {found}, but {paper_id} has no such identifier; one of them is another work's",
        query=f"SELECT line, found, paper_id, value FROM (SELECT l.{LINE} AS line, l.url AS value, {found} AS found,"
        " p.paper_id AS paper_id, coalesce(p.arxiv_id, '') AS arxiv, coalesce(p.doi, '') AS doi FROM links AS l"
        " JOIN papers AS p ON l.paper_id = p.paper_id WHERE l.type IN ('paper-preprint', 'paper-published')) AS f"
        " WHERE found IS NOT NULL AND found <> arxiv AND found <> doi ORDER BY 1",
    )


@rule(
    "L006",
    "status-without-date",
    needs=["links.status", "links.checked"],
    bad=[
        Example(
            {"links": "link_id,url,status,checked\na,https://example.com/x,live,\n"},
            at="data/links.csv:2:checked",
            message="status and checked go together; write both, or neither where nobody asked",
        )
    ],
    good=[Example({"links": "link_id,url,status,checked\na,https://example.com/x,live,2026-01-02\n"})],
)
def status_without_date(context: Context) -> Iterator[Found]:
    """A link has a status without the day it was checked, or the reverse.

    A status is true of one day. Write both, or leave both empty where nobody has asked the server.
    """
    table, field = context.column("links.checked")
    message = "status and checked go together; write both, or neither where nobody asked"
    yield Check(table, field, message, where="(status IS NULL) <> (checked IS NULL)")


@rule(
    "L007",
    "placeholder-url",
    needs=["links.url"],
    bad=[
        Example(
            {"links": "link_id,url\na,https://github.com/username/repo\n"},
            at="data/links.csv:2:url",
            message="https://github.com/username/repo is no page of the work; write its own address",
        )
    ],
    good=[Example({"links": "link_id,url\na,https://github.com/comeony/RingMo\n"})],
)
def placeholder_url(context: Context) -> Iterator[Found]:
    """A URL is a placeholder, a search result, a whole site, or a local address.

    It opens, perhaps, but shows nothing of the work. Write the address of the work's own page.
    """
    table, field = context.column("links.url")
    patterns = (
        r"^https?://(www\.)?(github\.com|huggingface\.co|arxiv\.org|doi\.org)(/[^/]*)?$",
        r"^https?://github\.com/(username|user|your-?name|xxx+|anonymous)/",
        r"^https?://(localhost|127\.|10\.|192\.168\.|0\.0\.0\.0|\[)",
        r"^https?://((www|scholar)\.)?google\.[a-z.]+/(search|scholar)",
        r"^https?://[^/]*(example\.(org|net)|\.local)(/|$)",
    )
    where = " OR ".join(f"regexp_matches(url, '{pattern}')" for pattern in patterns)
    yield Check(table, field, "{value} is no page of the work; write its own address", where=where)


@rule(
    "L008",
    "repository-of-a-list",
    needs=["links.url", "links.type"],
    bad=[
        Example(
            {
                "links": "link_id,type,url\n"
                "a,repository-official,https://github.com/Jack-bo1220/Awesome-Remote-Sensing-Foundation-Models\n"
            },
            at="data/links.csv:2:url",
            message="https://github.com/Jack-bo1220/Awesome-Remote-Sensing-Foundation-Models is a list, no repository"
            " of the work; write the work's own",
        )
    ],
    good=[Example({"links": "link_id,type,url\na,repository-official,https://github.com/comeony/RingMo\n"})],
)
def repository_of_a_list(context: Context) -> Iterator[Found]:
    """A link to code leads to a list of papers.

    Lists copy such links from each other. Write the address of the work's own repository, or delete the link.
    """
    table, field = context.column("links.url")
    where = "regexp_matches(lower(url), '^https?://(github|gitlab|gitee)\\.com/[^/]+/[^/]*awesome') AND type <> 'blog'"
    yield Check(table, field, "{value} is a list, no repository of the work; write the work's own", where=where)


@rule(
    "L009",
    "repository-part",
    needs=["links.url", "links.type"],
    bad=[
        Example(
            {"links": "link_id,type,url\na,repository-official,https://github.com/zhu-xlab/DOFA/tree/master/demo\n"},
            at="data/links.csv:2:url",
            message="https://github.com/zhu-xlab/DOFA/tree/master/demo is a part of a repository;"
            " write the repository's address, or the type of what is there",
        )
    ],
    good=[Example({"links": "link_id,type,url\na,repository-official,https://github.com/zhu-xlab/DOFA\n"})],
)
def repository_part(context: Context) -> Iterator[Found]:
    """A repository's link leads to a folder, a file, an issue or its owner's page.

    Such an address breaks when a branch is renamed. Write OWNER/NAME, or the type of what the link leads to.
    """
    table, field = context.column("links.url")
    message = "{value} is a part of a repository; write the repository's address, or the type of what is there"
    where = (
        "type IN ('repository-official', 'repository-fork') AND regexp_matches(url, '^https?://(github|gitee)\\.com/')"
        " AND NOT regexp_matches(url, '^https?://(github|gitee)\\.com/[^/?#]+/[^/?#]+$')"
    )
    yield Check(table, field, message, where=where)


@rule(
    "L010",
    "link-id-not-derived",
    needs=["links.link_id", "links.type", "links.paper_id", "links.model_id", "links.dataset_id"],
    bad=[
        Example(
            {
                "links": "link_id,paper_id,model_id,dataset_id,type,url\n"
                "ringmo-code,ringmo-2022,,,repository-official,https://github.com/comeony/RingMo\n"
            },
            at="data/links.csv:2:link_id",
            message="the id ringmo-code does not start with ringmo-2022-repository-official-; write that and a number",
        )
    ],
    good=[
        Example(
            {
                "links": "link_id,paper_id,model_id,dataset_id,type,url\n"
                "ringmo-2022-repository-official-1,ringmo-2022,,,repository-official,https://github.com/comeony/RingMo\n"
            }
        )
    ],
)
def link_id_not_derived(context: Context) -> Iterator[Found]:
    """A link's id is not made of what it is about, its type and a number.

    Sorted so, the links of a work stand together and a type can be read off. Write the id anew.
    """
    table, field = context.column("links.link_id")
    start = "coalesce(paper_id, model_id, dataset_id) || '-' || type || '-'"
    yield Check(
        table,
        field,
        "the id {value} does not start with {start}; write that and a number",
        where=f"NOT (starts_with(link_id, {start}) AND"
        f" regexp_full_match(substr(link_id, length({start}) + 1), '[0-9]+'))",
        values={"start": start},
    )

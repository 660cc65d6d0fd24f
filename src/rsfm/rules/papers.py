"""P: papers, their titles, dates, venues, authors, code and summaries."""

from __future__ import annotations

from collections.abc import Iterator

from rsfm.engine import LINE, Check
from rsfm.rules import Context, Example, Found, rule

CJK = r"[\x{3000}-\x{303f}\x{3400}-\x{9fff}\x{ff00}-\x{ffef}]"


@rule(
    "P001",
    "year-before-first-public",
    needs=["papers.year", "papers.first_public"],
    bad=[
        Example(
            {"papers": "paper_id,first_public,year\ncrossearth-2024,2024-10-30,2023\n"},
            at="data/papers.csv:2:year",
            message="published in 2023, before the first public date 2024-10-30; mend the year or the date",
        )
    ],
    good=[Example({"papers": "paper_id,first_public,year\ncrossearth-2024,2024-10-30,2024\n"})],
)
def year_before_first_public(context: Context) -> Iterator[Found]:
    """The year of publication lies before the first public date.

    No work appears before it is public; one of the two belongs to another work or is a slip. Look both up.
    """
    table, field = context.column("papers.year")
    message = "published in {value}, before the first public date {first_public}; mend the year or the date"
    where = "try_cast(year AS INTEGER) < try_cast(substr(first_public, 1, 4) AS INTEGER)"
    yield Check(table, field, message, where=where, values={"first_public": "first_public"})


@rule(
    "P002",
    "preprint-with-doi",
    needs=["papers.venue_id", "papers.doi", "venues.venue_id", "venues.type"],
    bad=[
        Example(
            {
                "papers": "paper_id,venue_id,doi\nrs5m-2023,arxiv,10.1109/tgrs.2024.3449154\n",
                "venues": "venue_id,type\narxiv,preprint\n",
            },
            at="data/papers.csv:2:venue_id",
            message="a preprint has no publisher's DOI, and this one has 10.1109/tgrs.2024.3449154;"
            " write the venue that the DOI is of",
        )
    ],
    good=[
        Example({"papers": "paper_id,venue_id,doi\nrs5m-2023,arxiv,\n", "venues": "venue_id,type\narxiv,preprint\n"})
    ],
)
def preprint_with_doi(context: Context) -> Iterator[Found]:
    """A paper is said to be a preprint and has a publisher's DOI.

    It has been published since. Write the venue and the year of publication.
    """
    table, field = context.column("papers.venue_id")
    message = "a preprint has no publisher's DOI, and this one has {doi}; write the venue that the DOI is of"
    where = "doi IS NOT NULL AND venue_id IN (SELECT venue_id FROM venues WHERE type = 'preprint')"
    yield Check(table, field, message, where=where, values={"doi": "doi"})


@rule(
    "P003",
    "published-without-page",
    needs=[
        "papers.paper_id",
        "papers.venue_id",
        "papers.doi",
        "venues.venue_id",
        "venues.type",
        "links.paper_id",
        "links.type",
    ],
    bad=[
        Example(
            {
                "papers": "paper_id,venue_id,doi\ngraft-2023,iclr,\n",
                "venues": "venue_id,type\niclr,conference\n",
                "links": "link_id,paper_id,type,url\na,graft-2023,paper-preprint,https://arxiv.org/abs/2312.06960\n",
            },
            at="data/papers.csv:2:venue_id",
            message="published in iclr, but neither a DOI nor a paper-published link says so; add one",
        )
    ],
    good=[
        Example(
            {
                "papers": "paper_id,venue_id,doi\ngraft-2023,iclr,\n",
                "venues": "venue_id,type\niclr,conference\n",
                "links": "link_id,paper_id,type,url\n"
                "a,graft-2023,paper-published,https://openreview.net/forum?id=w9tc699w3Z\n",
            }
        )
    ],
)
def published_without_page(context: Context) -> Iterator[Found]:
    """A paper is said to be published, and nothing leads to the publication.

    Add its DOI, or a link of type paper-published to its page in the proceedings.
    """
    table, field = context.column("papers.venue_id")
    message = "published in {value}, but neither a DOI nor a paper-published link says so; add one"
    where = (
        "doi IS NULL AND venue_id IN (SELECT venue_id FROM venues WHERE type <> 'preprint')"
        " AND paper_id NOT IN (SELECT paper_id FROM links WHERE type = 'paper-published' AND paper_id IS NOT NULL)"
    )
    yield Check(table, field, message, where=where)


@rule(
    "P004",
    "stray-text-in-title",
    needs=["papers.title"],
    bad=[
        Example(
            {"papers": "paper_id,title\nringmo-2022,RingMo: A Foundation Model with Masked Image Modeling论文\n"},
            at="data/papers.csv:2:title",
            message="stray text in 'RingMo: A Foundation Model with Masked Image Modeling论文';"
            " write the title as the paper has it",
        )
    ],
    good=[Example({"papers": "paper_id,title\nringmo-2022,RingMo: A Foundation Model with Masked Image Modeling\n"})],
)
def stray_text_in_title(context: Context) -> Iterator[Found]:
    """A title holds text that is not part of it.

    Chinese characters in an English title, a mark such as "(Paper)" or "[code]", a full stop or an ellipsis at its end
    come from copying. Write the title as the paper has it.
    """
    table, field = context.column("papers.title")
    mark = r"[(\[](paper|code|pdf|arxiv|github)[)\]]"
    where = (
        f"(regexp_matches(title, '[A-Za-z]') AND regexp_matches(title, '{CJK}'))"
        rf" OR regexp_matches(lower(title), '{mark}') OR regexp_matches(title, '(\.|…|,|;|:|-)$')"
    )
    yield Check(table, field, "stray text in '{value}'; write the title as the paper has it", where=where)


@rule(
    "P005",
    "title-spacing",
    needs=["papers.title"],
    bad=[
        Example(
            {"papers": "paper_id,title\ngeochat-2023,GeoChat:Grounded Large Model\n"},
            at="data/papers.csv:2:title",
            message="write 'GeoChat: Grounded Large Model', not 'GeoChat:Grounded Large Model'",
            fixed={"papers": "paper_id,title\ngeochat-2023,GeoChat: Grounded Large Model\n"},
        )
    ],
    good=[Example({"papers": "paper_id,title\ngeochat-2023,GeoChat: Grounded Large Model\n"})],
)
def title_spacing(context: Context) -> Iterator[Found]:
    """A title has no space behind its colon, or one before it.

    Write the colon close to the word before it, and a space behind it.
    """
    table, field = context.column("papers.title")
    fix = r"regexp_replace(regexp_replace(title, '\s+:', ':', 'g'), '([A-Za-z0-9)]):([A-Za-z])', '\1: \2', 'g')"
    yield Check(table, field, "write '{fix}', not '{value}'", where=f"{fix} <> title", fix=fix)


@rule(
    "P006",
    "repeated-title",
    needs=["papers.paper_id", "papers.title", "papers.former_titles"],
    bad=[
        Example(
            {
                "papers": "paper_id,title,former_titles\na-2025,SkySense-O: Open World,\n"
                "b-2025,SkySense-O - open world,\n"
            },
            at="data/papers.csv:3:title",
            message="'SkySense-O - open world' is a title of a-2025 too (line 2); one of them is another work's,"
            " or both rows are one work",
        )
    ],
    good=[
        Example(
            {
                "papers": "paper_id,title,former_titles\na-2025,SkySense-O: Open World,\n"
                "b-2024,SegEarth-OV: Open Vocabulary,\n"
            }
        )
    ],
)
def repeated_title(context: Context) -> Iterator[Found]:
    """Two papers have one title, present or former, but for case, spaces and punctuation.

    Either both rows are one work, or a title was copied to the wrong identifier. Look up the title of each.
    """
    table, field = context.column("papers.title")
    titles = (
        f"SELECT {LINE} AS line, paper_id, title FROM papers UNION ALL SELECT {LINE}, paper_id,"
        " unnest(string_split(former_titles, '|')) FROM papers"
    )
    plain = r"lower(regexp_replace(title, '[^\pL\pN]', '', 'g'))"
    yield Check(
        table,
        field,
        "'{value}' is a title of {other} too (line {first}); one of them is another work's, or both rows are one work",
        query=f"WITH t AS (SELECT line, paper_id, title, {plain} AS plain FROM ({titles}) AS all_titles),"
        " g AS (SELECT plain, min(line) AS first FROM t GROUP BY plain HAVING count(DISTINCT line) > 1)"
        " SELECT DISTINCT t.line AS line, t.title AS value, o.paper_id AS other, g.first AS first FROM t"
        " JOIN g ON t.plain = g.plain JOIN t AS o ON o.plain = g.plain AND o.line = g.first"
        " WHERE t.line > g.first ORDER BY 1",
    )


@rule(
    "P007",
    "text-filed-under-vision",
    needs=["papers.category", "papers.modalities"],
    bad=[
        Example(
            {"papers": "paper_id,category,modalities\nremoteclip-2023,vision,optical-rgb|text\n"},
            at="data/papers.csv:2:category",
            message="the modalities hold text; write vision-language",
            fixed={"papers": "paper_id,category,modalities\nremoteclip-2023,vision-language,optical-rgb|text\n"},
        )
    ],
    good=[Example({"papers": "paper_id,category,modalities\nremoteclip-2023,vision-language,optical-rgb|text\n"})],
)
def text_filed_under_vision(context: Context) -> Iterator[Found]:
    """A paper whose modalities hold text is filed under vision, or one without text under vision-language.

    Readers look for it in the other section. Write the category that the modalities ask for.
    """
    table, field = context.column("papers.category")
    text = "list_contains(string_split(modalities, '|'), 'text')"
    message = "the modalities hold text; write vision-language"
    yield Check(table, field, message, where=f"category = 'vision' AND {text}", fix="'vision-language'")
    message = "filed under vision-language, but the modalities hold no text; mend one of them"
    yield Check(table, field, message, where=f"category = 'vision-language' AND NOT {text}")


@rule(
    "P008",
    "code-status-against-links",
    needs=["papers.paper_id", "papers.code_status", "links.paper_id", "links.type"],
    bad=[
        Example(
            {
                "papers": "paper_id,code_status\nringmo-2022,none-found\n",
                "links": "link_id,paper_id,type,url\n"
                "a,ringmo-2022,repository-official,https://github.com/comeony/RingMo\n",
            },
            at="data/papers.csv:2:code_status",
            message="none-found, but there is an official repository; write what is in it, or linked",
        )
    ],
    good=[
        Example(
            {
                "papers": "paper_id,code_status\nringmo-2022,released\n",
                "links": "link_id,paper_id,type,url\n"
                "a,ringmo-2022,repository-official,https://github.com/comeony/RingMo\n",
            }
        )
    ],
)
def code_status_against_links(context: Context) -> Iterator[Found]:
    """The code status and the links contradict each other.

    Released code has an official repository among the links; where there is one, its state is released, partial or
    announced, or linked where nobody has looked, never none-found. Look at the files of the repository.
    """
    table, field = context.column("papers.code_status")
    linked = "paper_id IN (SELECT paper_id FROM links WHERE type = 'repository-official' AND paper_id IS NOT NULL)"
    message = "none-found, but there is an official repository; write what is in it, or linked"
    yield Check(table, field, message, where=f"code_status = 'none-found' AND {linked}")
    message = "{value}, but no link of type repository-official; add the link or write none-found"
    yield Check(table, field, message, where=f"code_status IN ('released', 'partial', 'linked') AND NOT ({linked})")


@rule(
    "P009",
    "code-status-date",
    needs=["papers.code_status", "papers.code_status_date"],
    bad=[
        Example(
            {"papers": "paper_id,code_status,code_status_date\nringmo-2022,released,\n"},
            at="data/papers.csv:2:code_status_date",
            message="code_status is released, as of no date; write the date of the repository state you looked at",
        )
    ],
    good=[Example({"papers": "paper_id,code_status,code_status_date\nringmo-2022,released,2024-01-02\n"})],
)
def code_status_date(context: Context) -> Iterator[Found]:
    """A code status has no date.

    Code comes and goes: "no code" was true once of half the entries that say it. Write the date of the state of the
    repository that you looked at.
    """
    table, field = context.column("papers.code_status_date")
    message = "code_status is {code_status}, as of no date; write the date of the repository state you looked at"
    where = "code_status IN ('released', 'partial') AND code_status_date IS NULL"
    yield Check(table, field, message, where=where, values={"code_status": "code_status"})


@rule(
    "P010",
    "missing-summary",
    needs=["papers.verification", "papers.summary_en", "papers.summary_zh"],
    bad=[
        Example(
            {"papers": "paper_id,verification,summary_en,summary_zh\na-2024,primary,A model of images.,\n"},
            at="data/papers.csv:2:summary_zh",
            message="a paper that was read (verification primary) has no summary_zh; write one to three sentences",
        )
    ],
    good=[Example({"papers": "paper_id,verification,summary_en,summary_zh\na-2024,lists,,\n"})],
)
def missing_summary(context: Context) -> Iterator[Found]:
    """A paper that was read has no summary in one of the two languages.

    Write one to three sentences in your own words: what is new, on what data, with what result.
    """
    for name in ("summary_en", "summary_zh"):
        table, field = context.column(f"papers.{name}")
        message = f"a paper that was read (verification {{read}}) has no {name}; write one to three sentences"
        where = f"verification <> 'lists' AND {name} IS NULL"
        yield Check(table, field, message, where=where, values={"read": "verification"})


@rule(
    "P011",
    "summary-in-wrong-language",
    needs=["papers.summary_en", "papers.summary_zh"],
    bad=[
        Example(
            {"papers": "paper_id,summary_en,summary_zh\na-2024,A model.,A model.\n"},
            at="data/papers.csv:2:summary_zh",
            message="'A model.' is not Chinese; write it in Chinese",
        )
    ],
    good=[Example({"papers": "paper_id,summary_en,summary_zh\na-2024,A model of images.,一个图像模型。\n"})],
)
def summary_in_wrong_language(context: Context) -> Iterator[Found]:
    """A summary is in the other language.

    The English list shows `summary_en`, the Chinese one `summary_zh`. Write each in its language.
    """
    table, field = context.column("papers.summary_en")
    yield Check(
        table, field, "'{value}' is not English; write it in English", where=f"regexp_matches(summary_en, '{CJK}')"
    )
    table, field = context.column("papers.summary_zh")
    where = r"length(regexp_replace(summary_zh, '[^\x{3400}-\x{9fff}]+', '', 'g')) * 4 < length(summary_zh)"
    yield Check(table, field, "'{value}' is not Chinese; write it in Chinese", where=where)


@rule(
    "P012",
    "author-form",
    needs=["papers.authors"],
    bad=[
        Example(
            {"papers": 'paper_id,authors\na-2024,"Cong, Yezhen|et al."\n'},
            at="data/papers.csv:2:authors",
            message="'et al.' is no author; write each as Family, Given, and write them all",
        )
    ],
    good=[Example({"papers": 'paper_id,authors\na-2024,"Cong, Yezhen|Sukarno|Khanna, Samar"\n'})],
)
def author_form(context: Context) -> Iterator[Found]:
    """An author is not written as "Family, Given", or the list is cut off.

    Names in one form can be compared and cited. Write each as Family, Given, and write them all, without "et al.". Who
    has one name only stands with that.
    """
    table, field = context.column("papers.authors")
    items = f"SELECT {LINE} AS line, unnest(string_split(authors, '|')) AS value FROM papers WHERE authors IS NOT NULL"
    yield Check(
        table,
        field,
        "'{value}' is no author; write each as Family, Given, and write them all",
        query=f"SELECT line, value FROM ({items}) AS a"
        " WHERE NOT regexp_full_match(value, '[^, ]+|[^,]+, [^,]+(, (Jr\\.|I+))?')"
        " OR regexp_matches(lower(value), 'et al|others|\\d|@') ORDER BY 1",
    )


@rule(
    "P013",
    "date-finer-than-known",
    needs=["papers.first_public", "papers.first_public_precision"],
    bad=[
        Example(
            {"papers": "paper_id,first_public,first_public_precision\na-2024,2024-05-17,month\n"},
            at="data/papers.csv:2:first_public",
            message="2024-05-17 is known to the month; write its first day, or the precision day",
        )
    ],
    good=[Example({"papers": "paper_id,first_public,first_public_precision\na-2024,2024-05-01,month\n"})],
)
def date_finer_than_known(context: Context) -> Iterator[Found]:
    """A first date is said to be known to the month or year only, yet names another day than the first.

    A date of lower precision stands on the first day of its month or year. Write that day, or the precision it has.
    """
    table, field = context.column("papers.first_public")
    message = "{value} is known to the {precision}; write its first day, or the precision day"
    where = (
        "(first_public_precision = 'month' AND substr(first_public, 9) <> '01')"
        " OR (first_public_precision = 'year' AND substr(first_public, 6) <> '01-01')"
    )
    yield Check(table, field, message, where=where, values={"precision": "first_public_precision"})


@rule(
    "P014",
    "markup-in-title",
    needs=["papers.title", "papers.authors"],
    bad=[
        Example(
            {"papers": 'paper_id,title,authors\na-2024,Vision &amp; Language <i>Models</i>,"Li, Bo"\n'},
            at="data/papers.csv:2:title",
            message="markup in 'Vision &amp; Language <i>Models</i>'; write plain text",
        ),
        Example(
            {"papers": 'paper_id,title,authors\na-2024,Models,"M{\\"u}ller, Jan"\n'.replace('\\"', '\\""')},
            at="data/papers.csv:2:authors",
            message="markup in 'M{\\\"u}ller, Jan'; write plain text",
        ),
    ],
    good=[Example({"papers": 'paper_id,title,authors\na-2024,Vision & Language Models,"Müller, Jan"\n'})],
)
def markup_in_title(context: Context) -> Iterator[Found]:
    """A title or an author's name holds HTML or LaTeX.

    It was copied from a page's source or a BibTeX file. Write the text as it is read.
    """
    markup = r"&(#[0-9]+|#x[0-9a-f]+|[a-z]+);|</?[a-z]+[^<>]*>|\\[a-zA-Z]+|\\[^\pL\s]|[{}]|\$[^$]*\$|\*\*|__|`"
    for name in ("papers.title", "papers.authors"):
        table, field = context.column(name)
        message = "markup in '{value}'; write plain text"
        yield Check(table, field, message, where=f"regexp_matches({field.sql}, '{markup}')")


@rule(
    "P015",
    "near-title",
    needs=["papers.paper_id", "papers.title"],
    bad=[
        Example(
            {
                "papers": "paper_id,title\na-2024,Cross-Modal Alignment in Models with Integration Rate\n"
                "b-2025,Cross-Modal Alignment in Models via Integration Rate\n"
            },
            at="data/papers.csv:3:title",
            message="differs in a word from the title of a-2024 (line 2);"
            " if it is the same work, make the two rows one",
        )
    ],
    good=[
        Example(
            {
                "papers": "paper_id,title\na-2024,Cross-Modal Alignment in Models with Integration Rate\n"
                "b-2025,A Large Vision-Language Model for Remote Sensing\n"
            }
        )
    ],
)
def near_title(context: Context) -> Iterator[Found]:
    """Two papers' titles differ in one word.

    Works are retitled between preprint and publication, and then stand in a list twice. If the two are one work, keep
    one row and write the other title into `former_titles`; if they are not, waive the rule with the reason.

    Each title is put down once for every word left out, and titles that meet are near: that is linear in their number.
    """
    table, field = context.column("papers.title")
    words = r"list_sort(list_distinct(regexp_extract_all(lower(replace(title, '-', '')), '[\pL\pN]+')))"
    left_out = "list_filter(words, lambda w: w <> word)"
    yield Check(
        table,
        field,
        "differs in a word from the title of {other} (line {first}); if it is the same work, make the two rows one",
        query=f"WITH t AS (SELECT {LINE} AS line, paper_id, title, {words} AS words FROM papers"
        " WHERE title IS NOT NULL),"
        " u AS (SELECT line, paper_id, title, words, unnest(words) AS word FROM t WHERE len(words) >= 5),"
        f" k AS (SELECT line, paper_id, title, words, array_to_string({left_out}, ' ') AS key FROM u"
        " UNION ALL SELECT line, paper_id, title, words, array_to_string(words, ' ') FROM t WHERE len(words) >= 4),"
        " g AS (SELECT key, min(line) AS first FROM k GROUP BY key HAVING count(DISTINCT line) > 1)"
        " SELECT k.line AS line, any_value(k.title) AS value, any_value(o.paper_id) AS other, min(g.first) AS first"
        " FROM k JOIN g ON k.key = g.key JOIN t AS o ON o.line = g.first WHERE k.line > g.first AND k.words <> o.words"
        " GROUP BY k.line ORDER BY 1",
    )


@rule(
    "P016",
    "name-taken",
    needs=["papers.paper_id", "papers.short_name"],
    bad=[
        Example(
            {"papers": "paper_id,short_name\ngeochat-2023,GeoChat\ngeochat-2025,Geochat\n"},
            at="data/papers.csv:3:short_name",
            message="'Geochat' is the name of geochat-2023 too (line 2); tell the two apart, or make them one",
        )
    ],
    good=[Example({"papers": "paper_id,short_name\ngeochat-2023,GeoChat\ngeochat-2-2025,GeoChat 2\n"})],
)
def name_taken(context: Context) -> Iterator[Found]:
    """Two papers have one short name, but for case.

    Whoever writes the name means one of the two. Either both rows are one work, or one
    needs a name that tells it apart.
    """
    table, field = context.column("papers.short_name")
    yield Check(
        table,
        field,
        "'{value}' is the name of {other} too (line {first}); tell the two apart, or make them one",
        query=f"SELECT p.{LINE} AS line, p.short_name AS value, o.paper_id AS other, g.first AS first FROM papers AS p"
        f" JOIN (SELECT lower(short_name) AS name, min({LINE}) AS first FROM papers WHERE short_name IS NOT NULL"
        " GROUP BY 1 HAVING count(*) > 1) AS g ON lower(p.short_name) = g.name"
        f" JOIN papers AS o ON o.{LINE} = g.first WHERE p.{LINE} > g.first ORDER BY 1",
    )


@rule(
    "P017",
    "initial-of-a-known-author",
    needs=["papers.paper_id", "papers.authors"],
    bad=[
        Example(
            {"papers": 'paper_id,authors\na-2022,"Sun, Xian"\nb-2023,"Sun, X."\n'},
            at="data/papers.csv:3:authors",
            message="'Sun, X.' may be Sun, Xian of a-2022; write the full given name",
        )
    ],
    good=[Example({"papers": 'paper_id,authors\na-2022,"Sun, Xian"\nb-2023,"Fu, K."\n'})],
)
def initial_of_a_known_author(context: Context) -> Iterator[Found]:
    """An author has initials only, and a full name that fits stands elsewhere.

    One person under two names is two in every count. Look the author up in the paper and write the full given name.
    """
    table, field = context.column("papers.authors")
    people = f"SELECT {LINE} AS line, paper_id, unnest(string_split(authors, '|')) AS name FROM papers"
    initials = r"'^[^,]+, \p{Lu}\.?([ -]?\p{Lu}\.?)*$'"
    start = r"regexp_extract(name, '^[^,]+, \pL')"
    yield Check(
        table,
        field,
        "'{value}' may be {other} of {paper}; write the full given name",
        query=f"WITH p AS (SELECT line, paper_id, name, {start} AS start, regexp_matches(name, {initials}) AS short"
        f" FROM ({people}) AS people WHERE name IS NOT NULL)"
        " SELECT s.line AS line, s.name AS value, min(f.name) AS other, min_by(f.paper_id, f.name) AS paper"
        " FROM p AS s JOIN p AS f ON s.start = f.start AND s.short AND NOT f.short GROUP BY s.line, s.name ORDER BY 1",
    )


@rule(
    "P018",
    "author-twice",
    needs=["papers.authors"],
    bad=[
        Example(
            {"papers": 'paper_id,authors\na-2022,"Zhang, Liangpei|Du, Bo|Zhang, LiangPei"\n'},
            at="data/papers.csv:2:authors",
            message="'zhang, liangpei' stands twice; delete one",
        )
    ],
    good=[Example({"papers": 'paper_id,authors\na-2022,"Zhang, Liangpei|Du, Bo"\n'})],
)
def author_twice(context: Context) -> Iterator[Found]:
    """An author stands twice in one list, but for case.

    Delete one; where two people share the name, waive the rule with the reason.
    """
    table, field = context.column("papers.authors")
    people = f"SELECT {LINE} AS line, unnest(string_split(lower(authors), '|')) AS name FROM papers"
    query = (
        f"SELECT line, name AS value FROM ({people}) AS people WHERE name IS NOT NULL GROUP BY line, name"
        " HAVING count(*) > 1 ORDER BY 1"
    )
    yield Check(table, field, "'{value}' stands twice; delete one", query=query)


@rule(
    "P019",
    "summary-size",
    needs=["papers.title", "papers.summary_en", "papers.summary_zh"],
    bad=[
        Example(
            {
                "papers": "paper_id,title,summary_en,summary_zh\n"
                "a-2024,T,A model.,该模型在两百万幅影像上预训练，已在八个数据集上测试。\n"
            },
            at="data/papers.csv:2:summary_en",
            message="'A model.' says too little; write what is new, on what data, with what result",
        )
    ],
    good=[
        Example(
            {
                "papers": "paper_id,title,summary_en,summary_zh\n"
                'a-2024,T,"A model that reads radar images, trained on two million of them.",'
                "该模型在两百万幅影像上预训练，在八个数据集上测试。\n"
            }
        )
    ],
)
def summary_size(context: Context) -> Iterator[Found]:
    """A summary is too short to say anything, or repeats the title, or the same summary stands at another paper.

    Write one to three sentences: what is new, on what data, with what result.
    """
    for name, least in (("summary_en", 40), ("summary_zh", 15)):
        table, field = context.column(f"papers.{name}")
        message = "'{value}' says too little; write what is new, on what data, with what result"
        yield Check(table, field, message, where=f"length({name}) < {least} OR lower({name}) = lower(title)")
        query = (
            f"SELECT line, value, first FROM (SELECT {LINE} AS line, {name} AS value,"
            f" min({LINE}) OVER (PARTITION BY {name}) AS first FROM papers WHERE {name} IS NOT NULL) AS s"
            " WHERE line > first ORDER BY 1"
        )
        yield Check(table, field, "the summary of line {first}, copied; write one of this paper", query=query)


@rule(
    "P021",
    "summary-copied",
    needs=[
        "papers.paper_id",
        "papers.summary_en",
        "evidence.table",
        "evidence.id",
        "evidence.field",
        "evidence.stated",
    ],
    bad=[
        Example(
            {
                "papers": "paper_id,summary_en\n"
                "a-2024,We present a model that is trained on two million images of the whole Earth.\n",
                "evidence": "table,id,field,source_id,locator,stated\n"
                "papers,a-2024,tasks,arxiv,abstract,a model that is trained on two million images of the planet\n",
            },
            at="data/papers.csv:2:summary_en",
            message="'a model that is trained on two million' stands in a source; write it in your own words",
        )
    ],
    good=[
        Example(
            {
                "papers": "paper_id,summary_en\na-2024,Two million images of the whole Earth went into this model.\n",
                "evidence": "table,id,field,source_id,locator,stated\n"
                "papers,a-2024,tasks,arxiv,abstract,a model that is trained on two million images of the planet\n",
            }
        )
    ],
)
def summary_copied(context: Context) -> Iterator[Found]:
    """A summary has eight words in a row that were quoted from one of the paper's sources.

    Facts may be taken over, sentences may not. Say it in your own words.
    """
    table, field = context.column("papers.summary_en")
    words = r"trim(regexp_replace(lower({0}), '[^a-z0-9]+', ' ', 'g'))"
    # Eight words in a row hold one of the summary's blocks of four, which few quotations do.
    query = (
        f"WITH said AS (SELECT {LINE} AS line, paper_id, {words.format('summary_en')} AS said FROM papers),"
        f" quoted AS (SELECT id, concat(' ', {words.format('stated')}, ' ') AS quotation FROM evidence"
        " WHERE \"table\" = 'papers' AND field <> 'authors' AND length(stated) > 30),"
        " blocks AS (SELECT *, unnest(regexp_extract_all(said, '[^ ]+ [^ ]+ [^ ]+ [^ ]+')) AS block FROM said),"
        " near AS (SELECT DISTINCT line, string_split(said, ' ') AS w, quotation FROM blocks JOIN quoted"
        " ON id = paper_id WHERE contains(quotation, concat(' ', block, ' '))),"
        " runs AS (SELECT line, quotation, array_to_string(w[place : place + 7], ' ') AS run"
        " FROM (SELECT *, unnest(range(1, len(w) - 6)) AS place FROM near))"
        " SELECT line, min(run) AS run FROM runs WHERE contains(quotation, concat(' ', run, ' '))"
        " GROUP BY line ORDER BY line"
    )
    yield Check(table, field, "'{run}' stands in a source; write it in your own words", query=query)


@rule(
    "P022",
    "year-without-edition",
    needs=["papers.venue_id", "papers.year"],
    bad=[
        Example(
            {"papers": "paper_id,venue_id,year\nma3e-2024,eccv,2025\n"},
            at="data/papers.csv:2:year",
            message="eccv was not held in 2025; write the year of the conference, not that of its proceedings",
        )
    ],
    good=[Example({"papers": "paper_id,venue_id,year\nma3e-2024,eccv,2024\nsatmae-2022,iccv,2023\n"})],
)
def year_without_edition(context: Context) -> Iterator[Found]:
    """A paper is said to be of a conference in a year in which that was not held.

    ECCV is held in even years, ICCV in odd ones; proceedings often carry the year after. Write that of the conference.
    """
    table, field = context.column("papers.year")
    odd = "try_cast(year AS BIGINT) % 2 = 1"
    where = f"(venue_id IN ('eccv', 'eccvw') AND {odd}) OR (venue_id IN ('iccv', 'iccvw') AND NOT ({odd}))"
    message = "{venue} was not held in {value}; write the year of the conference, not that of its proceedings"
    yield Check(table, field, message, where=where, values={"venue": "venue_id"})

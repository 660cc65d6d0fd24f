"""F: the form of the files, their bytes, lines and cells, whatever they are about."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rsfm.engine import LINE, Check, plain, shorten
from rsfm.package import Fault, Table
from rsfm.rules import Context, Example, Found, reported, rule
from rsfm.sql import literal

CSV = "id,name\na,Alpha\n"
GOOD = [Example({"things": CSV})]
FIXED = {"things": CSV}
DIGITS = 38  # of an integer that DuckDB can hold; longer ones sort as text
LOOK_ALIKES = (
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bf",
    "ABEKMHOPCTXaeopcyxijsABEZHIKMNOPTYXo",
)  # Cyrillic and Greek, and the Latin letters they look like


def _faults(context: Context, kind: str, message: str, *, rewrite: bool = False) -> Iterator[Fault]:
    for form in context.forms():
        yield from reported(form.of(kind), message, rewrite=form.table.name if rewrite and form.rewritable else None)


@rule(
    "F001",
    "not-utf-8",
    bad=[
        Example(
            {"things": b"id,name\na,Caf\xe9\n"},
            at="data/things.csv:2:",
            message="not UTF-8; save the file in UTF-8",
        )
    ],
    good=[Example({"things": "id,name\na,Café\n"})],
)
def not_utf_8(context: Context) -> Iterator[Found]:
    """The file holds bytes that are not UTF-8.

    Readers guess the encoding, and guess differently, so letters come out wrong. Save the file in UTF-8.
    """
    yield from _faults(context, "not-utf-8", "not UTF-8; save the file in UTF-8")


@rule(
    "F002",
    "empty-file",
    bad=[Example({"things": ""}, at="data/things.csv:1:", message="the file is empty; write at least the header")],
    good=GOOD,
)
def empty_file(context: Context) -> Iterator[Found]:
    """The file is empty.

    Without a header a reader does not know the columns. Write the header, even where there are no rows.
    """
    yield from _faults(context, "empty-file", "the file is empty; write at least the header")


@rule(
    "F003",
    "byte-order-mark",
    bad=[
        Example(
            {"things": b"\xef\xbb\xbf" + CSV.encode()},
            at="data/things.csv:1:",
            message="starts with a byte order mark; save the file as UTF-8 without BOM",
            fixed=FIXED,
        )
    ],
    good=GOOD,
)
def byte_order_mark(context: Context) -> Iterator[Found]:
    """The file starts with a byte order mark.

    Many readers take it for a part of the first column's name. Save the file as UTF-8 without BOM.
    """
    message = "starts with a byte order mark; save the file as UTF-8 without BOM"
    yield from _faults(context, "byte-order-mark", message, rewrite=True)


@rule(
    "F004",
    "carriage-return",
    bad=[
        Example(
            {"things": "id,name\r\na,Alpha\r\n"},
            at="data/things.csv:1:",
            message="the line ends in a carriage return; end lines with a line feed alone",
            fixed=FIXED,
        )
    ],
    good=GOOD,
)
def carriage_return(context: Context) -> Iterator[Found]:
    """Lines end in CR LF, or a cell holds a carriage return.

    Mixed line ends make every line of a diff change at the next save. End lines with a line feed alone.
    """
    message = "the line ends in a carriage return; end lines with a line feed alone"
    yield from _faults(context, "carriage-return", message, rewrite=True)


@rule(
    "F005",
    "no-last-newline",
    bad=[
        Example(
            {"things": "id,name\na,Alpha"},
            at="data/things.csv:2:",
            message="the last line does not end; end it with a line feed",
            fixed=FIXED,
        )
    ],
    good=GOOD,
)
def no_last_newline(context: Context) -> Iterator[Found]:
    """The last line has no line feed.

    It may be cut off, and the next row that is added changes this line too. End it with a line feed.
    """
    message = "the last line does not end; end it with a line feed"
    yield from _faults(context, "no-last-newline", message, rewrite=True)


@rule(
    "F006",
    "nul-byte",
    bad=[
        Example(
            {"things": "id,name\na,Al\0pha\n"},
            at="data/things.csv:2:",
            message="holds a NUL byte; delete it",
        )
    ],
    good=GOOD,
)
def nul_byte(context: Context) -> Iterator[Found]:
    """The file holds a NUL byte.

    Databases and C programs take it for the end of the text. Delete it, and look whether the file is what it should be.
    """
    yield from _faults(context, "nul-byte", "holds a NUL byte; delete it")


@rule(
    "F007",
    "unbalanced-quote",
    bad=[
        Example(
            {"things": 'id,name\na,"Alpha\nb,Beta\n'},
            at="data/things.csv:2:",
            message='a quote does not close: "Alpha; close it, and double each quote inside a quoted cell',
        ),
        Example(
            {"things": 'id,name\na,"Alpha\nb,Beta\nc,"\n'},
            at="data/things.csv:2:",
            message='a quote does not close: a,"Alpha; close it, and double each quote inside a quoted cell',
        ),
    ],
    good=[Example({"things": 'id,name\na,"Alpha, the ""first"""\n'})],
)
def unbalanced_quote(context: Context) -> Iterator[Found]:
    """A quoted cell does not close, or swallows the rows behind it.

    Readers take what follows, up to the next quote, for one cell, so rows vanish and nothing says so. The rest of the
    file is not checked before this is mended. Close the quote; a quote inside a quoted cell is written twice.
    """
    message = "a quote does not close: {start}; close it, and double each quote inside a quoted cell"
    yield from _faults(context, "unbalanced-quote", message)


@rule(
    "F008",
    "ragged-row",
    bad=[
        Example(
            {"things": "id,name\na,Alpha,first\n"},
            at="data/things.csv:2:",
            message="the row has 3 cells, the header 2; quote a cell that holds a comma, or add what is missing",
        )
    ],
    good=GOOD,
)
def ragged_row(context: Context) -> Iterator[Found]:
    """A row has more or fewer cells than the header.

    The cells behind the fault stand in the wrong columns. Quote a cell that holds a comma, or add the missing cell.
    """
    message = (
        "the row has {found} cells, the header {expected}; quote a cell that holds a comma, or add what is missing"
    )
    yield from _faults(context, "ragged-row", message)


@rule(
    "F009",
    "blank-line",
    bad=[
        Example(
            {"things": "id,name\n\na,Alpha\n"},
            at="data/things.csv:2:",
            message="the line is blank; delete it",
            fixed=FIXED,
        )
    ],
    good=GOOD,
)
def blank_line(context: Context) -> Iterator[Found]:
    """A line is blank.

    Some readers skip it, some read a row of missing values. Delete it.
    """
    yield from _faults(context, "blank-line", "the line is blank; delete it", rewrite=True)


@rule(
    "F010",
    "missing-header-name",
    bad=[
        Example(
            {"things": "id,\na,Alpha\n"},
            at="data/things.csv:1:",
            message="column 2 has no name; write the field's name",
        )
    ],
    good=GOOD,
)
def missing_header_name(context: Context) -> Iterator[Found]:
    """A column has no name in the header.

    Readers make one up. Write the field's name; the rows are not checked before that.
    """
    yield from _faults(context, "missing-header-name", "column {number} has no name; write the field's name")


@rule(
    "F011",
    "repeated-header-name",
    bad=[
        Example(
            {"things": "id,id\na,Alpha\n"},
            at="data/things.csv:1:id",
            message="column id stands twice; name each column once",
        )
    ],
    good=GOOD,
)
def repeated_header_name(context: Context) -> Iterator[Found]:
    """A column's name stands twice in the header.

    Readers rename or drop one of the two. Name each column once; the rows are not checked before that.
    """
    yield from _faults(context, "repeated-header-name", "column {field} stands twice; name each column once")


@rule(
    "F012",
    "not-canonical",
    bad=[
        Example(
            {"things": 'id,name\na,"Alpha"\n'},
            at="data/things.csv:2:",
            message='quoted otherwise than needed: a,"Alpha"; quote only cells with a comma, a quote or a line break',
            fixed=FIXED,
        )
    ],
    good=[Example({"things": 'id,name\na,"Alpha, first"\n'})],
)
def not_canonical(context: Context) -> Iterator[Found]:
    """A row is quoted otherwise than it need be.

    One way to write a row keeps diffs to what has changed. Quote only cells that hold a comma, a quote or a line break.
    """
    message = "quoted otherwise than needed: {found}; quote only cells with a comma, a quote or a line break"
    yield from _faults(context, "not-canonical", message, rewrite=True)


@rule(
    "F013",
    "huge-cell",
    bad=[
        Example(
            {"things": "id,name\na," + "x" * 100_001 + "\n"},
            at="data/things.csv:2:name",
            message="the cell has 100001 characters; shorten it, or put the text into a file of its own",
        )
    ],
    good=GOOD,
)
def huge_cell(context: Context) -> Iterator[Found]:
    """A cell has more than 100,000 characters.

    Spreadsheets cut it off (Excel at 32,767), and often it is an unclosed quote. Shorten it.
    """
    message = "the cell has {length} characters; shorten it, or put the text into a file of its own"
    yield from _faults(context, "huge-cell", message)


@rule(
    "F014",
    "outer-space",
    bad=[
        Example(
            {"things": "id,name\na, Alpha \n"},
            at="data/things.csv:2:name",
            message="space at an end of ' Alpha '; write 'Alpha'",
            fixed=FIXED,
        )
    ],
    good=GOOD,
)
def outer_space(context: Context) -> Iterator[Found]:
    """A cell starts or ends with white space.

    It looks equal to the same text without it and is not, so keys and joins fail. Delete it.
    """
    blank = r"[\s\x{a0}\x{3000}]+"
    for table, field in context.cells():
        value = field.sql
        fix = f"regexp_replace(regexp_replace({value}, '^{blank}', ''), '{blank}$', '')"
        yield Check(
            table,
            field,
            "space at an end of '{value}'; write '{fix}'",
            where=f"regexp_matches({value}, '^{blank}|{blank}$')",
            guard=rf"(^|\x00){blank}|{blank}(\x00|$)",
            fix=fix,
        )


@rule(
    "F015",
    "double-space",
    bad=[
        Example(
            {"things": "id,name\na,Alpha  first\n"},
            at="data/things.csv:2:name",
            message="several spaces in 'Alpha  first'; write 'Alpha first'",
            fixed={"things": "id,name\na,Alpha first\n"},
        )
    ],
    good=GOOD,
)
def double_space(context: Context) -> Iterator[Found]:
    """A cell holds several spaces in a row, a tab or a no-break space.

    It comes from copying and keeps equal texts from being found equal. Write one plain space.
    """
    blank = r"[ \t\x{a0}]"
    several = rf"\S({blank}{{2,}}|\t|\x{{a0}})\S"
    for table, field in context.cells():
        value = field.sql
        yield Check(
            table,
            field,
            "several spaces in '{value}'; write '{fix}'",
            where=f"regexp_matches({value}, '{several}')",
            guard=several,
            fix=f"regexp_replace({value}, '{blank}+', ' ', 'g')",
        )


@rule(
    "F016",
    "line-break-in-cell",
    bad=[
        Example(
            {"things": 'id,name\na,"Alpha\nfirst"\n'},
            at="data/things.csv:2:name",
            message="a line break in 'Alpha\\nfirst'; write it on one line",
            fixed={"things": "id,name\na,Alpha first\n"},
        )
    ],
    good=GOOD,
)
def line_break_in_cell(context: Context) -> Iterator[Found]:
    """A cell holds a line break.

    Line-based tools (grep, diff, wc) see two rows where there is one. Write the text on one line.
    """
    for table, field in context.cells():
        value = field.sql
        yield Check(
            table,
            field,
            "a line break in '{value}'; write it on one line",
            where=rf"regexp_matches({value}, '[\n\r]')",
            guard=r"[\n\r]",
            fix=rf"regexp_replace({value}, '[ \t]*[\n\r]+[ \t]*', ' ', 'g')",
        )


@rule(
    "F017",
    "control-character",
    bad=[
        Example(
            {"things": "id,name\na,Al\u200bpha\n"},
            at="data/things.csv:2:name",
            message="an invisible character in 'Al\\u200bpha'; delete it",
            fixed=FIXED,
        )
    ],
    good=GOOD,
)
def control_character(context: Context) -> Iterator[Found]:
    """A cell holds a control, zero-width or text-direction character.

    Nobody sees it, searches miss the word, and direction marks can make a text read otherwise than it is. Delete it.
    """
    signs = r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\x{200b}-\x{200f}\x{2028}-\x{202e}\x{2060}-\x{2069}\x{feff}\x{ad}]"
    for table, field in context.cells():
        value = field.sql
        yield Check(
            table,
            field,
            "an invisible character in '{value}'; delete it",
            where=f"regexp_matches({value}, '{signs}')",
            guard=signs,
            fix=f"regexp_replace({value}, '{signs}', '', 'g')",
        )


# Letters, punctuation, signs, ideographs and pictures that normal form C leaves as they are, alone and side by side
NORMAL = (
    r"\x00-\x{2ff}\x{391}-\x{3c9}\x{410}-\x{44f}\x{1e00}-\x{1e99}\x{1ea0}-\x{1eff}\x{2010}-\x{2027}\x{2116}"
    r"\x{2190}-\x{2328}\x{2460}-\x{27bf}\x{3001}-\x{3029}\x{3400}-\x{9fff}\x{ff01}-\x{ff5e}\x{1f300}-\x{1faff}"
)


@rule(
    "F018",
    "not-nfc",
    bad=[
        Example(
            {"things": "id,name\na,Cafe\u0301\n"},
            at="data/things.csv:2:name",
            message="'Cafe\u0301' is not in Unicode normal form C; write 'Café'",
            fixed={"things": "id,name\na,Café\n"},
        )
    ],
    good=[Example({"things": "id,name\na,Café\n"})],
)
def not_nfc(context: Context) -> Iterator[Found]:
    """A cell is not in Unicode normal form C.

    The same letter written in two ways compares as different. Write the composed form.
    """
    for table, field in context.cells():
        value = field.sql
        yield Check(
            table,
            field,
            "'{value}' is not in Unicode normal form C; write '{fix}'",
            where=f"nfc_normalize({value}) <> {value}",
            guard=rf"[^{NORMAL}]",
            fix=f"nfc_normalize({value})",
        )


@rule(
    "F019",
    "read-as-missing",
    bad=[
        Example(
            {"things": "id,name\na,N/A\n"},
            at="data/things.csv:2:name",
            message="readers take N/A for a missing value; leave the cell empty, or write the text in full",
        )
    ],
    good=[Example({"things": "id,name\na,\n"})],
)
def read_as_missing(context: Context) -> Iterator[Found]:
    """A cell holds a text that some readers take for a missing value and some for a text.

    pandas reads NA, None, null and their like as missing, R reads NA, DuckDB none of them. Missing is the empty cell.
    It is not mended by itself, since NA may be the code of Namibia.
    """
    texts = ["NA", "N/A", "n/a", "#N/A", "NaN", "nan", "-nan", "-NaN", "null", "NULL", "None", "<NA>", "1.#IND", "NIL"]
    listed = ", ".join(map(literal, texts))
    pattern = r"(^|\x00)(" + "|".join(map(re.escape, texts)) + r")(\x00|$)"
    for table, field in context.cells():
        if field.type == "number":
            continue  # NaN is a number there
        message = "readers take {value} for a missing value; leave the cell empty, or write the text in full"
        yield Check(table, field, message, where=f"{field.sql} IN ({listed})", guard=pattern)


@rule(
    "F020",
    "formula",
    bad=[
        Example(
            {"things": "id,name\na,=1+1\n"},
            at="data/things.csv:2:name",
            message="a spreadsheet runs '=1+1' as a formula; start the text with another character",
        )
    ],
    good=[Example({"things": "id,name\na,1+1=2\n"})],
)
def formula(context: Context) -> Iterator[Found]:
    """A cell starts as a spreadsheet formula does.

    A spreadsheet that opens the file runs it, which is how CSV files carry attacks. Start the text otherwise.
    """
    for table, field in context.cells():
        if field.type == "string":
            message = "a spreadsheet runs '{value}' as a formula; start the text with another character"
            where = f"regexp_matches({field.sql}, '^[=+@]|^-[^0-9. ]')"
            yield Check(table, field, message, where=where, guard=r"(^|\x00)[=+@-]")


@rule(
    "F023",
    "look-alike-letter",
    bad=[
        Example(
            {"things": "id,name\na,\u0410lpha\n"},
            at="data/things.csv:2:name",
            message="a letter of another script in '\u0410lpha'; write 'Alpha'",
            fixed=FIXED,
        )
    ],
    good=[Example({"things": "id,name\na,5 \u03bcm and \u03b2-VAE\n"})],
)
def look_alike_letter(context: Context) -> Iterator[Found]:
    """A Latin word holds a Cyrillic or Greek letter that looks like a Latin one.

    The word looks right, and no search finds it. Write the Latin letter.
    """
    other, latin = LOOK_ALIKES
    mixed = f"[A-Za-z][{other}]|[{other}][A-Za-z]"
    for table, field in context.cells():
        yield Check(
            table,
            field,
            "a letter of another script in '{value}'; write '{fix}'",
            where=f"regexp_matches({field.sql}, '{mixed}')",
            guard=mixed,
            fix=f"translate({field.sql}, '{other}', '{latin}')",
        )


@rule(
    "F024",
    "mojibake",
    bad=[
        Example(
            {"things": "id,name\na,Caf\u00c3\u00a9\n"},
            at="data/things.csv:2:name",
            message="'Caf\u00c3\u00a9' was decoded with the wrong encoding; write 'Café'",
            fixed={"things": "id,name\na,Café\n"},
        ),
        Example(
            {"things": "id,name\na,Caf\ufffd\n"},
            at="data/things.csv:2:name",
            message="'Caf\ufffd' was decoded with the wrong encoding; write what the source has",
        ),
    ],
    good=[Example({"things": "id,name\na,São Paulo Â\n"})],
)
def mojibake(context: Context) -> Iterator[Found]:
    """A cell holds text that was decoded with the wrong encoding.

    UTF-8 read as Windows-1252 turns é into Ã©; a replacement character stands where a letter was lost. Where the
    bytes can be told, the fix decodes them again; else write what the source has.

    It needs Python for its fix, which decodes.
    """
    second = r"\x{80}-\x{bf}\x{152}\x{153}\x{160}\x{161}\x{178}\x{17d}\x{17e}\x{192}\x{2c6}\x{2dc}"
    second += r"\x{2013}-\x{203a}\x{20ac}\x{2122}"  # what Windows-1252 shows for the second byte of a letter
    broken = rf"[\x{{c2}}-\x{{df}}][{second}]|[\x{{e0}}-\x{{ef}}][{second}]{{2}}|[\x{{f0}}-\x{{f4}}][{second}]{{3}}"
    lost = r"\x{fffd}|锟斤拷"
    for table, field in context.cells():
        where = f"regexp_matches({field.sql}, '{broken}')"
        message = "'{value}' was decoded with the wrong encoding; write '{fix}'"
        yield Check(table, field, message, where=where, guard=broken, fix=_decoded_again, only_fixable=True)
        where = f"regexp_matches({field.sql}, '{lost}')"
        message = "'{value}' was decoded with the wrong encoding; write what the source has"
        yield Check(table, field, message, where=where, guard=lost)


def _decoded_again(cell: str) -> str:
    """The text with each run of letters that UTF-8 was taken for decoded again, where it can be."""
    high = bytes(range(0x80, 0x100)).decode("cp1252", "ignore")
    return re.sub(f"[{re.escape(high)}\\x80-\\x9f]{{2,}}", _decoded_run, cell)


def _decoded_run(match: re.Match[str]) -> str:
    run = match.group()
    try:
        return b"".join(_byte(letter) for letter in run).decode("utf-8")
    except UnicodeError:
        return run


def _byte(letter: str) -> bytes:
    """The byte that Windows-1252 shows as this letter; it leaves five undefined, which stay what they are."""
    return bytes([ord(letter)]) if "\x80" <= letter <= "\x9f" else letter.encode("cp1252")


@rule(
    "F025",
    "full-width-in-english",
    bad=[
        Example(
            {"things": "id,name\na,Alpha：first，（new）\n"},
            at="data/things.csv:2:name",
            message="full-width punctuation in 'Alpha：first，（new）'; write 'Alpha:first,(new)'",
            fixed={"things": 'id,name\na,"Alpha:first,(new)"\n'},
        )
    ],
    good=[Example({"things": "id,name\na,遥感：Alpha，（新）\n"})],
)
def full_width_in_english(context: Context) -> Iterator[Found]:
    """A text without Chinese, Japanese or Korean letters holds full-width punctuation or letters.

    It comes from an input method, and no search for the plain sign finds it. Write the plain sign.
    """
    wide = "".join(chr(code) for code in range(0xFF01, 0xFF5F)) + "\u3001\u3002"
    plain = "".join(chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)) + ",."
    signs = r"[\x{ff01}-\x{ff5e}\x{3001}\x{3002}]"
    letters = r"\x{3040}-\x{30ff}\x{3400}-\x{9fff}\x{ac00}-\x{d7af}"
    for table, field in context.cells():
        value = field.sql
        yield Check(
            table,
            field,
            "full-width punctuation in '{value}'; write '{fix}'",
            where=f"regexp_matches({value}, '{signs}') AND NOT regexp_matches({value}, '[{letters}]')",
            guard=rf"(^|\x00)[^\x00{letters}]*{signs}[^\x00{letters}]*(\x00|$)",
            fix=f"translate({value}, {literal(wide)}, {literal(plain)})",
        )


@rule(
    "F021",
    "header-differs",
    bad=[
        Example(
            {"things": "id\na\n"},
            schemas={"things": {"fields": [{"name": "id"}, {"name": "name"}]}},
            at="data/things.csv:1:name",
            message="the schema's column name is missing; add it",
        ),
        Example(
            {"things": "name,id\nAlpha,a\n"},
            schemas={"things": {"fields": [{"name": "id"}, {"name": "name"}]}},
            at="data/things.csv:1:",
            message="the columns stand in another order than in the schema; write id,name",
            fixed=FIXED,
        ),
    ],
    good=[Example({"things": CSV}, schemas={"things": {"fields": [{"name": "id"}, {"name": "name"}]}})],
)
def header_differs(context: Context) -> Iterator[Found]:
    """The header is not what the Table Schema says.

    A column that is missing, unknown or in another place is read under the wrong name by readers that map columns by
    their place, as R's do. Write the columns as the schema has them, in its order.
    """
    for form in context.forms():
        table = form.table
        if not table.fields or not form.header or list(form.of("missing-header-name")):
            continue
        yield from _header_differences(table, form.header, rewritable=form.rewritable)


def _header_differences(table: Table, header: tuple[str, ...], *, rewritable: bool) -> Iterator[Fault]:
    expected = [field.name for field in table.fields]
    match = table.schema.get("fieldsMatch", "exact")
    match = match[0] if isinstance(match, list) and match else match
    more_allowed, fewer_allowed = match in ("subset", "partial"), match in ("superset", "partial")
    for name in header:
        if name.strip() and name not in expected and not more_allowed:
            message = f"the schema has no column {shorten(name)}; delete it or add it to the schema"
            yield Fault("header-differs", table.path, 1, {"message": message, "field": name})
    for name in expected:
        if name not in header and not fewer_allowed:
            message = f"the schema's column {name} is missing; add it"
            yield Fault("header-differs", table.path, 1, {"message": message, "field": name})
    if match == "exact" and list(header) != expected and sorted(header) == sorted(expected):
        message = f"the columns stand in another order than in the schema; write {shorten(','.join(expected))}"
        yield Fault(
            "header-differs", table.path, 1, {"message": message, "rewrite": table.name if rewritable else None}
        )


@rule(
    "F022",
    "not-sorted",
    bad=[
        Example(
            {"things": "id,name\nb,Beta\na,Alpha\n"},
            schemas={"things": {"primaryKey": "id"}},
            at="data/things.csv:3:id",
            message="a stands behind a larger key; sort the rows by id",
            fixed={"things": "id,name\na,Alpha\nb,Beta\n"},
        )
    ],
    good=[Example({"things": "id,name\na,Alpha\nb,Beta\n"}, schemas={"things": {"primaryKey": "id"}})],
)
def not_sorted(context: Context) -> Iterator[Found]:
    """The rows are not sorted by their primary key.

    In a sorted file a row has one place, so two people who each add one seldom collide, and a diff shows what changed.
    Integers sort by value, texts by code point.
    """
    for form in context.forms():
        table = form.table
        if not table.primary_key or not set(table.primary_key) <= set(form.columns):
            continue
        fields = [table.by_name[name] for name in table.primary_key]
        parts = []
        for field in fields:
            if field.type == "integer":
                whole = f"regexp_full_match({field.sql}, '[+-]?[0-9]{{1,{DIGITS}}}')"
                parts.append(f"CASE WHEN {whole} THEN CAST({field.sql} AS HUGEINT) ELSE 0 END")
            parts.append(f"coalesce({field.sql}, '')")
        key = f"row({', '.join(parts)})"
        yield Check(
            table,
            fields[0],
            "{value} stands behind a larger key; sort the rows by " + plain(", ".join(table.primary_key)),
            query=f"SELECT line, value FROM (SELECT {LINE} AS line, {fields[0].sql} AS value, {key} AS key,"
            f" lag({key}) OVER (ORDER BY {LINE}) AS before FROM {table.sql}) AS sorted WHERE key < before",
            rewrite=form.rewritable,
        )

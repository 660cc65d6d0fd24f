"""How much of the field the tables hold: the figures of `rsfm stats`, and docs/coverage.md with its pictures."""

from __future__ import annotations

import io
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rsfm.access import records, tables
from rsfm.opening import open_package

Row = dict[str, Any]
BY_YEAR = "papers-by-year.svg"
BY_MODALITY = "models-by-modality.svg"


class Coverage:
    """The figures of the package at ``root``. Raises PackageError, and KeyError where it lacks one of rsfm's tables."""

    def __init__(self, root: Path) -> None:
        self.package = open_package(root)
        self.rows = {name: records(name, root) for name in tables(root)}
        self.labels = {(row["vocabulary"], row["term"]): row["label_en"] for row in self.rows["vocabulary"]}

    def statistics(self) -> dict[str, dict[str, int]]:
        """Groups of figures, each by name."""
        papers, models, datasets = (self.rows[name] for name in ("papers", "models", "datasets"))
        servers = {row["venue_id"] for row in self.rows["venues"] if row["type"] == "preprint"}
        used = {use["model_id"] for use in self.rows["model_datasets"]}
        return {
            "rows": {name: len(rows) for name, rows in self.rows.items()},
            "papers by verification": self._by("papers", "verification"),
            "papers by category": self._by("papers", "category"),
            "papers by year of the first version": dict(sorted(Counter(map(_year, papers)).items())),
            "papers by code status": self._by("papers", "code_status"),
            "papers": {
                "with an arXiv identifier": _count(paper["arxiv_id"] for paper in papers),
                "with a DOI": _count(paper["doi"] for paper in papers),
                "published beyond a preprint": _count(paper["venue_id"] not in servers for paper in papers),
                "with summaries in both languages": _count(p["summary_en"] and p["summary_zh"] for p in papers),
            },
            "models": {
                "with their datasets": _count(model["model_id"] in used for model in models),
                "with a parameter count": _count(m["parameters_total"] or m["parameters_encoder"] for m in models),
                "with open weights": _count(model["weights_access"] == "open" for model in models),
            },
            "datasets": {
                "with a size": _count(row["sample_count"] is not None for row in datasets),
                "with a licence": _count(row["license"] for row in datasets),
                "open to all": _count(row["access"] == "open" for row in datasets),
            },
            "entries of other lists": self._by("listings", "decision"),
        }

    def _by(self, table: str, column: str) -> dict[str, int]:
        """How many rows have each value that the column allows."""
        found = Counter(row[column] for row in self.rows[table])
        return {value: found[value] for value in self._values(table, column)}

    def _values(self, table: str, column: str) -> list[str]:
        values: list[str] = self.package.by_name[table].by_name[column].constraints["enum"]
        return values

    def by_section_and_year(self) -> tuple[list[str], dict[str, list[int]]]:
        """The years, and for each section of the list how many papers were first public in each of them."""
        papers = self.rows["papers"]
        found = Counter((paper["category"], _year(paper)) for paper in papers)
        years = sorted({year for _, year in found})
        sections = [term for term in self._values("papers", "category") if any((term, year) in found for year in years)]
        return years, {self.labels["category", term]: [found[term, year] for year in years] for term in sections}

    def by_modality(self) -> dict[str, int]:
        """How many models take each kind of input, the commonest first."""
        found = Counter(
            part for model in self.rows["models"] for part in (model["modalities"] or "").split("|") if part
        )
        order = sorted(found, key=lambda term: (-found[term], term))
        return {self.labels["modality", term]: found[term] for term in order}

    def lists(self) -> list[list[str]]:
        """For each list read: its name, its entries, and how many of them ended in each decision."""
        names = {row["source_id"]: row["name"] for row in self.rows["sources"]}
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for row in self.rows["listings"]:
            found[row["source_id"]][row["decision"]] += 1
        order = sorted(found, key=lambda source: (-found[source].total(), source))
        decisions = self._values("listings", "decision")
        return [
            [names[source], str(found[source].total()), *(str(found[source][name]) for name in decisions)]
            for source in order
        ]

    def reasons(self) -> list[list[str]]:
        """Why entries are not here: decision, reason, number of entries; the commonest first."""
        left_out = (row for row in self.rows["listings"] if row["decision"] not in {"published", "duplicate"})
        found = Counter((row["decision"], row["reason"]) for row in left_out)
        order = sorted(found, key=lambda pair: (-found[pair], pair))
        return [[decision, reason, str(found[decision, reason])] for decision, reason in order]


def _year(paper: Row) -> str:
    return str(paper["first_public"])[:4]


def _count(facts: Iterator[Any]) -> int:
    return sum(bool(fact) for fact in facts)


def as_text(groups: Mapping[str, Mapping[str, int]]) -> str:
    """The figures for reading, one a line."""
    lines: list[str] = []
    for group, figures in groups.items():
        lines += [group, *(f"{number:>9,}  {name}" for name, number in figures.items())]
    return "\n".join(lines) + "\n"


def coverage_files(root: Path, banner: str) -> dict[str, str]:
    """docs/coverage.md and its pictures: path and text."""
    coverage = Coverage(root)
    years, sections = coverage.by_section_and_year()
    return {
        "docs/coverage.md": banner + "\n".join(_page(coverage)) + "\n",
        f"docs/{BY_YEAR}": _stacked_bars(years, sections),
        f"docs/{BY_MODALITY}": _bars(coverage.by_modality()),
    }


def _page(coverage: Coverage) -> Iterator[str]:
    figures = coverage.statistics()
    rows, outcomes = figures["rows"], figures["entries of other lists"]
    yield from ("# Coverage", "")
    yield (
        f"{rows['papers']:,} papers, {rows['models']:,} models, {rows['datasets']:,} datasets, {rows['links']:,} links;"
        f" {rows['evidence']:,} facts with the words in which a source states them. `rsfm stats` prints the figures."
    )
    years, sections = coverage.by_section_and_year()
    yield from ("", "## Papers by section and year of the first version", "")
    yield from (f"![Papers by year and section]({BY_YEAR})", "")
    lines = [[name, *map(str, numbers), str(sum(numbers))] for name, numbers in sections.items()]
    sums = [sum(numbers) for numbers in zip(*sections.values(), strict=True)]
    yield from _table(["section", *years, "all"], [*lines, ["all", *map(str, sums), str(sum(sums))]])
    yield from ("", "## Models by modality", "", f"![Models by kind of input]({BY_MODALITY})", "")
    yield "A model that takes several kinds of input counts for each."
    yield from ("", "## Other lists, entry by entry", "")
    yield (
        f"{sum(outcomes.values()):,} entries of other lists were looked at, papers and datasets;"
        f" {rows['corrections']:,} of their statements are corrected in `corrections`."
        " A list's own repetitions are duplicates."
    )
    yield ""
    yield from _table(["list", "entries", *outcomes], coverage.lists())
    yield from ("", "## What is not here, and why", "")
    yield from _table(["decision", "reason", "entries"], coverage.reasons())


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(header)} |"
    yield f"|{' --- |' * len(header)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _stacked_bars(years: Sequence[str], sections: Mapping[str, Sequence[int]]) -> str:
    figure, axes = _figure(height=4)
    colours = _colours(len(sections))
    below = [0] * len(years)
    for (name, numbers), colour in zip(sections.items(), colours, strict=True):
        axes.bar(years, numbers, bottom=below, label=name, color=colour, width=0.8)
        below = [low + number for low, number in zip(below, numbers, strict=True)]
    for year, number in zip(years, below, strict=True):
        axes.text(year, number, f" {number}", ha="center", va="bottom", fontsize=9)
    axes.set_ylabel("papers")
    handles, names = axes.get_legend_handles_labels()
    axes.legend(handles[::-1], names[::-1], frameon=False, loc="upper left")
    return _svg(figure)


def _bars(numbers: Mapping[str, int]) -> str:
    figure, axes = _figure(height=4)
    axes.barh(list(numbers), list(numbers.values()), color=_colours(1))
    axes.invert_yaxis()
    for name, number in numbers.items():
        axes.text(number, name, f" {number}", ha="left", va="center", fontsize=9)
    axes.set_xlabel("models")
    return _svg(figure)


def _figure(height: float) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, height), layout="constrained")
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _colours(number: int) -> list[Any]:
    from matplotlib import colormaps

    return [colormaps["tab10"](place % 10) for place in range(number)]


def _svg(figure: Any) -> str:
    """The picture as text that is the same each time: no date, no random ids."""
    from matplotlib import rc_context

    out = io.StringIO()
    with rc_context({"svg.hashsalt": "rsfm", "svg.fonttype": "none"}):
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"

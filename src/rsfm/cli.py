"""The command `rsfm`: arguments in, exit code out."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

import click

from rsfm.package import PackageError

BROKEN = 2
P = ParamSpec("P")
T = TypeVar("T")


def reports_breakage(command: Callable[P, T]) -> Callable[P, T]:
    """Turn what makes a command impossible into one clear line and exit code 2."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return command(*args, **kwargs)
        except (PackageError, ValueError) as error:
            message = str(error).split("\n", 1)[0]
        except OSError as error:
            message = f"{error.filename or 'input or output'}: {error.strerror or error}"
        click.echo(f"rsfm: {message}", err=True)
        sys.exit(BROKEN)

    return wrapped


def codes(_context: click.Context, _parameter: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """Codes given in one option with commas, or in several."""
    return tuple(word.upper() for word in words(_context, _parameter, value))


def words(_context: click.Context, _parameter: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """Words given in one option with commas, or in several."""
    return tuple(word.strip() for part in value for word in part.split(",") if word.strip())


def write_any_letter() -> None:
    """Escape what the terminal's encoding cannot show, rather than fail."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def show_version(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    """Print the version of the dataset that is installed, and end."""
    if value:
        from rsfm import __version__

        click.echo(f"rsfm, version {__version__}")
        context.exit()


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=show_version,
    help="Show the version and exit.",
)
def main() -> None:
    """Lint, release and read the open dataset of remote sensing foundation models, or any CSV data package."""
    write_any_letter()


@main.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--fix", "mend", is_flag=True, help="Mend what can be mended.")
@click.option("--select", multiple=True, callback=codes, help="Only rules whose codes start so: S,F012.")
@click.option("--ignore", multiple=True, callback=codes, help="All rules but those whose codes start so.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "github", "sarif"]), default="text", show_default=True
)
@reports_breakage
def lint(paths: tuple[Path, ...], mend: bool, select: tuple[str, ...], ignore: tuple[str, ...], form: str) -> None:
    """Check the data package at PATH (a folder or datapackage.json; default: here).

    Files inside a package name that package, so that pre-commit can pass them. Exits with 0 when clean, 1 when there
    are problems, 2 when the package cannot be read.
    """
    from rsfm import linter, report
    from rsfm.opening import package_of

    rules = linter.chosen_rules(select, ignore)
    package = package_of(paths)
    mended = 0
    if mend:
        mended, problems = linter.fix(package, rules)
    else:
        problems = linter.lint(package, rules)
    click.echo(report.FORMATS[form](problems, rules), nl=False)
    if mended and form == "text":
        click.echo(f"{mended} mended")
    sys.exit(1 if problems else 0)


@main.command()
@click.argument("code")
@reports_breakage
def explain(code: str) -> None:
    """Say what rule CODE (or name) finds, why it matters, and how to mend it, with examples."""
    from rsfm.render import rule_as_markdown
    from rsfm.rules import all_rules

    for rule in all_rules():
        if code.upper() == rule.code or code == rule.name:
            click.echo(rule_as_markdown(rule), nl=False)
            return
    raise ValueError(f"{code} is no rule; `rsfm rules` lists them")


@main.command()
def rules() -> None:
    """List the rules."""
    from rsfm.rules import all_rules

    for rule in all_rules():
        fixable = " [fixable]" if rule.fixable else ""
        click.echo(f"{rule.code} {rule.name}: {rule.docs.splitlines()[0]}{fixable}")


@main.command()
@click.argument("path", default=".", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="The release's folder; default: dist/NAME-VERSION.")
@click.option("--since", help="The release before, for CHANGES.md; default: the last tag of an earlier version.")
@click.option("--formats", multiple=True, callback=words, help="Only these beside csv: parquet,jsonl,sqlite,xlsx.")
@reports_breakage
def release(path: Path, out: Path | None, since: str | None, formats: tuple[str, ...]) -> None:
    """Lint the package at PATH and write its release in every format, described, with sizes and hashes.

    The folder is replaced whole, or left as it was.
    """
    from rsfm import report
    from rsfm.release import WRITERS, RefusedError, build
    from rsfm.rules import all_rules

    unknown = set(formats) - set(WRITERS)
    if unknown:
        raise ValueError(f"no format {min(unknown)!r}; there are {', '.join(WRITERS)}")
    try:
        target = build(path, out, since=since, formats=formats or tuple(WRITERS), progress=_progress)
    except RefusedError as refused:
        click.echo(report.text(refused.problems, all_rules()), nl=False)
        click.echo("rsfm: not released; mend the problems above first", err=True)
        sys.exit(1)
    click.echo(f"released to {target}")


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--package", "root", default=".", type=click.Path(path_type=Path), help="The package; default: here.")
@reports_breakage
def add(files: tuple[Path, ...], root: Path) -> None:
    """Add submissions (schema/submission.json says what they hold) to the tables.

    Each FILE is added whole, or not at all where the linter would find a fault in what it adds. Exits with 1 where one
    was refused.
    """
    from datetime import UTC, datetime

    from rsfm import report, submit
    from rsfm.changes import RefusedError
    from rsfm.rules import all_rules

    today = datetime.now(UTC).date().isoformat()
    refused = 0
    for path, result in submit.add(root, files, today):
        if isinstance(result, str):
            click.echo(f"{path}: added as {result}")
            continue
        refused += 1
        if isinstance(result, RefusedError):
            click.echo(report.text(result.problems, all_rules()), nl=False, err=True)
            click.echo(f"{path}: not added; lines are those of the tables with it", err=True)
        else:
            click.echo(f"{result}\n{path}: not added", err=True)
    sys.exit(1 if refused else 0)


@main.command()
@click.argument("path", default=".", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@reports_breakage
def stats(path: Path, form: str) -> None:
    """Print how much the package at PATH holds: rows, papers by section and year, what has a size or a licence."""
    import json

    from rsfm.coverage import Coverage, as_text

    try:
        figures = Coverage(path).statistics()
    except KeyError as error:
        raise ValueError(f"{path}: not the package of rsfm, it has no {error}") from None
    click.echo(json.dumps(figures, indent=2) if form == "json" else as_text(figures), nl=form == "json")


@main.command()
@click.argument("old")
@click.argument("new", default=".")
@click.option(
    "--format", "form", type=click.Choice(["text", "markdown", "json", "jsonl"]), default="text", show_default=True
)
@reports_breakage
def diff(old: str, new: str, form: str) -> None:
    """Compare two versions of a package, each a folder, a zip file or a git revision: rows, schemas, version.

    jsonl is a delta, row by row: apply its deletes, inserts and updates to OLD to have NEW. Exits with 0 when nothing
    differs, with 1 when something does.
    """
    from rsfm.diff import Bump, compare
    from rsfm.diff_report import FORMATS
    from rsfm.versions import version

    with version(old) as before, version(new) as after:
        found = compare(before, after)
    click.echo(FORMATS[form](found), nl=False)
    sys.exit(0 if found.bump is Bump.NONE else 1)


def _progress(step: str) -> None:
    """Say what is being done, to somebody who is watching."""
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{step}", nl=not step, err=True)

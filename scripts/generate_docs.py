"""Write every generated file of the repository, or with --check say which are stale (exit code 1)."""

from __future__ import annotations

import sys
from pathlib import Path

from rsfm.atomic import replace_files
from rsfm.render import pages

ROOT = Path(__file__).resolve().parents[1]


def main(arguments: list[str]) -> int:
    """Return the exit code."""
    if arguments not in ([], ["--check"]):
        print("usage: generate_docs.py [--check]", file=sys.stderr)
        return 2
    stale = {}
    for name, text in pages(ROOT).items():
        path = ROOT / name
        if not path.is_file() or path.read_bytes() != text.encode("utf-8"):
            stale[path] = text
    names = ", ".join(path.relative_to(ROOT).as_posix() for path in stale)
    if not arguments:
        for path in stale:
            path.parent.mkdir(exist_ok=True)
        replace_files(stale)
        print(f"written: {names}" if stale else "all generated files are fresh")
        return 0
    print(f"stale: {names}; run `make docs`" if stale else "all generated files are fresh")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

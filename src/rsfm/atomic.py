"""Writing files and folders whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows has none
    fcntl = None  # type: ignore[assignment]


def replace_files(texts: Mapping[Path, str]) -> None:
    """Write each text (UTF-8, as it is), all of them or none.

    Every file is written beside its target before the first one is replaced, and what was replaced is put back when a
    later one cannot be.
    """
    with tempfile.TemporaryDirectory() as saved, ExitStack() as undo:
        written: list[tuple[Path, Path]] = []
        for path, text in texts.items():
            target = path.resolve()
            handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
            fresh = Path(name)
            written.append((fresh, target))
            undo.callback(fresh.unlink, missing_ok=True)
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                file.write(text)
            fresh.chmod(target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask())
        for number, (fresh, target) in enumerate(written):
            old = Path(saved) / str(number)
            if target.exists():
                shutil.copy2(target, old)
            fresh.replace(target)
            undo.callback(_put_back, old, target)
        undo.pop_all()


def _put_back(old: Path, target: Path) -> None:
    if old.exists():
        shutil.copy2(old, target)
    else:
        target.unlink()


@contextmanager
def replace_folder(target: Path) -> Iterator[Path]:
    """Give a new empty folder beside ``target`` and put it in its place at the end; on an error ``target`` stays.

    Where several do so at once, each puts its folder in place whole, one after the other.
    """
    target = target.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    fresh, old = work / "new", work / "old"
    try:
        fresh.mkdir()
        yield fresh
        with _only_one(target.parent):
            if target.exists():
                target.rename(old)
            try:
                fresh.rename(target)
            except OSError:
                if old.exists():
                    old.rename(target)
                raise
    finally:
        shutil.rmtree(work, ignore_errors=True)


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """Wait until no other process is in here for the folder; the system lets go when a process dies."""
    if fcntl is None:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask

"""A release under real faults: a full disk, no rights, a killed process, two at once. The old one stays whole."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rsfm.release import build

ROOT = Path(__file__).resolve().parents[1]
ADVICE = "what was there is as it was; make room or give rights there, or name another folder with --out"


def command(out: Path) -> list[str]:
    return [sys.executable, "-m", "rsfm", "release", str(ROOT), "--out", str(out)]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def old(release: Path, tmp_path: Path) -> Path:
    """A folder that holds a release already, with a mark by which one knows it."""
    folder = tmp_path / "out"
    folder.mkdir()
    for name in ("SHA256SUMS", "README.md"):
        (folder / name).write_bytes((release / name).read_bytes())
    (folder / "mark").write_text("the old one", encoding="utf-8")
    return folder


@pytest.mark.parametrize("share", [0.001, 0.02, 0.1, 0.3, 0.6, 0.9])
def test_files_that_cannot_grow(release: Path, old: Path, share: float) -> None:
    """The system refuses to write more than so many bytes into a file, as where the disk is full."""
    sizes = [len(data) for data in contents(release).values()]
    limit = int(max(sizes) * share)
    before = contents(old)
    done = subprocess.run(
        command(old),
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert done.returncode == 2, done.stderr
    assert ADVICE in done.stderr
    assert "Traceback" not in done.stderr
    assert contents(old) == before
    assert [path.name for path in old.parent.iterdir()] == ["out"]


def test_a_disk_that_is_full(old: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no right to mount a small disk; test_files_that_cannot_grow does without")
    try:
        shutil.copytree(old, disk / "out")
        before = contents(disk / "out")
        done = subprocess.run(command(disk / "out"), capture_output=True, text=True, check=False)
        assert (done.returncode, "Traceback" in done.stderr) == (2, False), done.stderr
        assert ADVICE in done.stderr
        assert contents(disk / "out") == before
        assert [path.name for path in disk.iterdir()] == ["out"]
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_folder_that_may_not_be_written(old: Path) -> None:
    before = contents(old)
    root = os.geteuid() == 0
    for folder in (old, old.parent):
        folder.chmod(0o555)
    if root:  # who may do all; the test goes on as somebody who may not
        for folder in list(old.parents)[1:]:
            if folder.stat().st_uid == 0 and folder.name.startswith(("pytest", "test")):
                folder.chmod(0o755)
        os.seteuid(65534)
    try:
        with pytest.raises(OSError, match=f"Permission denied; {ADVICE}"):
            build(ROOT, old)
    finally:
        if root:
            os.seteuid(0)
        for folder in (old.parent, old):
            folder.chmod(0o755)
    assert contents(old) == before
    assert [path.name for path in old.parent.iterdir()] == ["out"]


@pytest.mark.parametrize("after", ["csv/papers.csv", "parquet/papers.parquet", "rsfm.sqlite", "rsfm.xlsx"])
def test_a_killed_release(old: Path, after: str) -> None:
    before = contents(old)
    process = subprocess.Popen(command(old), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while process.poll() is None and not list(old.parent.glob(f".out.*/new/{after}")):
        assert time.monotonic() < deadline
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert process.returncode == -signal.SIGKILL
    assert contents(old) == before
    assert [path.name for path in old.parent.iterdir() if not path.name.startswith(".")] == ["out"]
    again = subprocess.run(command(old), capture_output=True, text=True, check=False)
    assert (again.returncode, (old / "mark").exists()) == (0, False), again.stderr


def test_two_releases_at_once(release: Path, old: Path) -> None:
    processes = [subprocess.Popen(command(old), stderr=subprocess.PIPE, text=True) for _ in range(2)]
    for process in processes:
        _, stderr = process.communicate(timeout=120)
        assert process.returncode == 0, stderr
    assert contents(old) == contents(release)
    assert [path.name for path in old.parent.iterdir()] == ["out"]

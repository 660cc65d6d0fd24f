"""What several test modules share: a release of the repository, built once."""

from __future__ import annotations

from pathlib import Path

import pytest

from rsfm.release import build


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a release built from the repository as it is."""
    return build(Path(__file__).resolve().parents[1], tmp_path_factory.mktemp("built") / "release")

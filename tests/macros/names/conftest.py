"""Lists and weights are read before a test looks at the clock."""

from __future__ import annotations

import pytest

from self_distill.macros.names import NamesDetector


@pytest.fixture(autouse=True, scope="session")
def loaded() -> None:
    NamesDetector().find("Ask Wojciech.")

"""Presidio's pattern recognizers, as it ships them for English, without a model and without the network."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

from self_distill.macros.presidio import PresidioDetector, keep_offline
from self_distill.types import Span

NAME = "presidio patterns"
Find = Callable[[str], list[Span]]


def presidio() -> Find | None:
    """What it finds, under our names of types, dates and links too; None where it is not installed."""
    if find_spec("presidio_analyzer") is None:
        return None
    keep_offline()
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import NoOpNlpEngine

    nlp = NoOpNlpEngine(models=[{"lang_code": "en", "model_name": "no_op"}])
    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"], nlp_engine=nlp)
    engine = AnalyzerEngine(registry=registry, nlp_engine=nlp)
    return PresidioDetector(engine, threshold=0.0, ignored=frozenset()).find

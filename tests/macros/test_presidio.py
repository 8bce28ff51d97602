from __future__ import annotations

import socket
from importlib.util import find_spec
from typing import Any

import pytest

from self_distill.errors import MacroFailed, MissingExtra, SettingsError
from self_distill.macros.detectors import PatternDetector
from self_distill.macros.presidio import MODELS, PresidioDetector
from self_distill.macros.scrub import Macros
from self_distill.settings import MacroTable
from self_distill.types import Span
from self_distill.wire import make_macros

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
installed = pytest.mark.skipif(find_spec("presidio_analyzer") is None, reason="needs the extra `presidio`")


def badge(score: float = 0.8, entity: str = "BADGE") -> Any:
    from presidio_analyzer import Pattern, PatternRecognizer

    return PatternRecognizer(entity, patterns=[Pattern("badge", r"\bB-\d{4}\b", score)])


@installed
def test_a_recognizer_is_one_more_detector_and_its_values_come_back() -> None:
    macros = Macros([PatternDetector(), PresidioDetector([badge()])])
    text = "Badge B-1234 of ann@example.com, again B-1234."
    scrubbed = macros.scrub(text)
    assert scrubbed.text == "Badge [BADGE_1] of [EMAIL_1], again [BADGE_1]."
    assert macros.restore(scrubbed.text, scrubbed.vault).text == text


@installed
def test_an_engine_finds_what_its_recognizers_find() -> None:
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import NoOpNlpEngine

    nlp = NoOpNlpEngine(models=[{"lang_code": "en", "model_name": "no_op"}])
    engine = AnalyzerEngine(registry=RecognizerRegistry(recognizers=[badge()]), nlp_engine=nlp)
    assert PresidioDetector(engine).find("see B-1234") == [Span(4, 10, "BADGE", 0.8, "presidio")]


@installed
@pytest.mark.parametrize(
    ("entity", "type_"), [("PHONE_NUMBER", "PHONE"), ("GPE", "LOCATION"), ("UK_NHS", "NATIONAL_ID")]
)
def test_entities_have_our_names(entity: str, type_: str) -> None:
    assert [span.type for span in PresidioDetector([badge(entity=entity)]).find("B-1234")] == [type_]


@installed
def test_dates_and_links_are_left_alone_and_so_is_what_is_below_the_threshold() -> None:
    assert PresidioDetector([badge(entity="DATE_TIME"), badge(entity="URL"), badge(0.4)]).find("B-1234") == []


@installed
def test_a_threshold_by_type_and_a_list_of_allowed_values_are_kept_to() -> None:
    assert PresidioDetector([badge(0.8)], thresholds={"BADGE": 0.9}).find("B-1234") == []
    assert len(PresidioDetector([badge(0.2)], thresholds={"BADGE": 0.1}).find("B-1234")) == 1
    assert PresidioDetector([badge(0.8)], allow=("b-1234",)).find("B-1234") == []


@installed
def test_the_surest_of_several_equal_findings_counts() -> None:
    found = PresidioDetector([badge(0.6), badge(0.9), badge(0.7)]).find("B-1234 \ud800")
    assert found == [Span(0, 6, "BADGE", 0.9, "presidio")]


@installed
def test_an_email_is_checked_without_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    from presidio_analyzer.predefined_recognizers import EmailRecognizer

    def refused(*_: object, **__: object) -> None:
        raise AssertionError("the network was reached for")

    monkeypatch.setattr(socket, "getaddrinfo", refused)
    found = PresidioDetector([EmailRecognizer()]).find("mail ann@example.co.uk")
    assert [(span.start, span.type) for span in found] == [(5, "EMAIL")]


@installed
def test_a_recognizer_that_fails_closes_the_way() -> None:
    class Broken:
        supported_entities = ("X",)

        def analyze(self, *_: object) -> None:
            raise RuntimeError("secret text")

    with pytest.raises(MacroFailed, match="presidio") as failed:
        Macros([PresidioDetector([Broken()])]).scrub("hello")
    assert "secret" not in str(failed.value)


def test_the_setting_says_what_is_missing() -> None:
    if find_spec("presidio_analyzer") is None:
        with pytest.raises(MissingExtra, match="presidio"):
            make_macros(MacroTable(presidio=True))
    elif not any(find_spec(model) for model in MODELS):
        with pytest.raises(SettingsError, match="en_core_web"):
            make_macros(MacroTable(presidio=True))
    else:
        assert make_macros(MacroTable(presidio=True)).detectors[-1].name == "presidio"

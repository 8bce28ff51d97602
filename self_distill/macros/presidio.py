"""Presidio as one more detector, for who has models for it. It only adds to what our own detectors find.

An engine of your own, or a list of recognizers, goes straight in:

    Macros([PatternDetector(), NamesDetector(), PresidioDetector(my_analyzer)])

`[macros] presidio = true` takes Presidio's usual engine with the spaCy model that is installed. Presidio's patterns
are backtracking ones: long or hostile text takes it far longer than ours, and `macros.seconds` refuses such a call.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol

from self_distill.errors import MissingExtra, SettingsError
from self_distill.types import Span

ENTITIES = {
    "EMAIL_ADDRESS": "EMAIL",
    "PHONE_NUMBER": "PHONE",
    "US_SSN": "SSN",
    "IP_ADDRESS": "IP",
    "MAC_ADDRESS": "MAC",
    "IBAN_CODE": "IBAN",
    "CRYPTO": "CRYPTO_ADDRESS",
    "ABA_ROUTING_NUMBER": "BANK_ROUTING",
    "GPE": "LOCATION",
    "FACILITY": "LOCATION",
    "STREET_ADDRESS": "ADDRESS",
    "ORGANIZATION": "ORGANISATION",
    "ORG": "ORGANISATION",
    "PER": "PERSON",
    "LOC": "LOCATION",
} | dict.fromkeys(
    """
    US_ITIN UK_NHS UK_NINO ES_NIF ES_NIE IT_FISCAL_CODE PL_PESEL SG_NRIC_FIN AU_TFN AU_MEDICARE IN_AADHAAR IN_PAN
    FI_PERSONAL_IDENTITY_CODE KR_RRN TH_TNIN SE_PERSONNUMMER NG_NIN ZA_ID_NUMBER
    """.split(),
    "NATIONAL_ID",
)
"""Presidio's names of what we have a name for; every other entity keeps its own."""
IGNORED = frozenset({"DATE_TIME", "URL", "NRP", "UUID"})
"""By themselves these say nothing about a person; masking all of them would hide what the text is about."""
THRESHOLD = 0.5
MODELS = ("en_core_web_trf", "en_core_web_lg", "en_core_web_md", "en_core_web_sm")


class Engine(Protocol):
    """An `AnalyzerEngine`, as far as it is used here."""

    def analyze(self, text: str, language: str) -> Sequence[Any]: ...


class PresidioDetector:
    """`source` is an `AnalyzerEngine` or a list of recognizers; without it the usual engine is made, which raises
    `MissingExtra` or `SettingsError` where that cannot be. `thresholds` are by type, `threshold` is for all others;
    `ignored` are entities by Presidio's names, `allow` values that are never masked."""

    name = "presidio"

    def __init__(
        self,
        source: Engine | Iterable[Any] | None = None,
        *,
        language: str = "en",
        threshold: float = THRESHOLD,
        thresholds: Mapping[str, float] = {},
        ignored: Collection[str] = IGNORED,
        allow: Collection[str] = (),
    ) -> None:
        keep_offline()
        source = usual_engine() if source is None else source
        self._language = language
        self._threshold = threshold
        self._thresholds = thresholds
        self._ignored = ignored
        self._allow = frozenset(value.casefold() for value in allow)
        self.settings: list[Any] = [language, threshold, dict(thresholds), sorted(ignored), sorted(self._allow)]
        """What decides its findings, beside the engine: see `macros.version`."""
        self._engine: Engine | None = None
        self._recognizers: tuple[Any, ...] = ()
        if isinstance(source, Iterable):
            self._recognizers = tuple(source)
        else:
            self._engine = source
        self.settings.append([type(one).__name__ for one in (*self._recognizers, self._engine)])

    def find(self, text: str) -> list[Span]:
        """Lone surrogates, which no model takes, are read as "?"."""
        text = text.encode("utf-8", "replace").decode("utf-8")
        best: dict[tuple[int, int, str], Span] = {}
        for found in self._analyzed(text):
            type_ = ENTITIES.get(found.entity_type, found.entity_type)
            if found.entity_type in self._ignored or found.score < self._thresholds.get(type_, self._threshold):
                continue
            if found.start >= found.end or text[found.start : found.end].casefold() in self._allow:
                continue
            span = Span(found.start, found.end, type_, min(1.0, max(0.01, round(float(found.score), 2))), self.name)
            key = (span.start, span.end, type_)
            best[key] = max(span, best.get(key, span), key=lambda s: s.score)
        return sorted(best.values())

    def _analyzed(self, text: str) -> list[Any]:
        if self._engine is not None:
            return list(self._engine.analyze(text=text, language=self._language))
        return [
            result
            for recognizer in self._recognizers
            for result in recognizer.analyze(text, recognizer.supported_entities, None) or ()
        ]


def keep_offline() -> None:
    """Presidio's e-mail recognizer fetches a list of domain endings on its first use; it gets the one that
    tldextract brings along. Raises `MissingExtra`."""
    try:
        from tldextract import tldextract
    except ImportError:
        raise MissingExtra("macros.presidio", "presidio") from None
    tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(cache_dir=None, suffix_list_urls=())


def usual_engine() -> Engine:
    """Presidio's own defaults with the best English spaCy model that is installed; nothing is downloaded."""
    try:
        import spacy.util
        from presidio_analyzer import AnalyzerEngine
        from presidio_analyzer.nlp_engine import NlpEngineProvider
    except ImportError:
        raise MissingExtra("macros.presidio", "presidio") from None
    model = next((name for name in MODELS if spacy.util.is_package(name)), None)
    if model is None:
        raise SettingsError(
            f"macros.presidio: no spaCy model is installed: install one of {', '.join(MODELS)}, "
            "or hand an analyzer of your own to PresidioDetector"
        )
    models = [{"lang_code": "en", "model_name": model}]
    provider = NlpEngineProvider(nlp_configuration={"nlp_engine_name": "spacy", "models": models})
    engine: Engine = AnalyzerEngine(nlp_engine=provider.create_engine())
    return engine

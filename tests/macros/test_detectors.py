from __future__ import annotations

import random
from collections.abc import Callable
from importlib.util import find_spec

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from self_distill.datasets.synthetic_pii import TYPES, generate
from self_distill.errors import SettingsError
from self_distill.macros.detectors import DetectorSettings, PatternDetector
from self_distill.macros.detectors.family import LONGEST
from self_distill.macros.resolve import resolve

OURS = PatternDetector()
BY_NAME = ("PERSON", "ADDRESS", "LOCATION", "ORGANISATION")
VALUES = [
    ("EMAIL", "ann.lee+news@mail.example.co.uk"),
    ("EMAIL", "jörg@müller.example"),
    ("PHONE", "(212) 555-0147"),
    ("PHONE", "212-555-0147"),
    ("PHONE", "212.555.0147x89"),
    ("PHONE", "+1 212 555 0147 ext. 12"),
    ("PHONE", "+44 20 7946 0958"),
    ("PHONE", "020 7946 0958"),
    ("PHONE", "+46 (0)8 928 571 38"),
    ("PHONE", "0049 30 901820"),
    ("SSN", "123-45-6789"),
    ("SSN", "123 45 6789"),
    ("NATIONAL_ID", "12345678Z"),
    ("NATIONAL_ID", "X1234567L"),
    ("NATIONAL_ID", "AB 12 34 56 C"),
    ("NATIONAL_ID", "RSSMRA85T10A562S"),
    ("NATIONAL_ID", "529.982.247-25"),
    ("NATIONAL_ID", "2 55 08 14 168 025 38"),
    ("IP", "192.168.0.254"),
    ("IP", "2001:db8:85a3::8a2e:370:7334"),
    ("IP", "2001:db8:85a3:1:2:8a2e:370:7334"),
    ("IP", "::ffff:192.0.2.128"),
    ("MAC", "aa:bb:cc:dd:ee:ff"),
    ("MAC", "4E-9B-07-A8-87-93"),
    ("MAC", "1fae.c45d.2508"),
    ("CREDIT_CARD", "4111 1111 1111 1111"),
    ("CREDIT_CARD", "3782-822463-10005"),
    ("CREDIT_CARD", "5555555555554444"),
    ("IBAN", "DE89 3704 0044 0532 0130 00"),
    ("IBAN", "GB82WEST12345698765432"),
    ("IBAN", "FR14-2004-1010-0505-0001-3M02-606"),
    ("URL_CREDENTIALS", "postgres://bob:s3cret@db.example/main"),
    ("API_KEY", "sk-ant-api03-abcdefghijklmnopqrstuv"),
    ("API_KEY", "ghp_" + "aB3" * 12),
    ("API_KEY", "AKIAIOSFODNN7EXAMPLE"),
    ("API_KEY", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"),
    ("CRYPTO_ADDRESS", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
    ("CRYPTO_ADDRESS", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
    ("CRYPTO_ADDRESS", "0x52908400098527886E0F7030069857D2E4169EE7"),
]
NOTHING = [
    "We met at 10:30:15 on 2024-05-17 and again on 17/05/2024 or 17.05.2024.",
    "Order 26811306 of 1,234,567.89 EUR, version 10.20.3 (build 917e86c), ISBN 978-3-2839-3535-1.",
    "Job 18735427-7075-217f-4d65-21256d78f6ac took 46049 ms; commit 0123456789abcdef0123456789abcdef01234567.",
    "The ratio is 1:2:3, the score 7:14, C++::vector and a::b are names.",
    "The password policy changed, and the key to success is patience.",
    "She was born in 1984; see section 5.6.0.1 of the manual.",
    "user@localhost, @mention, a @ b, 12:30@noon",
    "192.168.0.256 and 1.2.3.4.5 are no addresses; 4111 1111 1111 1112 has no check digit.",
    "DE88 3704 0044 0532 0130 0 and XX89 3704 0044 0532 0130 00 belong to no bank.",
    "100 200 300 400, 12 34 56, 7 8 9 10 11 12 13, 1000000000",
]
ATTACKS = (
    ".", "7", "12-34-", "a.a.", "a@", "[[((", "eyJhbGciOi.", "sk-", "ab:cd:", "http://a:b@", "+1 (2", "1\u200b", "🙂",
    "שלום 12 ", "e\u0301", "\ud83d ", "１２３－", "begin private key-----", "password=", "AB12 ", "born 1/1/2000 ",
)  # fmt: skip
MADE_OF = st.lists(
    st.sampled_from(
        ["a", "1", "12", "555", "0", "+1", "(", ")", "-", ".", ":", "::", "@", "/", "//", " ", "\n", "\0", "_", "\xe9",
         "\u200b", "１", "\ud83d", "b.de", "sk-", "DE89", "4111", "1111", "born ", "1980", "key=", "x9Y!zz1", "phone ",
         "1.2.3.4", "ab:cd", "https://", "ABCDEF", "jan ", ", ", "-----BEGIN PRIVATE KEY-----",
         "-----END PRIVATE KEY-----"]
    ),
    max_size=40,
).map("".join)  # fmt: skip


def found(text: str, detector: PatternDetector = OURS) -> list[tuple[str, str]]:
    """(type, value) of the regions, as they would be masked."""
    return [(region.best.type, text[region.start : region.end]) for region in resolve(detector.find(text))]


@pytest.mark.parametrize(("type_", "value"), VALUES)
@pytest.mark.parametrize("frame", ["{}", "it is {}.", "x={}\n", "(see {}, please)", '{{"a": "{}"}}'])
def test_a_value_is_found_whole_wherever_it_stands(type_: str, value: str, frame: str) -> None:
    assert found(frame.format(value)) == [(type_, value)]


@pytest.mark.parametrize(
    ("text", "type_", "value"),
    [
        ("Routing number: 021000021.", "BANK_ROUTING", "021000021"),
        ("my SSN is 123456789", "SSN", "123456789"),
        ("call me at 2125550147", "PHONE", "2125550147"),
        ("Phone: 555-0147", "PHONE", "555-0147"),
        ("date of birth: 17/05/1984", "DATE_OF_BIRTH", "17/05/1984"),
        ("born on May 17, 1984 in Rome", "DATE_OF_BIRTH", "May 17, 1984"),
        ("geboren am 17. Mai 1984", "DATE_OF_BIRTH", "17. Mai 1984"),
        ("1984-05-17;born;Lee", "DATE_OF_BIRTH", "1984-05-17"),
        ("his password is R3boot!Now, sadly", "API_KEY", "R3boot!Now"),
        ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCY", "API_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCY"),
        ("personnummer 8112189876", "NATIONAL_ID", "8112189876"),
    ],
)
def test_words_around_make_a_value_of_what_could_be_anything(text: str, type_: str, value: str) -> None:
    assert found(text) == [(type_, value)]
    assert value not in [v for _, v in found(f"Total of {value} is here")]


@pytest.mark.parametrize("text", NOTHING)
def test_clean_text_stays_clean(text: str) -> None:
    assert found(text) == []


def test_words_that_speak_against_a_value_win() -> None:
    assert found("fax 212-555-0147") and not found("invoice 212-555-0147")


def test_a_private_key_is_found_to_its_end_and_no_further() -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIE/+a=\nb0\n-----END RSA PRIVATE KEY-----"
    assert found(f"key:\n{key}\nand some words") == [("API_KEY", key)]
    cut = "-----BEGIN PRIVATE KEY-----\nMIIE/+a=\nb0"
    assert found(f"{cut}.. and so on") == [("API_KEY", cut)]


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("ａｎｎ＠ｅｘａｍｐｌｅ．ｃｏｍ", "EMAIL"),
        ("ann@example。com", "EMAIL"),
        ("аnn@ехаmple.com", "EMAIL"),  # with Cyrillic letters
        ("４１１１ １１１１ １１１１ １１１１", "CREDIT_CARD"),
        ("4111\u200b1111\u200d1111\ufeff1111", "CREDIT_CARD"),
        ("1\u200b2\u200b3-4\u200b5-6\u200b7\u200b8\u200b9", "SSN"),
        ("123\u201345\u20136789", "SSN"),
        ("123\u00a045\u00a06789", "SSN"),
        ("١٩٢.١٦٨.٠.٢٥٤", "IP"),
        ("+44\u202f20\u202f7946\u202f0958", "PHONE"),
        ("DE89\u00ad3704004405320130\u00ad00", "IBAN"),
    ],
)
def test_a_value_written_to_evade_is_found_whole(text: str, type_: str) -> None:
    assert found(f"it is {text}.") == [(type_, text)]


def test_offsets_count_characters_also_behind_odd_ones() -> None:
    text = "🙂\ud83d\u200bé ann@example.com"
    assert [text[s.start : s.end] for s in OURS.find(text)] == ["ann@example.com"]


@pytest.mark.skipif(find_spec("hyperscan") is None, reason="no wheel of hyperscan for this platform")
@settings(max_examples=300)
@given(MADE_OF)
def test_both_engines_find_the_same(text: str) -> None:
    assert OURS.explain(text) == BY_RE2.explain(text)


BY_RE2 = PatternDetector(engine_name="re2")


@settings(max_examples=200)
@given(st.lists(MADE_OF, max_size=6))
def test_texts_scanned_together_give_what_each_gives_alone(texts: list[str]) -> None:
    assert OURS.find_many(texts) == [OURS.find(text) for text in texts]


def test_made_up_documents_scanned_together_give_what_each_gives_alone() -> None:
    texts = [example.text for example in generate(150, 5)] + ["", "x" * 600]
    assert OURS.find_many(texts) == [OURS.find(text) for text in texts]


@settings(max_examples=200)
@given(st.text(st.characters(exclude_categories=[])) | MADE_OF)
def test_any_text_can_be_read(text: str) -> None:
    spans = OURS.find(text)
    assert spans == sorted(spans) and all(span.end <= len(text) and span.score >= 0.5 for span in spans)


@pytest.mark.parametrize("type_", sorted(set(TYPES) - set(BY_NAME)))
def test_made_up_values_of_each_type_are_found(type_: str) -> None:
    rows = generate(60, 3, types=(type_,), clean_share=0)
    values = [(row, span) for row in rows for span in row.spans if span.type == type_]
    covered = [
        any(region.start <= span.start and span.end <= region.end for region in resolve(OURS.find(row.text)))
        for row, span in values
    ]
    assert len(values) >= 50 and sum(covered) >= 0.97 * len(values)


def test_made_up_texts_without_values_are_hardly_ever_masked() -> None:
    texts = [row.text for row in generate(400, 3, types=(), clean_share=1)]
    hits = sum(len(found(text)) for text in texts)
    assert hits / sum(map(len, texts)) * 10_000 < 2


def test_a_run_too_long_to_be_read_is_masked_whole() -> None:
    storm = "a@" * LONGEST
    assert found(f"so {storm} it is") == [("EMAIL", storm)]
    assert found("so " + "." * 50_000 + " it is") == []


@pytest.mark.parametrize("unit", ATTACKS)
def test_an_attack_is_read_and_says_nothing_beyond_its_text(unit: str) -> None:
    text = unit * (20_000 // len(unit))
    assert all(span.end <= len(text) for span in OURS.find(text))


def test_a_table_of_numbers_is_no_storm() -> None:
    rng = random.Random(1)
    table = " ".join(str(rng.randrange(100)) for _ in range(4000))
    assert sum(end - start for start, end in ((s.start, s.end) for s in OURS.find(table))) < len(table) / 4


def with_settings(**given: object) -> PatternDetector:
    return PatternDetector(DetectorSettings(**given))  # type: ignore[arg-type]  # as a settings file would give them


def test_a_threshold_shifts_what_counts_as_found() -> None:
    text = "the number 2125550147 and 10.1.2.3"
    assert found(text) == []
    assert found(text, with_settings(thresholds={"PHONE": 0.2, "IP": 0.4})) == [
        ("PHONE", "2125550147"),
        ("IP", "10.1.2.3"),
    ]
    assert found("it is 123-45-6789", with_settings(thresholds={"SSN": 0.9, "PHONE": 0.9})) == []


def test_a_threshold_of_zero_still_needs_a_finding() -> None:
    assert with_settings(thresholds={"PHONE": 0}).find("order number 26811306") == []


def test_allowed_values_are_never_masked() -> None:
    detector = with_settings(allow=("Help@Example.com",), patterns={"HELP": ["help"]}, deny={"WORD": ["blue"]})
    assert found("help@example.com and ann@example.com", detector) == [("HELP", "help"), ("EMAIL", "ann@example.com")]


def test_listed_words_are_found_whole_in_any_case_and_script() -> None:
    detector = with_settings(deny={"PROJECT": ("Bluebird", "red fox"), "PLACE": ("Łódź", "東京")})
    text = "BLUEBIRD, bluebirds, a Red Fox, b\u200bluebird, łódź, Łódźka, śódź, 東京 here"
    assert found(text, detector) == [
        ("PROJECT", "BLUEBIRD"),
        ("PROJECT", "Red Fox"),
        ("PROJECT", "b\u200bluebird"),
        ("PLACE", "łódź"),
        ("PLACE", "東京"),
    ]


def test_thousands_of_listed_words_cost_one_scan() -> None:
    words = [f"word{n:05}x" for n in range(3000)]
    assert found("a word02999x here", with_settings(deny={"CODE": words})) == [("CODE", "word02999x")]


def test_a_pattern_of_ones_own_finds_in_characters() -> None:
    detector = with_settings(patterns={"EMPLOYEE": (r"\bE-\d{5}\b",), "CITY": ("Köln",)})
    assert found("é E-12345 in Köln, E-123456", detector) == [("EMPLOYEE", "E-12345"), ("CITY", "Köln")]
    assert detector.find_many(["E-12345", "no"]) == [detector.find("E-12345"), []]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"patterns": {"X": (r"(?=a)b",)}}, r"macros.patterns.X: '\(\?=a\)b' is no RE2 pattern: .*\(\?="),
        ({"patterns": {"X": (r"(a)\1",)}}, "macros.patterns.X.*RE2"),
        ({"patterns": {"X": ("[",)}}, "macros.patterns.X.*RE2"),
        ({"patterns": {"X": ("a*",)}}, "macros.patterns.X.*empty"),
        ({"patterns": {"X": ("\ud83d",)}}, "macros.patterns.X"),
        ({"deny": {"X": ("",)}}, "macros.deny.X.*empty"),
        ({"thresholds": {"X": 1.5}}, "macros.thresholds.X.*1.5"),
        ({"regions": ("US", "ZZ")}, "macros.regions.*ZZ"),
    ],
)
def test_settings_that_cannot_be_used_are_refused_with_the_reason(given: dict[str, object], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        with_settings(**given)


def test_regions_decide_which_national_numbers_are_telephones() -> None:
    number = "at 030 901820, nobody"
    assert found(number, with_settings(regions=("DE",))) == [("PHONE", "030 901820")]
    assert found(number, with_settings(regions=("US",))) == []


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("card 4111 1111 1111 1111", "Luhn"),
        ("DE89370400440532013000", "mod 97"),
        ("call 2125550147", "ten digits in the North American plan +call"),
        ("+44 20 7946 0958", "international, in its country's plan"),
    ],
)
def test_a_finding_says_which_rule_found_it(text: str, rule: str) -> None:
    spans = OURS.explain(text)
    assert rule in [said for _, said in spans] and [span for span, _ in spans] == OURS.find(text)


@pytest.mark.parametrize("edit", [str.upper, str.lower, lambda text: f"{text}\n{text}", lambda text: f"\0{text}\0"])
def test_case_repetition_and_nul_hide_nothing(edit: Callable[[str], str]) -> None:
    text = edit("ann@example.com +44 20 7946 0958 de89370400440532013000 192.168.0.254")
    wanted = 2 if "\n" in text else 1
    assert [type_ for type_, _ in found(text)] == ["EMAIL", "PHONE", "IBAN", "IP"] * wanted

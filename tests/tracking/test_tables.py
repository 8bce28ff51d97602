from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from self_distill.tracking.ledger import SqlLedger
from self_distill.tracking.tables import pack, plain, seal, unpack
from self_distill.types import AnswerRow, CallRow, LedgerRow, MeasureRow, RuleRow, Usage

TEXTS = st.text(st.characters(codec=None), max_size=12)
COUNTS = st.integers(0, 2**62)
FLOATS = st.floats(allow_nan=False)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**80), 2**80) | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
USAGE = st.builds(Usage, COUNTS, COUNTS, TEXTS)
ROWS = st.one_of(
    st.builds(CallRow, TEXTS, TEXTS, TEXTS, TEXTS, status=st.just("ok"), usage=USAGE, latency_ms=FLOATS, seed=COUNTS),
    st.builds(RuleRow, TEXTS, TEXTS, TEXTS, st.just("answer"), TEXTS, VALUES, FLOATS),
    st.builds(AnswerRow, TEXTS, TEXTS, TEXTS, TEXTS, VALUES, USAGE, FLOATS, st.dictionaries(TEXTS, COUNTS), TEXTS),
    st.builds(MeasureRow, TEXTS, TEXTS, FLOATS | st.integers(0, 9), TEXTS),
)


@given(ROWS, TEXTS, TEXTS)
def test_a_row_comes_out_as_it_went_in_but_for_what_no_database_takes(row: LedgerRow, run: str, arm: str) -> None:
    entry = unpack(type(row), pack(row, run, arm, 1.0))
    assert (entry.run, entry.approach, entry.at) == (plain(run), plain(arm), 1.0)
    before, after = ({name: getattr(one, name) for name in one.__slots__} for one in (row, entry.row))
    exact = {"text", "value", "masked"}
    assert {n: v for n, v in after.items() if n in exact} == {n: v for n, v in before.items() if n in exact}
    assert all(
        plain(before[name]) == value
        for name, value in after.items()
        if isinstance(value, str | None) and name not in exact
    )


@given(st.lists(ROWS, max_size=6))
def test_the_seal_holds_after_the_way_through_the_database(rows: list[LedgerRow]) -> None:
    ledger = SqlLedger()
    ledger.record(*rows)
    verdict = ledger.verify()
    assert verdict.ok and sum(verdict.rows.values()) == len(rows), verdict
    ledger.close()


@given(ROWS, st.data())
def test_the_seal_depends_on_every_column(row: LedgerRow, data: st.DataObject) -> None:
    stored = pack(row, "run", "arm", 1.0)
    name = data.draw(st.sampled_from([key for key in stored if key != "seal"]))
    assert seal(stored) == stored["seal"] != seal({**stored, name: "another"})


@given(TEXTS)
def test_a_plain_text_is_utf_8_without_nul_and_stays_as_it_is(text: str) -> None:
    once = plain(text)
    assert plain(once) == once and "\0" not in once
    once.encode()  # raises for a lone surrogate


def test_an_entry_as_json_has_all_fields_of_its_row_and_whose_it_is() -> None:
    entry = unpack(MeasureRow, pack(MeasureRow("t", "correct", 1, "item"), "run", "arm", 2.0))
    assert entry.as_json() == {
        "kind": "measures", "at": 2.0, "run": "run", "approach": "arm",
        "trace": "t", "name": "correct", "value": 1.0, "item": "item",
    }  # fmt: skip

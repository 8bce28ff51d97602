from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from self_distill.macros import checksums
from self_distill.macros.checksums import BY_DIGITS, BY_SHAPE, IBAN_LENGTH, base58check, bech32, iban, luhn

Check = Callable[[str], bool]
# Published examples and test values: of card networks, the IBAN registry, BIP 173 and BIP 350, and national handbooks.
GOOD: list[tuple[Check, str]] = [
    (luhn, "4111111111111111"),
    (luhn, "378282246310005"),
    (luhn, "30569309025904"),
    (iban, "GB82WEST12345698765432"),
    (iban, "DE89370400440532013000"),
    (iban, "FR1420041010050500013M02606"),
    (iban, "NO9386011117947"),
    (checksums.aba, "021000021"),
    (checksums.aba, "011401533"),
    (checksums.steuer_id, "86095742719"),
    (checksums.nir, "255081416802538"),
    (checksums.bsn, "111222333"),
    (checksums.personnummer, "8112189876"),
    (checksums.pesel, "44051401359"),
    (checksums.cpf, "52998224725"),
    (checksums.dni, "12345678Z"),
    (checksums.codice_fiscale, "RSSMRA85T10A562S"),
    (base58check, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
    (base58check, "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy"),
    (bech32, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
    (bech32, "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"),
]
WEAK_SPOTS = {checksums.nir, checksums.personnummer, checksums.dni}
"""97 and 23 do not see each change of a digit; a date may become one that is none."""


@pytest.mark.parametrize(("check", "value"), GOOD)
def test_published_values_are_consistent(check: Check, value: str) -> None:
    assert check(value)


@pytest.mark.parametrize(("check", "value"), [pair for pair in GOOD if pair[0] not in WEAK_SPOTS])
def test_no_single_wrong_digit_passes(check: Check, value: str) -> None:
    for place, char in enumerate(value):
        if char.isdigit():
            wrong = [value[:place] + other + value[place + 1 :] for other in "0123456789" if other != char]
            assert not any(map(check, wrong)), value[:place]


@given(st.text("0123456789", min_size=1, max_size=18))
def test_for_any_digits_one_check_digit_fits(digits: str) -> None:
    assert sum(luhn(digits + last) for last in "0123456789") == 1


@given(st.sampled_from(sorted(IBAN_LENGTH)), st.data())
def test_for_any_account_one_pair_of_check_digits_fits(country: str, data: st.DataObject) -> None:
    size = IBAN_LENGTH[country] - 4
    account = data.draw(st.text("0123456789ABCXYZ", min_size=size, max_size=size))
    assert sum(iban(f"{country}{pair:02}{account}") for pair in range(2, 99)) == 1


@pytest.mark.parametrize(
    "value", ["", "DE", "XX89370400440532013000", "DE8937040044053201300", "DEab370400440532013000"]
)
def test_what_only_resembles_an_account_number_is_refused(value: str) -> None:
    assert not iban(value)


@pytest.mark.parametrize("value", ["000121234", "666121234", "900121234", "123001234", "123450000"])
def test_numbers_that_social_security_never_issues_are_refused(value: str) -> None:
    assert not checksums.social_security(value)


@given(st.text("0123456789", min_size=15, max_size=15))
def test_every_national_check_takes_any_digits_of_its_length(digits: str) -> None:
    for size, checks in BY_DIGITS.items():
        assert all(check(digits[:size]) in (True, False) for _, check, _ in checks)


@given(st.sampled_from(sorted(BY_SHAPE)), st.data())
def test_every_national_check_takes_any_value_of_its_shape(shape: str, data: st.DataObject) -> None:
    value = "".join(data.draw(st.sampled_from("0123456789" if c == "9" else "ABCXYZ")) for c in shape)
    assert BY_SHAPE[shape][1](value) in (True, False)


@given(st.text(checksums.BASE58 + "0OIl", max_size=60))
def test_random_words_are_no_crypto_addresses(text: str) -> None:
    assert not base58check(text) and not bech32(text)

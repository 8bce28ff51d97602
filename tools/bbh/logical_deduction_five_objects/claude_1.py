import re
from itertools import permutations

# Places are numbered 1, 2, ... from the left, from the oldest, from the cheapest, from the winner.
# Each scale has words for its low end and its high end, and comparisons towards either.

NTH = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6}

LOW_END = {"oldest": "age", "cheapest": "price", "least expensive": "price"}
HIGH_END = {"newest": "age", "most expensive": "price"}
LOWER = {"older": "age", "cheaper": "price", "less expensive": "price"}
HIGHER = {"newer": "age", "more expensive": "price"}


def clean(phrase):
    phrase = " ".join(phrase.lower().split())
    for article in ("the ", "an ", "a "):
        if phrase.startswith(article):
            return phrase[len(article):]
    return phrase


def numbered(scale, word, from_low, n):
    """The place that an ordinal names, counted from the low or the high end."""
    k = NTH.get(word, 0)
    if not 1 <= k <= n:
        return None
    return (scale, k if from_low else n + 1 - k)


def superlative(phrase, n):
    """'second-cheapest', 'rightmost', 'third from the left' as (scale, place), or None."""
    if phrase in ("leftmost", "left-most"):
        return ("row", 1)
    if phrase in ("rightmost", "right-most"):
        return ("row", n)
    m = re.fullmatch(r"(\w+) from the (left|right)", phrase)
    if m:
        return numbered("row", m.group(1), m.group(2) == "left", n)
    for table, from_low in ((LOW_END, True), (HIGH_END, False)):
        for end, scale in table.items():
            if phrase == end:
                return numbered(scale, "first", from_low, n)
            m = re.fullmatch(r"(\w+)[ -]" + end, phrase)
            if m:
                return numbered(scale, m.group(1), from_low, n)
    return None


def finish(phrase, n):
    """'third', 'last', 'second-to-last' as (scale, place), or None."""
    if phrase == "last":
        return ("rank", n)
    m = re.fullmatch(r"(\w+)-to-last", phrase)
    if m:
        return numbered("rank", m.group(1), False, n)
    return numbered("rank", phrase, True, n)


def read(sentence, things):
    """A statement as (scale, 'is', thing, place) or (scale, '<', lower thing, higher thing); None if not understood."""
    n = len(things)
    s = clean(sentence.strip().rstrip("."))

    m = re.fullmatch(r"(.+) finished (above|below) (.+)", s)
    if m:
        scale, low_first = "rank", m.group(2) == "above"
        left, right = m.group(1), m.group(3)
    else:
        m = re.fullmatch(r"(.+) (?:is|are) to the (left|right) of (.+)", s)
        if m:
            scale, low_first = "row", m.group(2) == "left"
            left, right = m.group(1), m.group(3)
        else:
            m = re.fullmatch(r"(.+?) (?:is|are) ([a-z ]+) than (.+)", s)
            if m:
                word = m.group(2)
                if word not in LOWER and word not in HIGHER:
                    return None
                low_first = word in LOWER
                scale = LOWER[word] if low_first else HIGHER[word]
                left, right = m.group(1), m.group(3)
    if m:
        left, right = clean(left), clean(right)
        if left not in things or right not in things or left == right:
            return None
        return (scale, "<", left, right) if low_first else (scale, "<", right, left)

    m = re.fullmatch(r"(.+) finished (\S+)", s)
    if m:
        spot = finish(m.group(2), n)
    else:
        m = re.fullmatch(r"(.+?) (?:is|are) the (.+)", s)
        if not m:
            return None
        spot = superlative(m.group(2), n)
    thing = clean(m.group(1))
    if spot is None or thing not in things:
        return None
    return (spot[0], "is", thing, spot[1])


def true_in(statement, place):
    scale, sign, a, b = statement
    if sign == "is":
        return place[a] == b
    return place[a] < place[b]


def run(text: str):
    cut = text.find("Options:")
    if cut < 0 or text.count("Options:") != 1:
        return None
    story = " ".join(text[:cut].split())
    if story.count(":") != 1:
        return None

    # after the colon: the list of the things up to the first full stop, then the statements
    pieces = [p.strip() for p in story.split(":")[1].split(". ")]
    pieces = [p for p in pieces if p]
    if len(pieces) < 2:
        return None
    things = []
    for part in pieces[0].rstrip(".").split(","):
        part = part.strip()
        if part.startswith("and "):
            part = part[4:]
        things.append(clean(part))
    if not 3 <= len(things) <= 6 or len(set(things)) != len(things) or "" in things:
        return None

    facts = [read(p, things) for p in pieces[1:]]

    choices = []
    for line in text[cut + len("Options:"):].splitlines():
        if line.strip():
            m = re.fullmatch(r"\(([A-F])\) (.+)", line.strip())
            if not m:
                return None
            choices.append((m.group(1), read(m.group(2), things)))
    if not choices:
        return None

    everything = facts + [c[1] for c in choices]
    if None in everything or len(set([f[0] for f in everything])) != 1:
        return None

    alive = set([letter for letter, claim in choices])
    orders = 0
    for order in permutations(things):
        place = {}
        for i, thing in enumerate(order):
            place[thing] = i + 1
        if all([true_in(fact, place) for fact in facts]):
            orders += 1
            for letter, claim in choices:
                if letter in alive and not true_in(claim, place):
                    alive.remove(letter)
    if orders == 0 or len(alive) != 1:
        return None
    return ("(" + list(alive)[0] + ")", "holds in every possible order")

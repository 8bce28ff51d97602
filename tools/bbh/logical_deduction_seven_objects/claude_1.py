import re

# Every order is put on a line of places 0 .. n-1: left before right, old before new,
# cheap before expensive, the winner before the last.

ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8}

# end word -> (kind of order, counted from the front?)
ENDS = {
    "oldest": ("age", True),
    "newest": ("age", False),
    "youngest": ("age", False),
    "cheapest": ("price", True),
    "least expensive": ("price", True),
    "most expensive": ("price", False),
}

# comparative -> (kind of order, subject stands before the other?)
COMPARATIVES = {
    "older": ("age", True),
    "newer": ("age", False),
    "younger": ("age", False),
    "cheaper": ("price", True),
    "less expensive": ("price", True),
    "more expensive": ("price", False),
    "pricier": ("price", False),
}

FINISHES = {
    "above": True,
    "ahead of": True,
    "before": True,
    "in front of": True,
    "below": False,
    "behind": False,
    "after": False,
}

MOST_SOLUTIONS = 40
MOST_STEPS = 6000


def bare(name):
    """A name in lower case without its article."""
    name = re.sub(r"\s+", " ", name.strip().lower())
    return re.sub(r"^(?:the|an|a) ", "", name)


def place_from(ordinal, from_front, n):
    k = 1 if ordinal is None else ORDINALS.get(ordinal)
    if k is None or k > n:
        return None
    return k - 1 if from_front else n - k


def position(phrase, n, finished):
    """A named place as (kind of order, index), or None."""
    if finished:
        if phrase == "last":
            return ("rank", n - 1)
        m = re.fullmatch(r"([a-z]+)[- ]to[- ]last", phrase)
        if m:
            index = place_from(m.group(1), False, n)
        else:
            index = place_from(phrase, True, n)
        return None if index is None else ("rank", index)
    m = re.fullmatch(r"(left|right)-?most", phrase)
    if m:
        return ("side", 0 if m.group(1) == "left" else n - 1)
    m = re.fullmatch(r"([a-z]+) from the (left|right)", phrase)
    if m:
        index = place_from(m.group(1), m.group(2) == "left", n)
        return None if index is None else ("side", index)
    for end in ENDS:
        kind, front = ENDS[end]
        if phrase == end:
            return (kind, place_from(None, front, n))
        m = re.fullmatch(r"([a-z]+)[- ]" + end, phrase)
        if m and m.group(1) in ORDINALS:
            index = place_from(m.group(1), front, n)
            return None if index is None else (kind, index)
    return None


def parse_statement(sentence, index_of, n):
    """(kind, ("at", object, place)) or (kind, ("before", object, object)), or None."""
    s = re.sub(r"\s+", " ", sentence.strip().lower())
    if s.endswith("."):
        s = s[:-1].strip()

    m = re.fullmatch(r"(.+?) (?:is|are) to the (left|right) of (.+)", s)
    if m:
        a, b = bare(m.group(1)), bare(m.group(3))
        if a not in index_of or b not in index_of or a == b:
            return None
        if m.group(2) == "left":
            return ("side", ("before", index_of[a], index_of[b]))
        return ("side", ("before", index_of[b], index_of[a]))

    m = re.fullmatch(r"(.+?) (?:is|are) ([a-z ]+?) than (.+)", s)
    if m:
        a, b = bare(m.group(1)), bare(m.group(3))
        if a not in index_of or b not in index_of or a == b or m.group(2) not in COMPARATIVES:
            return None
        kind, earlier = COMPARATIVES[m.group(2)]
        if earlier:
            return (kind, ("before", index_of[a], index_of[b]))
        return (kind, ("before", index_of[b], index_of[a]))

    m = re.fullmatch(r"(.+?) finished (above|below|before|after|behind|ahead of|in front of) (.+)", s)
    if m:
        a, b = bare(m.group(1)), bare(m.group(3))
        if a not in index_of or b not in index_of or a == b:
            return None
        if FINISHES[m.group(2)]:
            return ("rank", ("before", index_of[a], index_of[b]))
        return ("rank", ("before", index_of[b], index_of[a]))

    m = re.fullmatch(r"(.+?) finished (?:in )?(.+)", s)
    finished = bool(m)
    if not m:
        m = re.fullmatch(r"(.+?) (?:is|are) the (.+)", s)
    if m:
        a = bare(m.group(1))
        found = position(m.group(2), n, finished)
        if a not in index_of or found is None:
            return None
        return (found[0], ("at", index_of[a], found[1]))
    return None


def solve(facts, n):
    """All orders that the facts allow, each as the list of places by object; None if there are too many."""
    place_of = [None] * n
    object_at = [None] * n
    earlier = [[] for _ in range(n)]
    for fact in facts:
        if fact[0] == "at":
            obj, place = fact[1], fact[2]
            if place_of[obj] not in (None, place) or object_at[place] not in (None, obj):
                return []
            place_of[obj] = place
            object_at[place] = obj
        else:
            earlier[fact[2]].append(fact[1])

    solutions = []
    where = [None] * n
    steps = [0]
    overflow = [False]

    def fill(place):
        if overflow[0]:
            return
        steps[0] += 1
        if steps[0] > MOST_STEPS:
            overflow[0] = True
            return
        if place == n:
            solutions.append(list(where))
            if len(solutions) > MOST_SOLUTIONS:
                overflow[0] = True
            return
        candidates = range(n) if object_at[place] is None else [object_at[place]]
        for obj in candidates:
            if where[obj] is not None:
                continue
            if place_of[obj] is not None and place_of[obj] != place:
                continue
            if any([where[other] is None for other in earlier[obj]]):
                continue
            where[obj] = place
            fill(place + 1)
            where[obj] = None

    fill(0)
    return None if overflow[0] else solutions


def holds(fact, where):
    if fact[0] == "at":
        return where[fact[1]] == fact[2]
    return where[fact[1]] < where[fact[2]]


def run(text: str):
    halves = re.split(r"\bOptions:", text)
    if len(halves) != 2:
        return None
    body = re.sub(r"\s+", " ", halves[0]).strip()
    sentences = [s.strip() for s in re.split(r"\.(?: |$)", body) if s.strip()]

    # the sentence with the colon lists the objects; the statements follow it
    listing = [i for i, s in enumerate(sentences) if ":" in s]
    if len(listing) != 1:
        return None
    names_text = sentences[listing[0]].split(":", 1)[1]
    names = [bare(p) for p in re.split(r",\s*and\s+|,\s*|\s+and\s+", names_text.strip()) if p.strip()]
    n = len(names)
    index_of = {}
    for i, name in enumerate(names):
        index_of[name] = i
    if n < 3 or n > 8 or len(index_of) != n:
        return None

    kinds = set()
    facts = []
    for sentence in sentences[listing[0] + 1:]:
        parsed = parse_statement(sentence, index_of, n)
        if parsed is None:
            return None
        kinds.add(parsed[0])
        facts.append(parsed[1])
    if not facts:
        return None

    options = []
    for line in halves[1].splitlines():
        if not line.strip():
            continue
        m = re.fullmatch(r"\s*\(([A-G])\)\s*(.+?)\s*", line)
        if not m:
            return None
        parsed = parse_statement(m.group(2), index_of, n)
        if parsed is None:
            return None
        kinds.add(parsed[0])
        options.append((m.group(1), parsed[1]))
    if not options or len(kinds) != 1:
        return None

    solutions = solve(facts, n)
    if not solutions:
        return None
    certain = [letter for letter, fact in options if all([holds(fact, where) for where in solutions])]
    if len(certain) != 1:
        return None
    return ("(" + certain[0] + ")", "true in every allowed order")

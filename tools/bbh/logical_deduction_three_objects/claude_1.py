import re
from itertools import permutations

# Every scale runs from its top (place 0) to its bottom.
# scale: (comparatives towards the top, towards the bottom, superlatives of the top, of the bottom)
SCALES = {
    "place": (["to the left of"], ["to the right of"], ["leftmost"], ["rightmost"]),
    "age": (["newer than", "younger than"], ["older than"], ["newest", "youngest"], ["oldest"]),
    "price": (["more expensive than", "costlier than"], ["less expensive than", "cheaper than"],
              ["most expensive", "costliest"], ["least expensive", "cheapest"]),
    "rank": (["above", "ahead of", "before"], ["below", "behind", "after"], ["first"], ["last"]),
    "height": (["taller than"], ["shorter than"], ["tallest"], ["shortest"]),
    "size": (["larger than", "bigger than"], ["smaller than"], ["largest", "biggest"], ["smallest"]),
    "weight": (["heavier than"], ["lighter than"], ["heaviest"], ["lightest"]),
    "speed": (["faster than"], ["slower than"], ["fastest"], ["slowest"]),
}
ORDINALS = {"first": 1, "second": 2, "third": 3}


def bare(name):
    """A name in small letters without its article."""
    return re.sub(r"^(?:the|an|a) ", "", " ".join(name.lower().split()))


def split_subject(sentence, names):
    """'The owl is ...' as (index of the owl, what follows)."""
    s = bare(sentence)
    best = None
    for i, name in enumerate(names):
        if s.startswith(name + " ") and (best is None or len(name) > len(names[best])):
            best = i
    if best is None:
        return None
    return best, s[len(names[best]) + 1:]


def read_claim(sentence, names):
    """('less', scale, a, b): a is nearer to the top than b; ('at', scale, a, place); None if not understood."""
    got = split_subject(sentence.strip().rstrip("."), names)
    if got is None:
        return None
    subject, rest = got
    m = re.match(r"(?:is|are|was|were|finished|finishes|finish) ", rest)
    if not m:
        return None
    finished = m.group(0).startswith("finish")
    rest = re.sub(r"^the ", "", rest[m.end():])
    n = len(names)

    for scale in SCALES:
        up, down, top, bottom = SCALES[scale]
        if (scale == "rank") != finished:
            continue
        for phrase in up + down:
            if rest.startswith(phrase + " "):
                other = bare(rest[len(phrase) + 1:])
                if other not in names:
                    return None
                other = names.index(other)
                if other == subject:
                    return None
                if phrase in up:
                    return "less", scale, subject, other
                return "less", scale, other, subject
        if scale != "rank":
            for phrase in top + bottom:
                count = 0
                if rest == phrase:
                    count = 1
                else:
                    m = re.fullmatch(r"(second|third)[- ](.+)", rest)
                    if m and m.group(2) == phrase:
                        count = ORDINALS[m.group(1)]
                if count and count <= n:
                    return "at", scale, subject, (count - 1 if phrase in top else n - count)

    if finished:
        if rest in ORDINALS and ORDINALS[rest] <= n:
            return "at", "rank", subject, ORDINALS[rest] - 1
        if rest == "last":
            return "at", "rank", subject, n - 1
        if rest in ("second-to-last", "second to last"):
            return "at", "rank", subject, n - 2
        return None

    m = re.fullmatch(r"(first|second|third) from the (left|right)", rest)
    if m:
        count = ORDINALS[m.group(1)]
        return "at", "place", subject, (count - 1 if m.group(2) == "left" else n - count)
    return None


def holds(claim, order):
    """order is a tuple of object indexes from top to bottom."""
    if claim[0] == "less":
        return order.index(claim[2]) < order.index(claim[3])
    return order[claim[3]] == claim[2]


def run(text: str):
    parts = re.split(r"\n\s*Options:[ \t]*\n", text)
    if len(parts) != 2:
        return None
    body = " ".join(parts[0].split())
    m = re.search(r"\bthree [a-z]+: ([^.:]+)\. ", body)
    if not m:
        return None
    names = [bare(x) for x in re.split(r",\s*and\s+|,\s*|\s+and\s+", m.group(1)) if x.strip()]
    if len(names) != 3 or len(set(names)) != 3:
        return None

    claims = []
    for sentence in re.split(r"\.\s+", body[m.end():]):
        sentence = sentence.strip().rstrip(".")
        if not sentence:
            continue
        claim = read_claim(sentence, names)
        if claim is None:
            return None
        claims.append(claim)
    if not claims:
        return None

    options = []
    for line in parts[1].split("\n"):
        line = line.strip()
        if not line:
            continue
        m = re.match(r"\(([A-Z])\)\s*(\S.*)", line)
        if not m:
            return None
        claim = read_claim(m.group(2), names)
        if claim is None:
            return None
        options.append((m.group(1), claim))
    if [letter for letter, _ in options] != ["A", "B", "C"]:
        return None
    if len(set(c[1] for c in claims) | set(c[1] for _, c in options)) != 1:
        return None

    orders = [p for p in permutations(range(3)) if all(holds(c, p) for c in claims)]
    if not orders:
        return None
    true = [letter for letter, c in options if all(holds(c, p) for p in orders)]
    if len(true) != 1:
        return None
    return "(" + true[0] + ")", "only this fits every order"

import re

# Words between a person and what the person has.
HAS = (r"(?:is|are|was) (?:dancing with|playing|holding|reading|wearing|partnered with)"
       r"|gets|got|has|had|holds|buys|takes|plays|receives|chooses")

SWAP = r"(?:swap|swaps|switch|switches|trade|trades|exchange|exchanges)"


def bare(thing):
    """A thing in lower case, without article and final full stop."""
    thing = re.sub(r"\s+", " ", thing).strip().lower()
    if thing.endswith("."):
        thing = thing[:-1].strip()
    return re.sub(r"^(?:the|an|a) ", "", thing)


def parse_start(listing):
    """Who has what at the beginning: {person: thing}, or None."""
    holds = {}
    for piece in re.split(r",\s*(?:and\s+)?", listing.strip()):
        m = re.fullmatch(r"([A-Z][A-Za-z'-]*) (?:" + HAS + r") (.+)", piece.strip())
        if not m:
            return None
        person, thing = m.group(1), bare(m.group(2))
        if person in holds or not thing:
            return None
        holds[person] = thing
    # two equal things could not be told apart by the options
    if len(holds) < 2 or len(set(holds.values())) != len(holds):
        return None
    return holds


def parse_swap(sentence):
    m = re.fullmatch(r"(?:(?:First|Then|Next|Finally|Lastly|After that|Afterwards|Later),? )?"
                     r"([A-Z][A-Za-z'-]*) and ([A-Z][A-Za-z'-]*) " + SWAP + r"(?: their)?(?: new)?(?: [a-z]+)?", sentence)
    if not m:
        return None
    return (m.group(1), m.group(2))


def parse_options(block):
    options = []
    for line in block.splitlines():
        if not line.strip():
            continue
        m = re.fullmatch(r"\s*\(([A-G])\)\s*(.+?)\s*", line)
        if not m:
            return None
        options.append((m.group(1), bare(m.group(2))))
    if not options or len(set([thing for letter, thing in options])) != len(options):
        return None
    return options


def run(text: str):
    halves = re.split(r"\bOptions:", text)
    if len(halves) != 2:
        return None
    options = parse_options(halves[1])
    if options is None:
        return None

    body = re.sub(r"\s+", " ", halves[0]).strip()
    sentences = [s.strip() for s in re.split(r"\.(?: |$)", body) if s.strip()]
    starts = [i for i, s in enumerate(sentences) if ":" in s]
    if len(starts) != 1 or starts[0] + 2 >= len(sentences):
        return None
    holds = parse_start(sentences[starts[0]].split(":", 1)[1])
    if holds is None:
        return None

    # the last piece is the unfinished sentence about one person at the end
    m = re.fullmatch(r"(?:At|By) the end(?: of the [a-z ]+)?, ([A-Z][A-Za-z'-]*) (?:" + HAS + r")(?: the| a| an)?",
                     sentences[-1])
    if not m or m.group(1) not in holds:
        return None
    asked = m.group(1)

    swaps = 0
    for sentence in sentences[starts[0] + 1:-1]:
        pair = parse_swap(sentence)
        if pair is None:
            # only an introduction that names nobody, before the first swap, may be passed over
            named = [w for w in re.findall(r"[A-Za-z'-]+", sentence) if w in holds]
            if named or swaps:
                return None
            continue
        a, b = pair
        if a not in holds or b not in holds or a == b:
            return None
        holds[a], holds[b] = holds[b], holds[a]
        swaps += 1
    if swaps == 0:
        return None

    hits = [letter for letter, thing in options if thing == holds[asked]]
    if len(hits) != 1:
        return None
    return ("(" + hits[0] + ")", "followed the swaps")

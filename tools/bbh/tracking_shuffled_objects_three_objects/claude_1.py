import re

OPENERS = (r"(?:(?:First|Firstly|Second|Secondly|Third|Thirdly|Then|Next|Later|Afterwards|"
           r"After that|Finally|Lastly|Last),? )?")
SWAP = re.compile(OPENERS + r"([A-Z][\w'-]*) and ([A-Z][\w'-]*) "
                  r"(?:swap|switch|trade|exchange)(?: their| the)?(?: [a-z]+){0,2}")
QUESTION = re.compile(r"At the end of (?:the|this) [a-z]+(?: [a-z]+)?, "
                      r"([A-Z][\w'-]*) ([a-z]+(?: [a-z]+){0,3}):?")
PEOPLE = re.compile(r"([A-Z][\w'-]*), ([A-Z][\w'-]*),? and ([A-Z][\w'-]*) ")
VERB = re.compile(r"[a-z]+(?: [a-z]+){0,3}")
NEGATIVE = {"not", "never", "no", "nothing", "without", "nor", "refuse", "lacks"}


def negative(phrase):
    return any(w in NEGATIVE for w in phrase.lower().split())


def read_options(block):
    """Letter and content of every option line; None for any other line."""
    options = []
    for line in block.split("\n"):
        line = line.strip()
        if not line:
            continue
        m = re.match(r"\(([A-Z])\)\s*(\S.*)", line)
        if not m:
            return None
        options.append((m.group(1), " ".join(m.group(2).split())))
    return options


def take_thing(rest, things):
    """rest is 'verb words THING, ...': the thing and what follows it."""
    best = None
    for thing in things:
        pos = rest.find(" " + thing)
        if pos <= 0:
            continue
        verb = rest[:pos]
        after = rest[pos + 1 + len(thing):]
        if after and after[0] not in ",;.":
            continue
        if not VERB.fullmatch(verb) or negative(verb):
            continue
        # the earliest start is the longest thing
        if best is None or pos < best[0] or (pos == best[0] and len(thing) > len(best[1])):
            best = (pos, thing, after)
    if best is None:
        return None
    return best[1], best[2]


def read_start(rest, names, things):
    """Who has what at first, and the story that follows."""
    has = {}
    for i in range(3):
        found = None
        for name in names:
            if rest.startswith(name + " "):
                found = name
        if found is None or found in has:
            return None
        got = take_thing(rest[len(found) + 1:], things)
        if got is None:
            return None
        has[found] = got[0]
        rest = got[1]
        if i < 2:
            m = re.match(r"[,;]? ?(?:and )?", rest)
            rest = rest[m.end():]
    if len(set(has.values())) != 3 or not rest.startswith(". "):
        return None
    return has, rest[2:]


def run(text: str):
    parts = re.split(r"\n\s*Options:[ \t]*\n", text)
    if len(parts) != 2:
        return None
    options = read_options(parts[1])
    if not options or [letter for letter, _ in options] != ["A", "B", "C"]:
        return None
    things = [thing for _, thing in options]
    if len(set(things)) != 3:
        return None

    body = " ".join(parts[0].split())
    people = PEOPLE.match(body)
    if not people:
        return None
    names = [people.group(1), people.group(2), people.group(3)]
    if len(set(names)) != 3:
        return None

    colon = body.find(": ")
    if colon < 0:
        return None
    start = read_start(body[colon + 2:], names, things)
    if start is None:
        return None
    has, story = start

    sentences = [s.strip() for s in re.split(r"\.\s+", story)]
    question = QUESTION.fullmatch(sentences[-1])
    if not question:
        return None
    asked = question.group(1)
    if asked not in has or negative(question.group(2)):
        return None

    swaps = 0
    for sentence in sentences[:-1]:
        m = SWAP.fullmatch(sentence)
        if m:
            one, two = m.group(1), m.group(2)
            if one not in has or two not in has or one == two or negative(sentence):
                return None
            has[one], has[two] = has[two], has[one]
            swaps += 1
            continue
        # only an introduction that names nobody may stand before the swaps
        named = any(re.search(r"\b" + name + r"\b", sentence) for name in names)
        if swaps or named:
            return None
    if swaps == 0:
        return None

    for letter, thing in options:
        if thing == has[asked]:
            return "(" + letter + ")", "followed the swaps"
    return None

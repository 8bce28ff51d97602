import re

# Only arguments in which every sentence has one of a few plain forms are answered.
# Each "cousin of Sara" becomes a letter such as P0; then all combinations of letters are tried out.

LITTLE = (r"every|each|some|no|not|a|an|the|being|be|is|or|and|nor|neither|either|both|also|who|whoever|whatever|"
          r"that|none|all|any|for|first|one|if|there|however|necessary|sufficient")
STOP = r"and|or|nor|is|who|yet|but|too|also|without|that|are|then|if"
THING = re.compile(r"\b(?:an? )?((?:(?!(?:" + LITTLE + r") )[a-z][a-z-]* ){1,2}(?:of|to(?! be\b)) "
                   r"(?:(?! (?:" + STOP + r")\b)[^,.:;])+)")

CONCLUSION = re.compile(r"(?:^|[.] ?)(?:so, necessarily, ?|so, |we may conclude(?: that|:) |it follows that |therefore, |"
                        r"hence, |thus, |consequently, |in consequence, |as a consequence, |all this entails(?: that|:) |"
                        r"this implies(?: that|:) |from this follows: |accordingly, )", re.I)
OPENING = re.compile(r"^(?:first of all,|first premise:|second premise:|third premise:|fourth premise:|first,|second,|"
                     r"third,|to (?:start|begin) with,|next,|now,|plus,|moreover,|furthermore,|also,|in addition,|"
                     r"additionally,|finally,|lastly,) ?")

DENIED = re.compile(r"^it is (?:not the case|false|not true) that (.+)$")
AFFIRMED = re.compile(r"^it is (?:the case|true) that (.+)$")


def letters(text):
    """The text with P0, P1 ... for its things, in small letters otherwise; and their number."""
    names, out, last = [], "", 0
    for m in THING.finditer(text):
        name = " ".join(m.group(1).split())
        if name not in names:
            names.append(name)
        out += text[last:m.start()].lower() + "P" + str(names.index(name))
        last = m.end()
    return out + text[last:].lower(), len(names)


def literal(s):
    m = re.fullmatch(r"(not )?P(\d+)", s.strip())
    if not m:
        return None
    index, wanted = int(m.group(2)), m.group(1) is None
    return lambda world: world[index] == wanted


def phrase(s):
    """A test of a world for 'P0', 'not P0', 'P0 and P1', 'P0 or P1', 'neither P0 nor P1'; None if another form."""
    s = re.sub(r"^(?:also |however )", "", s.strip())
    s = re.sub(r"^both (?=P\d+ and)", "", s)
    one = literal(s)
    if one:
        return one
    m = re.fullmatch(r"(P\d+) or, otherwise, (.+)", s)
    if m:
        a, b = literal(m.group(1)), phrase(m.group(2))
        return (lambda world: a(world) or b(world)) if b else None
    m = re.fullmatch(r"(?:neither (P\d+) nor (P\d+)|none of this: (P\d+) or (P\d+))", s)
    if m:
        a = literal(m.group(1) or m.group(3))
        b = literal(m.group(2) or m.group(4))
        return lambda world: not a(world) and not b(world)
    m = re.fullmatch(r"not both (P\d+) and (P\d+)", s)
    if m:
        a, b = literal(m.group(1)), literal(m.group(2))
        return lambda world: not (a(world) and b(world))
    m = re.fullmatch(r"(P\d+) without being (P\d+)", s)
    if m:
        a, b = literal(m.group(1)), literal(m.group(2))
        return lambda world: a(world) and not b(world)
    m = re.fullmatch(r"either (P\d+) or (P\d+),? or both", s)
    if m:
        a, b = literal(m.group(1)), literal(m.group(2))
        return lambda world: a(world) or b(world)
    m = re.fullmatch(r"((?:not )?P\d+),? (and|or|but|yet) ((?:not )?P\d+)", s)
    if not m:
        return None
    if m.group(1).startswith("not") and m.group(2) in ("and", "or") and not m.group(3).startswith("not"):
        return None  # "not P or Q" has two readings
    a, b = literal(m.group(1)), literal(m.group(3))
    if m.group(2) == "or":
        return lambda world: a(world) or b(world)
    return lambda world: a(world) and b(world)


def opposite(statement):
    kind, test = statement
    swapped = {"all": "some", "some": "all"}
    return swapped.get(kind, kind), (lambda world: not test(world))


def pair(first, second):
    a, b = phrase(first), phrase(second)
    return (a, b) if a and b else None


def implication(tests):
    a, b = tests
    return "all", (lambda world: not a(world) or b(world))


def both(tests):
    a, b = tests
    return lambda world: a(world) and b(world)


def negative_of(word, s):
    """'not being ...' is clear for one thing, or when the second part is denied as well."""
    if not word:
        return s
    return ("not " + s) if re.fullmatch(r"P\d+(?: (?:and|or) not P\d+)?", s) else None


def statement(s):
    """('all', test), ('some', test) or ('is name', test); None for every other form."""
    s = re.sub(r",? too$", "", s.strip())
    m = DENIED.match(s)
    if m:
        inner = statement(m.group(1))
        return opposite(inner) if inner else None
    m = AFFIRMED.match(s)
    if m:
        return statement(m.group(1))
    if s.startswith("not every"):
        inner = statement(s[4:])
        return opposite(inner) if inner else None

    # two subjects at once: what is said of both holds for the one as for the other
    m = re.fullmatch(r"(no|every) (P\d+) and (no|every) (P\d+) is (.+)", s)
    if m:
        tests = pair(m.group(2) + " or " + m.group(4), m.group(5))
        if not tests or m.group(1) != m.group(3):
            return None
        return implication(tests) if m.group(1) == "every" else opposite(("some", both(tests)))

    m = re.fullmatch(r"(?:(?:every|each) (P\d+)|(?:every(?:one|body|thing)|any(?:one|body|thing)) (?:who|that) is (.+?)|"
                     r"(?:whoever|whatever) is (.+?)),? is (.+)", s)
    if m:
        tests = pair(m.group(1) or m.group(2) or m.group(3), m.group(4))
        return implication(tests) if tests else None

    m = re.fullmatch(r"(?:no (P\d+)|(?:nobody|no one|nothing) (?:who|that) is (.+?)) is (.+)", s)
    m = m or re.fullmatch(r"there (?:is|exists) no (P\d+)() (?:who|that|which) is (.+)", s)
    if m:
        tests = pair(m.group(1) or m.group(2), m.group(3))
        return opposite(("some", both(tests))) if tests else None
    m = re.fullmatch(r"(?:there is )?(?:nobody|no one|nothing)(?: who| that)? is (.+)", s)
    if m:
        test = phrase(m.group(1))
        return opposite(("some", test)) if test else None

    m = re.fullmatch(r"some (P\d+) is (.+)|there (?:is|exists) (P\d+) (?:who|that|which) is (.+)", s)
    if m:
        tests = pair(m.group(1) or m.group(3), m.group(2) or m.group(4))
        return ("some", both(tests)) if tests else None
    m = re.fullmatch(r"some(?:one|body|thing) (?:who|that) is (.+?) is (.+)", s)
    if m:
        tests = pair(m.group(1), m.group(2))
        return ("some", both(tests)) if tests else None
    m = re.fullmatch(r"(?:there (?:is|exists) )?some(?:one|body|thing)(?: who| that)? is (.+)", s)
    if m:
        test = phrase(m.group(1))
        return ("some", test) if test else None

    m = re.fullmatch(r"(not )?(?:being|to be) (.+) is (sufficient|necessary) for (not )?being (.+)", s)
    if m:
        parts = []
        for word, part in ((m.group(1), m.group(2)), (m.group(4), m.group(5))):
            part = re.sub(r"\b(and|or) being ", r"\1 ", part)
            part = re.sub(r"\b(and|or) not being ", r"\1 not ", part)
            parts.append(negative_of(word, part))
        tests = pair(parts[0], parts[1]) if parts[0] and parts[1] else None
        if not tests:
            return None
        return implication(tests if m.group(3) == "sufficient" else (tests[1], tests[0]))

    # a name of one to three words
    m = re.fullmatch(r"([^\W_][\w'()-]*)((?: [^\W_][\w'()-]*){0,2}) is (.+)", s)
    if m and not re.search(r"\b(?:is|who|that|and|or|not)\b|\bp\d", m.group(2)):
        if not re.fullmatch(r"(?:" + LITTLE + r"|it|everyone|everybody|everything|anyone|anybody|anything|nobody|nothing|"
                            r"somebody|someone|something|to|at|many|most|P\d+)", m.group(1)):
            test = phrase(m.group(3))
            return ("is " + m.group(1) + m.group(2), test) if test else None
    return None


def satisfiable(statements, count):
    worlds = []
    for number in range(2 ** count):
        world = [(number >> i) & 1 == 1 for i in range(count)]
        if all(test(world) for kind, test in statements if kind == "all"):
            worlds.append(world)
    needs = [[test] for kind, test in statements if kind == "some"]
    for name in set(kind for kind, test in statements if kind.startswith("is ")):
        needs.append([test for kind, test in statements if kind == name])
    for tests in needs:
        if not any(all(test(world) for test in tests) for world in worlds):
            return False
    return len(worlds) > 0


def run(text: str):
    # the quoted argument, behind its introduction
    m = re.search(r'"(.+)"\s*Is the argument\b', text, re.S)
    if not m:
        return None
    body = " ".join(m.group(1).split())
    m = re.match(r".*?\bargument\b[^:.?]*: ?(.+)", body)
    if not m:
        return None
    body = re.sub(r"([A-Za-z])([,.])([a-z])", r"\1\2 \3", m.group(1)).strip()
    body, count = letters(body)
    if not 1 <= count <= 7:
        return None
    marks = list(CONCLUSION.finditer(body))
    if len(marks) != 1:
        return None
    premises = body[:marks[0].start()]
    conclusion = statement(body[marks[0].end():].rstrip(". "))
    if not conclusion:
        return None
    known = []
    for sentence in premises.split("."):
        sentence = sentence.strip()
        if not sentence:
            continue
        found = statement(OPENING.sub("", sentence))
        if not found:
            return None
        known.append(found)
    if not known or not satisfiable(known, count):
        return None
    if satisfiable(known + [opposite(conclusion)], count):
        return "invalid", "a counter-example exists"
    return "valid", "no counter-example"

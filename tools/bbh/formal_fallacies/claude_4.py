import re

# Every kind of thing is a set of properties; a property is the bit mask of the kinds that have it.
# The argument is judged in several readings (exclusive or inclusive "either", near or far "not",
# with or without the assumption that subjects exist). Only a unanimous vote is an answer.

NO_ROLE = r"(?!(?:a|an|the|every|each|any|some|no|not|none|all|is|are|be|being|to|for|and|or|nor|neither|either|both|also|" \
          r"who|that|which|whoever|whatever|but|yet|without|then|so|first|one|if|otherwise|however|necessary|sufficient)\b)"
THING = re.compile(r"\b((?:" + NO_ROLE + r"[a-z][a-z-]*\s){1,3}(?:of|to(?!\sbe\b))\s"
                   r"(?:(?!\s(?:and|or|nor|is|are|who|that|which|but|yet|too|also|without|if|then|while)\b)[^.,:;])+)")

PREMISE = """first of all ,|first premise :|second premise :|third premise :|fourth premise :|first ,|second ,|third ,|
fourth ,|firstly ,|secondly ,|thirdly ,|to start with ,|to begin with ,|next ,|now ,|plus ,|moreover ,|furthermore ,|
also ,|in addition ,|additionally ,|besides ,|finally ,|lastly ,""".replace("\n", "").split("|")
RESULT = """so , necessarily ,|so ,|we may conclude :|we may conclude that|it follows that|therefore ,|hence ,|thus ,|
consequently ,|in consequence ,|from this follows :|all this entails that|all this entails :|this implies that|
accordingly ,""".replace("\n", "").split("|")
EVERYBODY = ["everyone", "everybody", "everything", "anyone", "anybody", "anything"]
SOMEBODY = ["somebody", "someone", "something"]
NOBODY = ["nobody", "nothing", "no one"]


def prepare(body):
    """The tokens of the argument with <0>, <1> ... for its properties, the properties and how often each occurs."""
    body = re.sub(r"([^\s\d])([.,])(?=[a-z])", r"\1\2 ", body)
    body = re.sub(r"\bof (\d+)\. (?=[A-Z])", r"of \1 ", body)
    body = re.sub(r"\b(St|Dr|Mr|Mrs)\. (?=[A-Z])", r"\1 ", body)
    names, counts, out, last = [], [], "", 0
    for m in THING.finditer(body):
        name = " ".join(m.group(1).split())
        if name not in names:
            names.append(name)
            counts.append(0)
        counts[names.index(name)] += 1
        out += body[last:m.start()] + " <" + str(names.index(name)) + "> "
        last = m.end()
    return re.findall(r"<\d+>|[^\s.,:;<>]+|[.,:;]", out + body[last:]), names, counts


class Reader:
    def __init__(self, tokens, count, exclusive, far):
        self.t = tokens
        self.low = [w.lower() for w in tokens]
        self.i = 0
        self.count = count
        self.full = 2 ** (2 ** count) - 1
        self.exclusive = exclusive
        self.far = far
        self.subjects = []

    def see(self, words):
        w = words.split()
        return self.low[self.i:self.i + len(w)] == w

    def eat(self, choices):
        """Take the first of the phrases that stands here."""
        for words in choices:
            if self.see(words):
                self.i += len(words.split())
                return words
        return ""

    def need(self, choices):
        got = self.eat(choices)
        if not got:
            raise ValueError("not understood")
        return got

    def end(self):
        self.eat([", too", "too"])
        if self.i != len(self.t):
            raise ValueError("something is left")

    def property(self):
        self.eat(["a", "an"])
        m = re.fullmatch(r"<(\d+)>", self.low[self.i]) if self.i < len(self.low) else None
        if not m:
            raise ValueError("no property")
        self.i += 1
        k = int(m.group(1))
        return sum(1 << kind for kind in range(2 ** self.count) if (kind >> k) & 1)

    def union(self, links):
        """Terms joined by one of the links."""
        value = self.term()
        while self.eat(links):
            value |= self.term()
        return value

    def term(self):
        self.eat(["also", "however"])
        self.eat(["being", "to be"])
        word = self.eat(["not both", "not", "both", "either", "neither", "none of this :", "none of these :"])
        if word == "not":
            return self.full ^ self.term()
        if word in ("both", "not both"):
            a = self.term()
            self.need(["and"])
            value = a & self.term()
            return value if word == "both" else self.full ^ value
        if word == "either":
            a = self.term()
            self.need(["or", ", or"])
            b = self.term()
            if self.eat([", or both", "or both"]):
                return a | b
            only_one = self.eat([", but not both", "but not both"]) or self.exclusive
            return a ^ b if only_one else a | b
        if word == "neither":
            return self.full ^ self.union(["nor", ", nor"])
        if word:
            return self.full ^ self.union([", or", "or"])
        return self.property()

    def group(self):
        """Terms joined by 'and' or by 'or'; a mixture is refused."""
        first_not = self.see("not") and not self.see("not both")
        value = self.term()
        joint = ""
        while True:
            if joint == "or" and self.eat([", or both", "or both"]):
                return value
            word = self.eat(["without being", "or , otherwise ,", "or otherwise", "and", "or", ", and", ", or", "but", "yet",
                             ", but", ", yet"])
            if not word:
                return value
            this = "or" if "or" in word.split() else "and"
            if joint not in ("", this):
                raise ValueError("mixture")
            joint = this
            if word not in ("and", "or") or self.see("not") or self.see("neither"):
                first_not = False
            other = self.term()
            if word == "without being":
                value &= self.full ^ other
            elif first_not and self.far:
                # "not A or B" as "not (A or B)"
                inner = self.full ^ value
                value = self.full ^ ((inner | other) if this == "or" else (inner & other))
            else:
                value = (value | other) if this == "or" else (value & other)

    def relative(self, value):
        """An optional 'who is ...' behind a property."""
        return value & self.group() if self.eat(["who is", "that is", "which is"]) else value

    def subject(self, again):
        """One property, or two as in 'no A and no B': what is said holds for both."""
        value = self.relative(self.property())
        while self.eat(["and " + again]):
            value |= self.property()
        return value

    def predicate(self):
        self.need(["is", ", is"])
        value = self.group()
        self.end()
        return value

    def rule(self, a, b):
        self.subjects.append(a)
        return "all", (self.full ^ a) | b

    def opposite(self, s):
        return {"all": "some", "some": "all"}.get(s[0], s[0]), self.full ^ s[1]

    def statement(self):
        if self.eat(["it is not the case that", "it is false that", "it is not true that"]):
            return self.opposite(self.statement())
        if self.eat(["it is the case that", "it is true that"]):
            return self.statement()
        if any(self.see("not " + w) for w in ["every"] + EVERYBODY):
            self.i += 1
            return self.opposite(self.statement())
        if self.eat(["whoever is", "whatever is"]):
            a = self.group()
            return self.rule(a, self.predicate())
        if self.eat(["every"]):
            a = self.subject("every")
            return self.rule(a, self.predicate())
        if self.eat(EVERYBODY):
            a = self.relative(self.full)
            return self.rule(a, self.predicate())
        if self.eat(NOBODY):
            a = self.relative(self.full)
            return "all", self.full ^ (a & self.predicate())
        if self.eat(["no"]):
            a = self.subject("no")
            self.subjects.append(a)
            return "all", self.full ^ (a & self.predicate())
        if self.eat(["some", "at least one"]):
            a = self.relative(self.property())
            return "some", a & self.predicate()
        if self.eat(SOMEBODY):
            a = self.relative(self.full)
            return "some", a & self.predicate()
        if self.eat(["there is", "there exists"]):
            none = self.eat(NOBODY + ["no"])
            if none in NOBODY or (not none and self.eat(SOMEBODY)):
                value = self.relative(self.full)
            else:
                self.eat(["some", "at least one"])
                value = self.relative(self.property())
            self.end()
            return ("all", self.full ^ value) if none else ("some", value)
        starts = ("being", "not being", "to be", "not to be")
        if any(self.see(w) for w in starts):
            a = self.group()
            kind = self.need(["is sufficient for", "is necessary for"])
            if not any(self.see(w) for w in starts):
                raise ValueError("no condition")
            b = self.group()
            self.end()
            return self.rule(a, b) if "sufficient" in kind else self.rule(b, a)
        name = "name"
        while self.i < len(self.t) and self.t[self.i][0].isupper() and len(name.split()) < 4:
            name += " " + self.t[self.i]
            self.i += 1
        if name == "name":
            raise ValueError("no subject")
        return name, self.predicate()


def possible(statements, full):
    """Can all statements be true together?"""
    kinds = full
    for what, mask in statements:
        if what == "all":
            kinds &= mask
    named = {}
    for what, mask in statements:
        if what == "some" and not kinds & mask:
            return False
        if what.startswith("name "):
            named[what] = named.get(what, full) & mask
    return kinds != 0 and all(kinds & mask for mask in named.values())


def vote(sentences, count, exclusive, far, import_subjects):
    premises, subjects = [], []
    for tokens in sentences[:-1]:
        reader = Reader(tokens, count, exclusive, far)
        if reader.eat(RESULT):
            raise ValueError("two conclusions")
        reader.eat(PREMISE)
        premises.append(reader.statement())
        subjects += reader.subjects
    reader = Reader(sentences[-1], count, exclusive, far)
    reader.need(RESULT)
    against = reader.opposite(reader.statement())
    if import_subjects:
        premises += [("some", a) for a in subjects]
    if not premises or not possible(premises, reader.full):
        return "no vote"
    return "invalid" if possible(premises + [against], reader.full) else "valid"


def run(text: str):
    m = re.search(r'"(.+)"\s*Is the argument\b', text, re.S)
    m = m and re.match(r".*?\bargument\b[^:.?]*:\s*(.+)", " ".join(m.group(1).split()))
    if not m:
        return None
    tokens, names, counts = prepare(m.group(1))
    if not 2 <= len(names) <= 7:
        return None
    sentences = [[]]
    for token in tokens:
        if token == ".":
            sentences.append([])
        else:
            sentences[-1].append(token)
    sentences = [s for s in sentences if s]
    # a property that occurs once only may be one that was misread: not in the conclusion, not nearly another one
    for k in range(len(names)):
        if counts[k] == 1:
            near = any(j != k and edit_distance(names[j], names[k]) <= 2 for j in range(len(names)))
            if near or "<" + str(k) + ">" in sentences[-1]:
                return None
    readings = [(e, f, s) for e in (False, True) for f in (False, True) for s in (False, True)]
    try:
        votes = [vote(sentences, len(names), e, f, s) for e, f, s in readings]
    except (ValueError, IndexError):
        return None
    if votes[0] == "no vote" or len(set(v for v in votes if v != "no vote")) != 1:
        return None
    return votes[0], "all readings agree"

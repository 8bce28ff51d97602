import re
# The words are grouped into chunks (noun phrase N, verb V, modal M, ...). Many small signals look at the chunks:
# each fault has a weight, and a known clause pattern is the weight for a good sentence. Unknown material: no answer.
W = lambda s: set(s.split())
# base past participle class: t needs an object, i takes none, b either
IRREGULAR = """see saw seen b,sell sold sold b,buy bought bought t,find found found t,take took taken t,break broke broken b,
steal stole stolen b,hide hid hidden b,hold held held t,keep kept kept t,lose lost lost b,bring brought brought t,
catch caught caught t,draw drew drawn b,throw threw thrown t,write wrote written b,eat ate eaten b,drink drank drunk b,
drive drove driven b,ride rode ridden b,build built built t,shake shook shaken b,tear tore torn b,wear wore worn t,
choose chose chosen b,forget forgot forgotten b,feed fed fed t,make made made t,sleep slept slept i,fall fell fallen i,
know knew known b,sweep swept swept b,sing sang sung b,bite bit bitten b,sit sat sat i,meet met met b,hear heard heard b,
leave left left b,win won won b,lead led led b,fly flew flown b,swim swam swum b,run ran run b,go went gone i,come came come i"""
REGULAR = {"t": """carry lift repair fix touch admire destroy damage describe borrow need use like praise protect replace
remove receive drag chase inspect love hate trust blame mention deliver grab""",
           "b": """clean wash move watch open close paint cook polish brush push pull kick fold help visit follow call drop
count roll pack wipe fill burn order plant store wrap thank greet join photograph turn lock check test study pick shout""",
           "i": "arrive sneeze laugh cough disappear vanish smile faint yawn snore exist occur happen giggle shiver cry wait"}
VERBS, KIND = {}, {}
def learn(base, past, part, kind):
    KIND[base] = kind
    third = base + "s"
    if re.search(r"(s|sh|ch|x|go)$", base):
        third = base + "es"
    elif re.search(r"[^aeiou]y$", base):
        third = base[:-1] + "ies"
    for word, form in ((base, "base"), (third, "s"), (past, "past"), (part, "part")):
        VERBS.setdefault(word, {"verb": base, "forms": set()})["forms"].add(form)
for row in IRREGULAR.split(","):
    learn(*row.split())
for kind in REGULAR:
    for b in REGULAR[kind].split():
        p = b + "d" if b.endswith("e") else b[:-1] + "ied" if re.search(r"[^aeiou]y$", b) else b + "ed"
        if b in W("drop drag grab wrap"):
            p = b + b[-1] + "ed"
        learn(b, p, p, kind)
MALE = W("boy man king father brother uncle son prince")
FEMALE = W("girl woman queen mother sister aunt daughter princess waitress actress")
PEOPLE = MALE | FEMALE | W("""thief tailor lawyer cook clerk nurse waiter hunter doctor teacher student farmer baker driver
pilot sailor soldier singer dancer painter artist writer guard judge child friend neighbor neighbour guest visitor worker
manager player officer butcher carpenter plumber barber gardener librarian captain knight merchant priest mayor dentist
engineer scientist chef coach tourist customer cousin poet musician""")
THINGS = W("""rope station brush museum dish photo basket castle letter garden chair window hotel plate lamp school knife
shelf pillow church flag library bottle tunnel blanket valley kitchen table box book cup door house car bag coat hat shoe
shirt key clock picture painting mirror bed spoon fork bowl pot pan tree flower ball toy bike boat ship train bus cart bridge
river lake hill mountain forest village town city street road park market shop store bank office hospital theater theatre
barn field tower wall ladder hammer carpet curtain rug towel candle vase jar bucket barrel drum guitar piano map coin ring
umbrella envelope pencil newspaper apple cake dog cat horse cow bird jacket dress bench drawer mug tent cave beach island
harbor harbour airport factory leaf scarf kettle glass stone sign fence gate roof stool cushion crate wheel suitcase""")
MASS = W("""water milk bread butter rice sugar salt sand snow furniture money gold coffee tea flour soup juice oil wine honey
cheese meat luggage""")
NOUNS = PEOPLE | THINGS | MASS
PLURALS = {"men": "man", "women": "woman", "children": "child"}
ADJ = W("""shy strange plain careful famous large warm narrow heavy grey gray friendly green small big old new young tall
short long wide thin thick red blue black white yellow brown pink round clean dirty dry wet cold hot soft hard light dark
bright loud quiet happy sad angry kind nice strong weak fast slow cheap expensive empty broken lovely brave clever lazy busy
tired hungry polite rude calm gentle honest modern ancient simple rusty dusty shiny smooth rough sharp flat deep tiny huge
cheerful grumpy serious curious proud nervous lonely silly wise fancy precious golden wooden purple orange little fragile""")
MODALS, HAVE, BE, DO = W("can could will would shall should may might must"), W("has have had"), W("is are was were"), W(
    "do does did")
PREPS = W("in at on near behind under beside inside outside")
ADVERBS = W("quickly slowly quietly carefully often always sometimes usually gently suddenly never rarely")
SING = W("a an every each one another this that")
PLUR = W("several many few these those two three four five six seven eight nine ten")
DETS = SING | PLUR | W("the no some any much his their our my")
SUBJECTS, OBJECTS = W("i he she we they"), W("me him us them her")
REFLEXIVE = {"he": "himself", "she": "herself", "i": "myself", "we": "ourselves", "they": "themselves"}
SELVES = W("himself herself myself ourselves themselves itself yourself")
TAGS = {"not": "X", "there": "E", "than": "C", "more": "O", "where": "W", "when": "W", "why": "W"}
for group, tag in ((MODALS, "M"), (HAVE, "H"), (BE, "B"), (DO, "D"), (PREPS, "P"), (ADVERBS, "R")):
    for w in group:
        TAGS[w] = tag
CLOSED = set(TAGS) | DETS | SUBJECTS | OBJECTS | SELVES | W("you it of and or that who which what to by with from be been")
def singular(w):
    if w in PLURALS: return PLURALS[w]
    if w in NOUNS: return w
    for end, new in (("ves", "f"), ("ves", "fe"), ("ies", "y"), ("es", ""), ("s", "")):
        if w.endswith(end) and w[:-len(end)] + new in NOUNS:
            return w[:-len(end)] + new
    return ""
def comparative(w):
    stems = (w[:-2], w[:-1], w[:-3], w[:-3] + "y")
    return w in ("better", "worse") or (w.endswith("er") and w not in ADJ and any(x in ADJ for x in stems))
class Chunk:
    def __init__(self, tag, word):
        self.tag, self.word, self.number, self.det = tag, word, "s", ""
def noun_phrase(words, raw, i, faults):
    """(chunk, next position) of the noun phrase at i, else None."""
    w = words[i]
    c = Chunk("N", w)
    nxt = words[i + 1] if i + 1 < len(words) else ""
    if w in SUBJECTS or w in ("you", "it") or w in SELVES or (w in OBJECTS and not (
            w == "her" and (singular(nxt) or nxt in ADJ))):
        c.det = "subject" if w in SUBJECTS else "object" if w in OBJECTS else "self" if w in SELVES else "pronoun"
        c.number = "p" if w in W("we they you us them") else "s"
        return c, i + 1
    if raw[i][0].isupper() and w not in CLOSED and (i > 0 or not (singular(w) or w in ADJ or w in VERBS)):
        c.det = "name"
        return c, i + 1
    if w in DETS or w == "her":
        c.det = w
        i += 1
        if i + 1 < len(words) and words[i] == "of" and w in W("some any one each several many few"):
            inner = noun_phrase(words, raw, i + 1, faults)
            if inner is None or inner[0].number != "p" or inner[0].det not in W("the these those his her their our my"):
                return None
            c.number = "s" if w in ("one", "each") else "p"
            return c, inner[1]
        if i < len(words) and words[i] in DETS:
            if words[i] in PLUR: return None
            faults.append((3, "two determiners"))
            i += 1
    start = i
    while i < len(words) and words[i] in ADJ:
        i += 1
    if i >= len(words): return None
    c.word = singular(words[i])
    if not c.word:
        # An unknown word is a noun where only the end of a noun phrase can stand.
        after = words[i + 1] if i + 1 < len(words) else "in"
        if not c.det or c.det == "much" or words[i] in CLOSED or words[i] in VERBS or after not in (
                PREPS | BE | HAVE | MODALS | W("of")) or re.search(r"(ss|us|is|ed|ing|ly|er|est)$", words[i]):
            return None
        c.word = words[i]
        c.number = "p" if c.word.endswith("s") else "s"
    else:
        c.number = "m" if words[i] in MASS else "s" if words[i] in NOUNS else "p"
    i += 1
    if not c.det and c.number == "s": return None
    if (c.det in SING and c.number != "s") or (c.det in PLUR and c.number != "p") or (c.det == "much" and c.number != "m"):
        faults.append((3, "determiner does not fit the noun"))
    if c.det in ("a", "an"):
        first = words[start][0]
        if first in "uhoye" or (first in "ai") != (c.det == "an"):
            return None if first in "uhoye" else noun_fault(c, i, faults)
    if start == i - 1 and i < len(words) and words[i] in ADJ:
        after = words[i + 1] if i + 1 < len(words) else ""
        if after in BE | HAVE | MODALS or words[i] in VERBS: pass_on = after in BE | HAVE | MODALS
        else: pass_on = after == "" or after in PREPS or (after in VERBS and not singular(after))
        if pass_on:
            faults.append((3, "adjective after its noun"))
            i += 1
    if i + 1 < len(words) and words[i] == "of":
        inner = noun_phrase(words, raw, i + 1, faults)
        if inner is None or inner[0].det in W("self subject object pronoun any no"): return None
        i = inner[1]
    return c, i
def noun_fault(c, i, faults):
    faults.append((3, "a or an"))
    return c, i
def chunks_of(words, raw, faults):
    out, i = [], 0
    while i < len(words):
        w = words[i]
        before = out[-1].tag if out else ""
        verb_place = before in ("N", "M", "H", "D", "X", "R") and not (before == "N" and len(out) > 1 and out[-2].tag == "V")
        if w in TAGS:
            out.append(Chunk(TAGS[w], w))
            i += 1
        elif w in VERBS and verb_place and not (before in "HR" and singular(w)):
            out.append(Chunk("V", w))
            i += 1
        elif before in ("B", "O", "X", "R") and (w in ADJ or comparative(w)) and (
                i + 1 == len(words) or words[i + 1] in PREPS or words[i + 1] == "than"):
            out.append(Chunk("A", w))
            i += 1
        else:
            found = noun_phrase(words, raw, i, faults)
            if found is None: return None
            out.append(found[0])
            i = found[1]
    return out
def fits(subject, w, form=""):
    if subject.word == "i" and subject.det == "subject":
        return w in ("was", "have", "had", "do", "did") or form == "base"
    if w in ("had", "did"): return True
    return (w in ("is", "was", "has", "does") or form == "s") == (subject.number != "p")
def object_signals(verb, chunks, k, subject, negative, modal, gap, faults):
    """Signals about what follows the verb at chunk k - 1. False: no answer."""
    kind = KIND[verb]
    if k >= len(chunks) or chunks[k].tag != "N":
        if kind == "t": faults.append((3, "missing object"))
        return kind != "b"
    o = chunks[k]
    if kind == "i":
        if o.det == "self": return False
        faults.append((3, "object after an intransitive verb"))
    if o.det == "subject": faults.append((3, "subject pronoun as object"))
    if o.det == "any" and not negative: faults.append((1 if modal else 3, "any without negation"))
    if o.det == "no" and negative: return False
    if o.det == "self":
        right = REFLEXIVE.get(subject.word, "") if subject.det == "subject" else ""
        if not right and subject.word in PEOPLE and subject.det not in W("every each no any some name few many"):
            right = "themselves" if subject.number == "p" else "himself" if subject.word in MALE else (
                "herself" if subject.word in FEMALE else "")
        if not right: return False
        if o.word != right: faults.append((3, "reflexive does not fit"))
    return True
def judge(words, raw, question):
    faults = []
    chunks = chunks_of(words, raw, faults)
    if chunks is None: return None
    tags = "".join([c.tag for c in chunks])
    for k in range(1, len(chunks)):
        if chunks[k - 1].tag == "P" and chunks[k].det in W("self subject object pronoun any"): return None
    places = "(PN)*$"
    if question:
        m = re.match(r"W?[DM]NV", tags)
        if m and re.fullmatch("W?[DM]NVN?(PN)*", tags):
            k = len(m.group(0))
            s, v = chunks[k - 2], chunks[k - 1].word
            if s.det in W("self any no"): return None
            if s.det == "object": faults.append((3, "object pronoun as subject"))
            if chunks[k - 3].tag == "D" and not fits(s, chunks[k - 3].word): faults.append((3, "agreement"))
            if "base" not in VERBS[v]["forms"]: faults.append((3, "verb form in a question"))
            return faults if object_signals(VERBS[v]["verb"], chunks, k, s, True, False, False, faults) else None
        if re.match(r"WN[DM]V", tags) or (re.match("WNV", tags) and VERBS[chunks[2].word]["forms"] != {"base"}):
            faults.append((3, "question without inversion"))
            return faults
        return None
    if re.match("EBX?N" + places, tags):
        n = chunks[2] if tags[2] == "N" else chunks[3]
        if n.det in W("name self subject object pronoun the this that these those every each his her their our my any"):
            return None
        if not fits(n, chunks[1].word): faults.append((3, "there with the wrong number"))
        return faults
    if not chunks or chunks[0].tag != "N" or chunks[0].det in ("self", "any"): return None
    s = chunks[0]
    if s.det == "object": faults.append((3, "object pronoun as subject"))
    negative = s.det in ("no", "few") or any(c.word in ("not", "never", "rarely") for c in chunks[1:4])
    if re.match("NBX?A?" + places, tags):
        if not fits(s, chunks[1].word): faults.append((3, "agreement"))
        return None if re.search("BX?$", tags) or any(comparative(c.word) for c in chunks if c.tag == "A") else faults
    if re.fullmatch("NBX?O?ACN", tags):
        a = chunks[-3].word
        if not fits(s, chunks[1].word): faults.append((3, "agreement"))
        if "O" in tags and comparative(a):
            faults.append((3, "double comparative"))
        elif "O" in tags and len(a) < 6:
            return None
        elif "O" not in tags and not comparative(a):
            faults.append((3, "than without a comparative"))
        return faults
    m = re.match("N([MHD]X?)?R?V", tags)
    if m and re.fullmatch("N([MHD]X?)?R?VN?(PN)*", tags):
        k = len(m.group(0))
        aux, v = chunks[1], chunks[k - 1].word
        forms = VERBS[v]["forms"]
        if aux.tag in "MHD":
            if aux.tag == "D" and "X" not in tags: return None
            if aux.tag != "M" and not fits(s, aux.word): faults.append((3, "agreement"))
            if ("part" if aux.tag == "H" else "base") not in forms:
                faults.append((3, "verb form after " + aux.word))
        elif forms == {"part"}:
            faults.append((3, "participle without an auxiliary"))
        elif "past" not in forms and not fits(s, "", "s" if "s" in forms else "base"):
            faults.append((3, "agreement"))
        good = object_signals(VERBS[v]["verb"], chunks, k, s, negative, aux.tag == "M", False, faults)
        return faults if good else None
    if re.match("NNV" + places, tags) and chunks[1].det in DETS and "past" in VERBS[chunks[2].word]["forms"]:
        faults.append((3, "object before the verb"))
        return faults
    if re.match("NN" + places, tags) and chunks[1].det == "the":
        faults.append((3, "no verb"))
        return faults
    return None
def run(text: str):
    body = text.strip()
    if not re.fullmatch(r"[A-Z][A-Za-z ]*[.?]", body): return None
    raw = body[:-1].split()
    if len(raw) < 3 or len(raw) > 16: return None
    words = [w.lower() for w in raw]
    if words[0] == "yesterday":
        # The time in front changes nothing else, but the verb must be a past form.
        words, raw = words[1:], raw[1:]
        past = any("past" in VERBS[w]["forms"] for w in words if w in VERBS)
        if body[-1] == "?" or not (past or any(w in ("was", "were", "had", "did") for w in words)): return None
    faults = judge(words, raw, body[-1] == "?")
    if faults is None: return None
    weight = sum([f[0] for f in faults])
    if weight == 0:
        return ("yes", "known pattern, no fault")
    return ("no", faults[0][1]) if weight >= 3 else None

import re

# Words that open a plain test sentence about everyday things.
DETERMINERS = set("""the a an this that these those some any every each no all both several many most few
much little neither either another half one two three four five six seven eight nine ten
my his her its their our your""".split())
PRONOUNS = set("""he she it they we i you who whom someone somebody everyone everybody nobody nothing
something everything anyone anybody there none himself herself themselves""".split())
QUESTION = set("what which where when why how whose who whom".split())
AUX = set("""did do does is are was were has have had will would can could should shall may might must
don't doesn't didn't isn't aren't wasn't weren't hasn't haven't hadn't won't can't couldn't
shouldn't wouldn't""".split())
OTHER_START = set("""only never rarely seldom hardly not yesterday often in at on near behind under beside
to by from with if because while after before although when""".split())
OPENERS = DETERMINERS | PRONOUNS | QUESTION | AUX | OTHER_START

PREPOSITIONS = set("in at on near behind under beside to by from with of for into over".split())
ENGLISH = DETERMINERS | PRONOUNS | QUESTION | AUX | PREPOSITIONS | set("""him them me us
and or that than be been being not ever never himself herself themselves itself myself""".split())

# Small words of other languages that are no English words.
FOREIGN = set("""der das und ist nicht ein eine einen mit auf von zu zum zur ihr ihre sie wir bitte wurde
le la les des du un une est et pour avec dans sur vous nous votre il lo gli della del di che per con sono
el los las para por su usted es jest nie na prosimy pan pani het een van voor niet uw
je mon ma sa ses che stato stata os da em uma seu sua""".split())

# Words of letters, forms and notes: a clear sign.
LETTER_WORDS = set("""please dear thanks thank regards sincerely hello hi kindly email e-mail mailbox
invoice invoices iban passport username password ssn fax website birthday""".split())

# Words that would be unusual in a plain grammar sentence: be unsure.
OFFICE_WORDS = set("""call called phone telephone contact contacted address contract account accounts
order orders ordered download upload customer customers client clients meeting meetings appointment office
payment payments bank card number numbers code data file files form forms server user users login log
version model chapter page section update report reports department company product products delivery
shipment parcel tax insurance license licence patient patients employee employees manager support ticket
tickets request requests reply replied message messages system software error born name names named
married security social policy project team month year week monday tuesday wednesday thursday friday
saturday sunday january february march april june july august september october november december
registered subscription refund complaint application visit century chief percent
calendar matters difference between capital country population history meaning recipe weather
grew studied graduated retired lives lived works worked cousins youngest oldest""".split())

IRREGULAR = set("""saw seen sold bought found took taken gave given made broke broken stole stolen hid
hidden held kept left lost brought caught drew drawn threw thrown wrote read sang ate drank drove rode
ran sat stood slept came went knew thought said told heard felt met built cut put shook shaken tore
wore won taught sent chose hung swept swam flew forgot fed led paid lent spent bit dug fell rose woke
see sees sell buy find take give make break steal hide hold keep leave lose bring catch draw throw
write sing eat drink shake clean wash carry move watch want wants thinks knows likes says sleeps
carries washes cleans moves watches takes gives hides shakes finds sells buys holds keeps""".split())

# Verbs that open a request or an instruction; then the first word is no name.
COMMANDS = set("""bring take give make send write read open close keep put leave find see check add use
turn click press enter fill sign set move wash clean watch carry hold draw sell buy let mind note
remember review return start stop try wait ask tell show mix stir cook bake cut remove save print""".split())

# Prepositions that put a capitalised word in the role of a place.
PLACE_PREPOSITIONS = set("in from near at into around outside".split())


def plain(word):
    return word.lower().replace("\u2019", "'")


def has_past_verb(low):
    for w in low:
        if w in AUX or w in IRREGULAR:
            return True
        if len(w) > 4 and w.endswith("ed"):
            return True
    return False


def is_place(low, k):
    # "near the bank", "at the office": ordinary places of a test sentence.
    return low[k] in ("bank", "office") and k >= 2 and low[k - 1] == "the" and low[k - 2] in PREPOSITIONS


def run(text: str):
    body = text.strip()
    if not body:
        return None

    # 1. Layout and characters that a single plain sentence does not have.
    if "\n" in body:
        return ("pii", "several lines")
    if re.search(r"[0-9]", body):
        return ("pii", "has digits")
    if re.search(r"[@#$%&/\\_=<>\[\]{}|+~^]", body):
        return ("pii", "symbols")
    if re.search(r"[:;()]", body):
        return ("pii", "form or letter punctuation")
    body = body.replace("\u2019", "'")
    for ch in body:
        if ord(ch) > 127:
            return ("pii", "not plain English letters")
    if "\"" in body or " - " in body or "--" in body:
        return None

    words = words_of(body)
    if not words:
        return None
    low = [plain(w) for w in words]

    # 2. Words of letters and of other languages.
    if any(w in LETTER_WORDS for w in low):
        return ("pii", "letter vocabulary")
    english = len([w for w in low if w in ENGLISH])
    foreign = len([w for w in low if w in FOREIGN])
    if foreign >= 2 and foreign > english:
        return ("pii", "other language")
    if foreign >= 1:
        return None

    # 3. More than one sentence, initials, titles.
    if len(sentences_of(body)) > 1 or re.search(r"[.!?]\s+\S", body):
        return ("pii", "several sentences") if len(words) > 4 else None
    if any(len(w) >= 2 and w.isupper() for w in words):
        return ("pii", "abbreviation")

    # 4. Capitals: test sentences have single first names only.
    capital = [w[0].isupper() and plain(w) != "i" and not plain(w).startswith("i'") for w in words]
    inner_capitals = len([c for c in capital[1:] if c])
    ended = body[-1] in ".?"
    if not ended:
        if len(words) >= 3 and inner_capitals >= 2:
            return ("pii", "heading or label")
        return None
    for k in range(1, len(words) - 1):
        if capital[k] and capital[k + 1]:
            after_aux = low[k - 1] in AUX
            if after_aux:
                return None
            return ("pii", "full name")
    places = 0
    for k in range(1, len(words)):
        if capital[k] and low[k - 1] in PLACE_PREPOSITIONS:
            places += 1
    if places >= 2:
        return ("pii", "names of places")
    if places == 1:
        return None
    if len(words) > 1 and capital[0] and capital[1]:
        if low[0] not in OPENERS:
            return None
        if low[0] in DETERMINERS:
            return None
    if inner_capitals > 3:
        return None

    # 5. What is left must look like one short plain English sentence.
    if not re.fullmatch(r"[A-Za-z' ,-]+[.?]", body):
        return None
    if len(words) < 3 or len(words) > 16:
        return None
    if not capital[0] and low[0] != "i":
        return None

    # A question after a fact or a definition is a request to an assistant or a note.
    if low[0] == "what" and low[1] in ("is", "are") and "difference" in low:
        return ("pii", "general knowledge question")
    if low[0] in ("what", "how", "why", "when") and low[1] in ("is", "are", "do", "can", "should"):
        return None
    if low[0] == "how" and low[1] in ("many", "much", "long", "far", "old"):
        return None

    for k in range(len(low)):
        if low[k] in OFFICE_WORDS and not is_place(low, k):
            return None
    if body.count(",") > 1:
        return None
    if english < 1:
        return None

    if low[0] in OPENERS or low[0] == "i":
        return ("acceptability", "one plain sentence")

    # A first name (or bare noun) as subject, then a verb, auxiliary or adverb.
    second = low[1]
    if second in AUX or second in ("and", "or", "never", "himself", "herself"):
        return ("acceptability", "name and auxiliary")
    if second.endswith("ed") or second.endswith("ly"):
        return ("acceptability", "name and verb")
    if second in IRREGULAR:
        return ("acceptability", "name and verb")

    # A name before another noun phrase: the words of a sentence in a wrong order.
    if second in DETERMINERS and low[0] not in COMMANDS and has_past_verb(low[2:]):
        if "you" not in low and "your" not in low:
            return ("acceptability", "name before noun phrase")
    return None

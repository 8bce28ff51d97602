import re

# The text is cut into groups of digits. Groups with the form of a date, an amount, an account, an identity number or a
# code with letters are left out; the others are judged by their form and by the words before them.
# Words are known by their first four letters, which also covers the endings in other languages.

PHONE_STARTS = set("""phon tele télé telé mobi móvi port komó cell celu hand what hotl call dial bell ruft anru rufe rufn
llam chia appe liga ligu dzwo zadz reac erre bere cont kont ring""".split())
PHONE_WORDS = set("tel tél bel ruf sms fon ph mob cel gsm".split())
NOT_PHONE = set("contract contracts contrat contrato contratto contract's telegram konto kontonummer portal porto port".split())
ID_STARTS = set("""orde ordi pedi comm best zamó tick invo fakt fact rech fatt fatu vert umow avta acco kont comp cuen
cont reke soci sozi secu sécu sozi pese rego cnpj pers codi fisc steu pass pasz ausw lice insu vers pati cust kund klan
clie memb mitg seri mode trac parc pack pake pakk pacz ship refe case buil tran card kart cart iban isbn code popu inha
arti rout zip post room devi imei""".split())
ID_WORDS = set("ssn nir bsn nip cpf dni nie tax part ref vat id uid pin kod sku blz box apt ean no nr n num numer".split())
NEUTRAL = set("no nr n num numer number nummer número numéro numero".split())
SEPARATORS = " .-/()"


def label_before(line, start):
    """'phone', 'fax', 'id', 'neutral' or '': the nearest telling word before a number."""
    near = line[max(0, start - 45):start].lower()
    for k in range(len(near) - 1, -1, -1):
        if near[k].isdigit():
            near = near[k + 1:]
            break
    letters = "".join([c if c.isalpha() else " " for c in near])
    result = ""
    for w in reversed(letters.split()):
        if w == "fax" or w.startswith("telefax") or w.startswith("telefaks") or w.startswith("téléfax"):
            return "fax"
        if w in PHONE_WORDS or (w[:4] in PHONE_STARTS and w not in NOT_PHONE):
            return "phone"
        if w in NEUTRAL:
            result = "number" if len(w) > 3 and result != "neutral" else "neutral"
        elif w in ID_WORDS or w[:4] in ID_STARTS:
            return "id"
    if near.rstrip().endswith("#") or near.rstrip().endswith("№"):
        return "id"
    return result


def groups_of(line):
    """(start, end) of the groups: digits with at most two separators between them."""
    out, i, n = [], 0, len(line)
    while i < n:
        if not line[i].isdigit():
            i += 1
            continue
        start = i
        if start > 0 and line[start - 1] == "(":
            start -= 1
        if start > 0 and line[start - 1] == "+":
            start -= 1
        elif start > 1 and line[start - 1] == " " and line[start - 2] == "+":
            start -= 2
        end = i
        while end < n:
            if line[end].isdigit():
                end += 1
            elif line[end] in SEPARATORS:
                k = end + 1
                while k < n and k < end + 3 and line[k] in SEPARATORS:
                    k += 1
                if k < n and line[k].isdigit():
                    end = k
                else:
                    break
            else:
                break
        out.append((start, end))
        i = end
    return out


def is_date(part):
    m = re.fullmatch(r"(\d{1,4})([-/.])(\d{1,2})\2(\d{1,4})", part)
    if not m:
        return False
    a, b, c = m.group(1), int(m.group(3)), m.group(4)
    if len(a) == 4:
        return 1 <= b <= 12 and len(c) <= 2 and 1 <= int(c) <= 31
    if len(a) > 2 or len(c) not in (2, 4):
        return False
    if len(c) == 4 and not 1500 <= int(c) <= 2199:
        return False
    a = int(a)
    return (1 <= a <= 31 and 1 <= b <= 12) or (1 <= a <= 12 and 1 <= b <= 31)


def without_dates(line, start, end):
    """The group, cut where a date stands in it: list of (start, end)."""
    parts, k, current = [], start, start
    while k < end:
        stop = line.find(" ", k, end)
        if stop < 0:
            stop = end
        if is_date(line[k:stop]):
            if current < k:
                parts.append((current, k))
            current = stop
        k = stop + 1
    if current < end:
        parts.append((current, end))
    return parts


def is_number_of_person(s):
    """Social security, tax and personal numbers that have a form of their own."""
    if re.fullmatch(r"\d{3}-\d{2}-\d{4}", s) or re.fullmatch(r"\d{3}\.\d{3}\.\d{3}-\d{2}", s):
        return True
    if re.fullmatch(r"\d{2}\.\d{3}\.\d{3}/\d{4}-\d{2}", s):
        return True
    m = re.fullmatch(r"(\d\d)?\d\d(\d\d)(\d\d)-\d{4}", s)
    return m is not None and 1 <= int(m.group(2)) <= 12 and 1 <= int(m.group(3)) <= 31


def is_amount_or_code(line, start, end, s):
    before = line[start - 1] if start > 0 else " "
    after = line[end] if end < len(line) else " "
    if before in "$€£¥" or after in "%€£$" or (before == " " and start > 1 and line[start - 2] in "$€£¥"):
        return True
    if s.startswith("+"):
        return False
    if before.isalpha() or before == "_" or after.isalpha() or after == "_":
        return True
    if before in "-/." and start > 1 and line[start - 2].isalnum():
        return True
    # A version or the number of a machine.
    if re.fullmatch(r"\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}", s) or re.fullmatch(r"\d{1,2}\.\d{1,3}\.\d{1,3}", s):
        return True
    if re.fullmatch(r"\d+\.\d+", s) or re.fullmatch(r"(1[5-9]|20)\d\d ?[-/] ?(1[5-9]|20)\d\d", s):
        return True
    # An account in blocks: NL12 ABNA 0417 1643 00.
    if re.fullmatch(r"[^A-Za-z0-9][A-Z]{2}\d\d [A-Z]{4} ", (" " + line[:start])[-11:]):
        return True
    token_start = line.rfind(" ", 0, start) + 1
    token_end = line.find(" ", end)
    token = line[token_start:] if token_end < 0 else line[token_start:token_end]
    if "://" in token or token.startswith("www."):
        return True
    if "@" in token and (before in "@.+-_" or after in "@.+-_"):
        return True
    return False


def form_of(s, digits):
    """'strong', 'weak' or 'none' for the form of a group."""
    n = len(digits)
    if s.startswith("+") or s.startswith("(+"):
        return "strong" if 8 <= n <= 15 and digits[0] != "0" else "weak" if n >= 6 else "none"
    if n < 6 or n > 15:
        return "none"
    if n >= 13 and (luhn(digits) or re.fullmatch(r"\d{4}([ -]\d{4}){3}", s)):
        return "none"
    if re.match(r"\(\d{2,5}\)[ -]?\d", s):
        return "strong" if 8 <= n <= 12 else "weak"
    if re.fullmatch(r"(1[-. ])?\(?[2-9]\d\d\)?[-. ][2-9]\d\d[-. ]\d{4}", s):
        return "strong"
    if digits.startswith("00"):
        return "strong" if 11 <= n <= 15 and " " in s else "weak"
    if 8 <= n <= 12 and re.match(r"0\d{1,4}[ /-]\d", s):
        return "strong"
    if re.fullmatch(r"0\d(\.\d\d){4}", s):
        return "strong"
    # American and Brazilian post codes.
    if re.fullmatch(r"\d{5}-\d{3,4}", s):
        return "none"
    return "weak"


def is_log_line(line):
    """Status codes and sizes of a server's log."""
    return "HTTP/" in line or any(" " + w in line for w in ("INFO", "WARN", "ERROR", "DEBUG", "TRACE", "FATAL"))


def spoken(text):
    """Six or more digits in words one after another."""
    count = 0
    for w in text.lower().replace("-", " ").replace(",", " ").split():
        if w in ("zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"):
            count += 1
            if count >= 6:
                return True
        else:
            count = 0
    return False


def run(text: str):
    for ch in "\u00a0\u202f\u2009":
        text = text.replace(ch, " ")
    for ch in "\u2010\u2011\u2012\u2013":
        text = text.replace(ch, "-")
    if spoken(text) or "***" in text or "XXX" in text or "xxx" in text:
        return None
    unsure = False
    for line in text.split("\n"):
        for group in groups_of(line):
            for start, end in without_dates(line, group[0], group[1]):
                s = line[start:end].strip(" .-/")
                digits = digits_of(s)
                if not digits:
                    continue
                start = line.find(s, start)
                end = start + len(s)
                if is_amount_or_code(line, start, end, s) or is_number_of_person(s):
                    continue
                form = form_of(s, digits)
                if form == "none" and not 3 <= len(digits) <= 5:
                    continue
                label = label_before(line, start)
                if form == "none":
                    # A short number directly after "call" may be one.
                    last = line[:start].rstrip(" :.").lower()
                    if label == "phone" and (last.endswith("call") or last.endswith("dial") or last.endswith("phone") or
                                             last.endswith("tel")):
                        unsure = True
                elif label == "fax":
                    unsure = True
                elif label == "phone" and (form == "strong" or 7 <= len(digits) <= 13):
                    return ("yes", "number after a telephone word")
                elif form == "strong" and (label in ("", "number") or s.startswith("+") or s.startswith("(+")):
                    return ("yes", "form of a telephone number")
                elif form == "weak" and label in ("id", "neutral"):
                    if " " in s and label == "neutral" or "(" in s:
                        unsure = True
                elif form == "weak" and label == "" and is_log_line(line) and "(" not in s:
                    continue
                else:
                    unsure = True
    if unsure:
        return None
    return ("no", "no number of that form")

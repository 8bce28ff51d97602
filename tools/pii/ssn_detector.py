import re

# A US social security number has nine digits, written 3-2-4 (sometimes with blanks or without any separator).
# The 3-2-4 form counts unless another word names the number; the bare nine digits count only after such a label.

LABEL = r"\bssns?\b|\bs\.s\.n\b|social[\s_-]*security|\bsoc\.? ?sec|\b(?:my|your|his|her|their|the) social\b|\bsocial (?:is|number|no)\b|\bsocial\s*[:#=]"
# Words that say that the number is something else.
OTHER = set("""part serial order ticket invoice model item sku product phone telephone tel fax call dial mobile cell
account acct iban routing reference ref case contract tracking parcel package license licence passport policy claim member
membership employee patient ein itin tin vat tax isbn article catalog catalogue version build room extension document form
file key code coupon voucher batch lot barcode registration plate booking reservation flight personnummer cpf pesel bsn
steuer steuernummer konto faktura rechnung commande pedido ordine bestelling""".split())
# Words that say that the number is no real one.
UNREAL = r"\b(?:fake|invalid|example|sample|dummy|placeholder|format|formatted|like|not an? (?:ssn|social)|isn't an? ssn)\b"
DASHES = "\u2010\u2011\u2012\u2013\u2212"


def lower(s):
    return s.lower()


def possible(digits):
    """None of the three parts is all zeros; 666 and 9.. are never given out."""
    if digits[:3] in ("000", "666") or digits[3:5] == "00" or digits[5:] == "0000":
        return False
    return digits[0] != "9"


def near_before(text, start):
    """The text before a number on the same line, back to the previous group of three digits or more."""
    line = text[text.rfind("\n", 0, start) + 1:start][-60:]
    k = len(line)
    digits = 0
    while k > 0:
        if line[k - 1].isdigit():
            digits += 1
            if digits >= 3:
                return line[k + 2:]
        else:
            digits = 0
        k -= 1
    return line


def has_other_word(near):
    words = re.split(r"[^a-zäöüåéèçñóąćęłńśźż]+", lower(near))
    return any(w in OTHER for w in words[-6:])


def labelled(near):
    found = -1
    low = lower(near)
    for m in re.finditer(LABEL, low):
        found = m.end()
    if found < 0:
        return False
    # A later word for another number takes the label away: "SSN on file, order 123-45-6789".
    return not has_other_word(low[found:])


def column_label(text, start):
    """True where a header line of a table names such a column, or a label line stands right above."""
    lines = text[:start].split("\n")
    if len(lines) < 2:
        return False
    head, row = lower(lines[0]), lines[-1]
    for sep in (",", ";", "|", "\t"):
        if sep in head and sep in row:
            cells = [c.strip() for c in head.split(sep)]
            k = row.count(sep)
            return k < len(cells) and re.search(LABEL, cells[k]) is not None
    above = [x for x in lines[:-1] if x.strip()]
    return row.strip() == "" and len(above) > 0 and len(above[-1]) < 40 and re.search(LABEL, lower(above[-1])) is not None


def run(text: str):
    for ch in DASHES:
        text = text.replace(ch, "-")
    for ch in "\u00a0\u202f":
        text = text.replace(ch, " ")
    low = lower(text)
    mentioned = re.search(LABEL, low) is not None
    unsure = False

    # The usual form.
    for m in re.finditer(r"\d{3}-\d{2}-\d{4}", text):
        before = text[m.start() - 1] if m.start() > 0 else " "
        after = text[m.end()] if m.end() < len(text) else " "
        after2 = text[m.end() + 1] if m.end() + 1 < len(text) else " "
        near = near_before(text, m.start())
        label = labelled(near) or column_label(text, m.start())
        if before.isalnum() or before in "_$€/+" or after.isalnum() or after == "_":
            # Part of a longer code.
            unsure = unsure or label
            continue
        if (before == "-" and m.start() > 1 and text[m.start() - 2].isalnum()) or (after == "-" and after2.isalnum()):
            unsure = unsure or label
            continue
        if before == "." and m.start() > 1 and text[m.start() - 2].isdigit():
            unsure = True
            continue
        if not possible(digits_of(m.group(0))):
            unsure = True
            continue
        if re.search(UNREAL, low):
            unsure = True
            continue
        if label:
            return ("yes", "3-2-4 after its label")
        if has_other_word(near):
            unsure = True
            continue
        return ("yes", "form 3-2-4")

    # Other ways to write it count only with a label.
    if mentioned:
        for m in re.finditer(r"\d{3}([ .]?)\d{2}\1\d{4}", text):
            before = text[m.start() - 1] if m.start() > 0 else " "
            after = text[m.end()] if m.end() < len(text) else " "
            if before.isalnum() or after.isalnum() or before in "+-_/$" or after in "-_/":
                continue
            near = near_before(text, m.start())
            if labelled(near) or column_label(text, m.start()):
                direct = re.search(r"(?:" + LABEL + r")(?: ?(?:number|no|nr|is|was|num))*[\s.:#=\"']*$", lower(near))
                if direct and possible(digits_of(m.group(0))) and not re.search(UNREAL, low):
                    return ("yes", "nine digits after the label")
                unsure = True
        # Hidden digits, or only the last four of them.
        if re.search(r"[x*•#]{2,}[ -]?[x*•#]{2,}|[x*•]{3,}", low):
            unsure = True
        for m in re.finditer(LABEL, low):
            rest = low[m.end():m.end() + 40].split("\n")[0]
            if re.search(r"\d", rest):
                n = re.search(r"\d[\d .-]*", rest).group(0)
                if 4 <= len(digits_of(n)) <= 10 and not re.fullmatch(r"\d{4}-\d\d-\d\d\W*|\d{1,2}[.]\d{1,2}[.]\d{4}\W*", n):
                    unsure = True
        if re.search(r"last (?:four|4)", low):
            unsure = True
    elif re.search(r"[x*]{3}-[x*]{2}-\d{4}", low):
        unsure = True

    if unsure:
        return None
    return ("no", "no number of this form")

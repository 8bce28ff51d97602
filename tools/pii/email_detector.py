import re
import unicodedata

# An address is local@domain.tld. Every at-sign of the text is looked at; what is only similar to an address
# (a handle, a version, a host without a top-level domain, a spelled-out address) is "no" where it is clear, else None.

AT_SIGNS = "\uff20\ufe6b"
# Endings that are rather a file name than a top-level domain.
FILE_ENDINGS = {"png", "jpg", "jpeg", "gif", "svg", "webp", "pdf", "txt", "js", "ts", "jsx", "tsx", "css", "html", "htm",
                "json", "xml", "yml", "yaml", "csv", "doc", "docx", "xls", "xlsx", "exe", "dll", "jar", "service", "timer",
                "local", "localhost", "internal", "lan", "localdomain", "invalid"}


def letter_or_digit(ch):
    return ch.isalnum() or unicodedata.category(ch) in ("Mn", "Mc")


def left_part(text, at):
    """The local part that ends before the at-sign."""
    k = at
    while k > 0 and (letter_or_digit(text[k - 1]) or text[k - 1] in ".!#$%&'*+/=?^_`{|}~-"):
        k -= 1
    return text[k:at]


def right_part(text, at):
    """The domain that starts after the at-sign."""
    k = at + 1
    while k < len(text) and (letter_or_digit(text[k]) or text[k] in ".-"):
        k += 1
    return text[at + 1:k], text[k:k + 1]


def judge_at(text, at):
    """'yes', 'no' or 'unsure' for one at-sign."""
    local = left_part(text, at)
    domain, after = right_part(text, at)
    while domain.endswith(".") or domain.endswith("-"):
        domain = domain[:-1]
        after = "."
    # Quotes, brackets and the like in front are no part of the name.
    local = re.sub(r"^[^\w]+", "", local)

    if not local:
        if at > 0 and text[at - 1] == "\"":
            return "unsure"
        before_blank = at == 0 or text[at - 1].isspace() or text[at - 1] in "([{\"',;:>/.*-"
        # "@name" is a handle, "5 @ $3" a price.
        return "no" if before_blank or not domain else "unsure"
    if not domain:
        if after == "[":
            return "unsure"
        if after == "" or after.isspace() or after in "$€£":
            return "no" if re.fullmatch(r"[\d.,x]+", local) else "unsure"
        return "unsure"

    # https://user:secret@host.com/ and git@host.com:path are places of a service.
    head = re.search(r"\S*$", text[:at]).group(0)
    if "://" in head:
        return "unsure"
    if after == ":" and re.match(r"[\w~./-]*/", text[at + 1 + len(domain) + 1:]):
        return "unsure"
    if after == "/" or after == "@" or text[at + 1:].startswith("@"):
        return "unsure"

    labels = domain.split(".")
    if len(labels) < 2:
        return "unsure"
    if any(x == "" or x.startswith("-") or x.endswith("-") for x in labels):
        return "unsure"
    if re.fullmatch(r"[v^~]?\d+(\.\w+)*", domain):
        # package@1.2.3 is a version; a machine's number is left open.
        return "unsure" if re.fullmatch(r"\d+\.\d+\.\d+\.\d+", domain) else "no"
    top = labels[-1].lower()
    if top in FILE_ENDINGS:
        return "unsure"
    if not (re.fullmatch(r"[a-z]{2,24}", top) or top.startswith("xn--") or (
            len(top) >= 2 and all(letter_or_digit(c) and not c.isdigit() for c in top))):
        return "unsure"
    if local.startswith(".") or local.endswith(".") or ".." in local or len(local) > 64:
        return "unsure"
    return "yes"


def spelled_out(text):
    """name (at) domain (dot) com, name at domain dot com, name%40domain.com"""
    low = text.lower()
    if re.search(r"[\[({<]\s*(at|arroba|chiocciola|ät|klammeraffe|dot|punkt|punto|point)\s*[\])}>]", low):
        return True
    if re.search(r"\w\s+(at|arroba|chiocciola|aet|arobase|małpa|snabel-a|apenstaartje)\s+[\w-]+\s+(dot|punkt|punto|ponto|point|punt|kropka)\s+\w", low):
        return True
    if re.search(r"\w(_at_|-at-|\.at\.)\w+[\w.-]*(_dot_|-dot-|\.)[a-z]{2,}", low):
        return True
    if re.search(r"%40|&#0*64;|&#x0*40;|&commat;|\\u0040|=40\w+\.", low):
        return True
    if re.search(r"\b[\w.+-]+ at [\w-]+\.(com|org|net|edu|de|fr|it|es|pl|nl|se|uk|io|br)\b", low):
        return True
    return re.search(r"\barroba\b|\bchiocciola\b|\barobase\b", low) is not None


def run(text: str):
    for sign in AT_SIGNS:
        text = text.replace(sign, "@")
    # Invisible characters inside an address do not count.
    for ch in "\u200b\u200c\u200d\u00ad\ufeff":
        text = text.replace(ch, "")

    verdicts = []
    for k in range(len(text)):
        if text[k] == "@":
            verdicts.append(judge_at(text, k))
    if "yes" in verdicts:
        return ("yes", "name@domain with a top-level domain")
    if "unsure" in verdicts:
        return None
    if spelled_out(text):
        return None
    # An address broken by blanks around the at-sign.
    if re.search(r"[\w.+-]+\s+@\s*[\w-]+\.[A-Za-z]{2,}|[\w.+-]+@\s+[\w-]+\.[A-Za-z]{2,}", text):
        return None
    if verdicts:
        return ("no", "at-sign without an address")
    return ("no", "no at-sign")

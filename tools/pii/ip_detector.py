import re

# Version 4: four numbers of 0 to 255 with dots, standing alone. Version 6: up to eight groups of hexadecimal digits
# with colons, exactly eight of them or one "::" for the missing ones. Versions, hardware addresses, times and
# fingerprints are similar and left out; doubtful ones give None.

VERSION_WORDS = set("""version versions ver v release releases build firmware driver section sections chapter paragraph
clause article rev revision update upgrade upgraded patch software kapitel abschnitt wersja versione versión versie
oid agent rule annex appendix figure table""".split())
IP_WORDS = set("""ip ips ipv4 ipv6 inet inet6 host hosts address addr addresse adresse adres indirizzo server client from
printer proxy gateway dns ping port subnet netmask lease peer remote src dst router node""".split())
HEX = "0123456789abcdefABCDEF"


def words_before(text, start):
    """The last three words before a place on the same line."""
    line = text[text.rfind("\n", 0, start) + 1:start][-40:].lower()
    words = re.findall(r"[a-z]+[46]?", line)
    return words[-3:]


def version_4(text):
    """'yes', 'no' or 'unsure'."""
    verdict = "no"
    for m in re.finditer(r"\d+(?:\.\d+)+", text):
        found = m.group(0)
        parts = found.split(".")
        if len(parts) != 4:
            continue
        if any(len(p) > 3 or int(p) > 255 for p in parts):
            continue
        before = text[m.start() - 1] if m.start() > 0 else " "
        before2 = text[m.start() - 2] if m.start() > 1 else " "
        after = text[m.end()] if m.end() < len(text) else " "
        after2 = text[m.end() + 1] if m.end() + 1 < len(text) else " "
        words = words_before(text, m.start())
        # Glued to letters it is a version or a part of a name.
        if before.isalpha() or before == "_" or after.isalpha() or after == "_":
            if before.lower() != "v" or before2.isalnum():
                verdict = "unsure"
            continue
        if before in "-+.$€£" and before2.isalnum() or before in "$€£" or (after == "-" and after2.isalnum()):
            verdict = "unsure"
            continue
        if before == "/" and before2.isalpha():
            # curl/7.1.2.3 or a path
            verdict = "unsure"
            continue
        if any(len(p) > 1 and p.startswith("0") for p in parts):
            verdict = "unsure"
            continue
        if len(words) > 0 and (words[-1] in VERSION_WORDS or (len(words) > 1 and words[-2] in VERSION_WORDS
                                                              and words[-1] not in IP_WORDS)):
            verdict = "unsure"
            continue
        if all(len(p) <= 1 for p in parts) and not any(w in IP_WORDS for w in words):
            # 1.2.3.4 is as well the number of a chapter or a version.
            verdict = "unsure"
            continue
        return "yes"
    return verdict


def hex_groups(groups):
    return all(0 < len(g) <= 4 and all(c in HEX for c in g) for g in groups)


def judge_6(token, before, after):
    """'yes', 'no' or 'unsure' for a run of hexadecimal digits and colons."""
    if token.count(":") < 2 or ":::" in token:
        return "no"
    glued = before.isalnum() or before == "_" or after.isalnum() or after == "_"
    if token.count("::") > 1:
        return "no"
    if "::" in token:
        left, right = token.split("::")
        # A single colon at the end belongs to the sentence.
        if right.endswith(":"):
            right = right[:-1]
        if left.startswith(":"):
            left = left[1:]
        groups = [g for g in left.split(":") if g] + [g for g in right.split(":") if g]
        if not groups:
            return "unsure"
        if not hex_groups(groups) or len(groups) > 7:
            return "no"
        if glued:
            # std::deque, Face::add
            return "no" if len(groups) <= 2 else "unsure"
        digits = any(c.isdigit() for c in token)
        if len(groups) >= 3 and digits:
            return "yes"
        if left and re.fullmatch(r"(?:2[0-9a-f]{3}|fe80|f[cd][0-9a-f]{2}|ff0[0-9a-f])", left.split(":")[0].lower()):
            return "yes"
        if left == "" and right in ("1",):
            return "yes"
        return "unsure"
    core = token
    if core.startswith(":"):
        core = core[1:]
    if core.endswith(":"):
        core = core[:-1]
    groups = core.split(":")
    if len(groups) != 8:
        # Times have three groups, hardware addresses six, fingerprints sixteen or more.
        return "no"
    if not hex_groups(groups):
        return "no"
    if glued:
        return "unsure"
    if all(len(g) == 2 for g in groups):
        return "unsure"
    return "yes"


def version_6(text):
    verdict = "no"
    k = 0
    while k < len(text):
        if text[k] not in HEX and text[k] != ":":
            k += 1
            continue
        start = k
        while k < len(text) and (text[k] in HEX or text[k] == ":"):
            k += 1
        token = text[start:k]
        if token.count(":") < 2:
            continue
        before = text[start - 1] if start > 0 else " "
        after = text[k] if k < len(text) else " "
        # A label directly in front: "addr:2001:db8::1" leaves a letter before the first colon.
        if token.startswith(":") and not token.startswith("::") and before.isalnum():
            before, token = " ", token[1:]
        elif before.isalpha() and ":" in token and before not in HEX and not token.startswith(":"):
            # "ip6add:..." - the first group has begun inside a word.
            cut = token.index(":")
            rest = token[cut + 1:]
            if judge_6(rest, " ", after) == "yes" and not rest.startswith(":"):
                verdict = "unsure"
                continue
        if after == "." and k + 1 < len(text) and text[k + 1].isdigit():
            after = " "
        result = judge_6(token, before, after)
        if result == "yes":
            return "yes"
        if result == "unsure":
            verdict = "unsure"
    return verdict


def run(text: str):
    four = version_4(text)
    if four == "yes":
        return ("yes", "four numbers with dots")
    six = version_6(text)
    if six == "yes":
        return ("yes", "groups of hexadecimal digits")
    if four == "unsure" or six == "unsure":
        return None
    low = text.lower()
    # Hidden or spelled-out addresses.
    if re.search(r"\d{1,3}\.\d{1,3}\.\d{1,3}\.(?:x|\*|\[)|\d{1,3}\.\d{1,3}\.[x*]{1,3}\.[x*]{1,3}|\d\[\.\]\d|\d\(\.\)\d", low):
        return None
    if re.search(r"\d+ ?(?:dot|punkt|punto|point) ?\d+ ?(?:dot|punkt|punto|point) ?\d+", low):
        return None
    return ("no", "nothing of that form")

import re


def letters_only(word):
    return re.sub(r"[^a-z]", "", word.lower())


def run(text: str):
    m = re.fullmatch(r"\s*(.*?)\bList:\s*(.*?)\s*", text, re.S)
    if not m:
        return None
    task = m.group(1).lower()
    if "alphabetical" not in task or re.search(r"\b(?:reverse|reversed|descending|backwards?|last letter)\b", task):
        return None
    words = m.group(2).split()
    if not words:
        return None
    for word in words:
        if not re.fullmatch(r"[A-Za-z]+(?:['-][A-Za-z]+)*'?", word):
            return None
    plain = sorted(words)
    # marks and capitals may be ordered in several ways: answer only where all of them agree
    if sorted(words, key=lambda w: w.lower()) != plain:
        return None
    if [letters_only(w) for w in plain] != sorted([letters_only(w) for w in words]):
        return None
    keys = [letters_only(w) for w in plain]
    for i in range(len(plain) - 1):
        if keys[i] == keys[i + 1] and plain[i] != plain[i + 1]:
            return None
    return " ".join(plain), "sorted"

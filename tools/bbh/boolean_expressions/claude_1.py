import re

# Each reader gets the tokens and a position and returns (value, next position),
# or None when the tokens are not an expression. "not" binds tightest, then "and", then "or".


def read_atom(tokens, i):
    if i >= len(tokens):
        return None
    token = tokens[i]
    if token == "True":
        return True, i + 1
    if token == "False":
        return False, i + 1
    if token == "(":
        inner = read_or(tokens, i + 1)
        if inner is None:
            return None
        value, j = inner
        if j < len(tokens) and tokens[j] == ")":
            return value, j + 1
    return None


def read_not(tokens, i):
    negate = False
    while i < len(tokens) and tokens[i] == "not":
        negate = not negate
        i += 1
    got = read_atom(tokens, i)
    if got is None:
        return None
    value, j = got
    return (not value if negate else value), j


def read_and(tokens, i):
    got = read_not(tokens, i)
    if got is None:
        return None
    value, i = got
    while i < len(tokens) and tokens[i] == "and":
        got = read_not(tokens, i + 1)
        if got is None:
            return None
        value = got[0] and value
        i = got[1]
    return value, i


def read_or(tokens, i):
    got = read_and(tokens, i)
    if got is None:
        return None
    value, i = got
    while i < len(tokens) and tokens[i] == "or":
        got = read_and(tokens, i + 1)
        if got is None:
            return None
        value = got[0] or value
        i = got[1]
    return value, i


def run(text: str):
    m = re.fullmatch(r"\s*(.*\S)\s+is\s*", text, re.S)
    if not m:
        return None
    expression = m.group(1)
    if len(expression) > 5000:
        return None
    tokens = re.findall(r"[A-Za-z]+|[()]|[^\sA-Za-z()]", expression)
    for token in tokens:
        if token not in ("True", "False", "and", "or", "not", "(", ")"):
            return None
    # very deep nesting is left to the model
    depth = 0
    for token in tokens:
        if token == "(":
            depth += 1
            if depth > 40:
                return None
        elif token == ")":
            depth -= 1
    got = read_or(tokens, 0)
    if got is None or got[1] != len(tokens):
        return None
    return ("True" if got[0] else "False"), "evaluated"

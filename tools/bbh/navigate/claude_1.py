import re

TURNS = {"right": 1, "around": 2, "left": 3}          # quarter turns clockwise
SIDES = {"": 0, "forward": 0, "forwards": 0, "right": 1, "backward": 2, "backwards": 2, "left": 3}
MOVES = [(0, 1), (1, 0), (0, -1), (-1, 0)]             # ahead, right, back, left of the first view


def count_of(word):
    if word.isdigit():
        return int(word)
    return word_number(word)


def run(text: str):
    m = re.search(r"return to (?:the|your) starting point\?(.*)", text, re.S)
    if not m:
        return None
    if re.search(r"\b(?:not|never|fail)\b", text[:m.start(1)]):
        return None
    parts = re.split(r"\n\s*Options:", m.group(1))
    if len(parts) != 2 or sorted(re.findall(r"\w+", parts[1])) != ["No", "Yes"]:
        return None

    x = y = facing = moves = 0
    fixed = turned = False
    for sentence in parts[0].split("."):
        s = " ".join(sentence.split()).lower()
        if not s:
            continue
        if s == "always face forward":
            if moves or turned:
                return None
            fixed = True
            continue
        turn = re.fullmatch(r"turn (left|right|around)", s)
        if turn:
            if fixed:
                return None  # a turn contradicts the fixed view
            facing = (facing + TURNS[turn.group(1)]) % 4
            turned = True
            continue
        step = re.fullmatch(r"take (\w+) steps?(?: (forwards?|backwards?|left|right))?", s)
        if not step:
            return None
        count = count_of(step.group(1))
        if count is None:
            return None
        dx, dy = MOVES[(facing + SIDES[step.group(2) or ""]) % 4]
        x += count * dx
        y += count * dy
        moves += 1
    if moves == 0:
        return None
    if x == 0 and y == 0:
        return "Yes", "all steps cancel"
    return "No", "ends elsewhere"

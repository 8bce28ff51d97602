"""Python that is loaded before every program: it calls the program and packs what it returns.

The packing happens inside, because Monty hands a function or a cyclic list to the host as a string."""

PRELUDE = """\
def print(*args, **kwargs):
    pass


def _sd_room(value, room):
    kind = type(value)
    if value is None or kind is bool:
        return room - 4
    if kind is str:
        return room - len(value)
    if kind is int:
        return room - 20 if -(2 ** 63) < value < 2 ** 63 else -1
    if kind is float:
        return room - 20 if value - value == 0 else -1
    if kind is list or kind is tuple:
        for item in value:
            room = _sd_room(item, room - 1) if room >= 0 else room
        return room
    if kind is dict:
        for key, item in value.items():
            room = _sd_room(item, room - len(key)) if room >= 0 and type(key) is str else -1
        return room
    return -1


def _sd_pack(value, room):
    reason = ""
    if type(value) is tuple and len(value) == 2 and type(value[1]) is str:
        value, reason = value
    if value is None:
        return (None, reason[:200])
    kind = type(value)
    if kind is tuple or _sd_room(value, room) < 0:
        return kind.__name__
    return (value, reason[:200])


def _sd_many(entry, texts, room):
    found = []
    for text in texts:
        try:
            found.append(_sd_pack(entry(text), room))
        except Exception:
            found.append(None)
    return found
"""

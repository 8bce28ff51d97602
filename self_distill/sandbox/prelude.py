"""Python that is loaded before every program: it calls the program and packs what it returns.

The packing happens inside, because Monty hands a function or a cyclic list to the host as a string. The host
believes none of it: a program may replace these functions too.
"""

PRELUDE = """\
import json as _sd_json


def print(*args, **kwargs):
    pass


def _sd_pack(value, room, type=type, len=len, json=_sd_json):
    reason = ""
    if type(value) is tuple and len(value) == 2 and type(value[1]) is str:
        value, reason = value
    try:
        packed = json.dumps([value, reason[:200]], allow_nan=False, ensure_ascii=False)
        if len(packed) <= room:
            return packed
    except (TypeError, ValueError, RecursionError):
        pass
    return type(value).__name__


def _sd_call(entry, text, room, watched, repr=repr, pack=_sd_pack):
    before = repr(watched)
    packed = pack(entry(text), room)
    return [packed, repr(watched) == before]
"""
CALL = "_sd_call(run, text, room, [{watched}])"
"""The packed answer, and whether the `watched` variables are as they were before the call."""

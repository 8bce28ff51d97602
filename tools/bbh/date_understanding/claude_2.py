import re

MON = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
DAY = r"(\d{1,2})(?:st|nd|rd|th)?"
DATE = re.compile(r"\b(?:(\d{1,2})/(\d{1,2})/(\d{4})|" + MON + " " + DAY + r",? (\d{4})|"
                  + DAY + r"(?: of)? " + MON + r",? (\d{4}))\b")
ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split()
WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
WEDDINGS = {"silver": 25, "pearl": 30, "ruby": 40, "golden": 50, "diamond": 60}
HOLIDAYS = [("christmas eve", 12, 24), ("christmas day", 12, 25), ("christmas", 12, 25),
            ("new year's eve", 12, 31), ("new year's day", 1, 1), ("halloween", 10, 31),
            ("valentine's day", 2, 14)]
COUNT = r"(\d+|[a-z]+(?:-[a-z]+)?)"
UNIT = r"(hour|day|week|month|year)s?"


def count_of(word):
    if word in ("a", "an", "one"):
        return 1
    if word.isdigit():
        return int(word)
    return word_number(word)


def ordinal_of(word):
    m = re.fullmatch(r"(\d+)(?:st|nd|rd|th)", word)
    if m:
        return int(m.group(1))
    return ORDINALS.index(word) + 1 if word in ORDINALS else None


def valid(year, month, day):
    if 1 <= month <= 12 and 1 <= day <= days_in_month(year, month):
        return (year, month, day)
    return None


def years_on(date, years):
    return valid(date[0] + years, date[1], date[2])


def moved(date, count, unit, sign):
    """The date so many units later (sign 1) or earlier (sign -1)."""
    if count is None or date is None:
        return None
    n = count * sign
    if unit == "hour":
        return add_days(date, n // 24) if count % 24 == 0 else None
    if unit == "day":
        return add_days(date, n)
    if unit == "week":
        return add_days(date, 7 * n)
    if unit == "month":
        return add_months(date, n)
    return add_months(date, 12 * n)


def nth_weekday(year, month, name, n):
    seen = 0
    for day in range(1, days_in_month(year, month) + 1):
        if weekday(year, month, day).lower() == name:
            seen += 1
            if seen == n:
                return (year, month, day)
    return None


def take_dates(s, day_first):
    """The text with @0@, @1@ ... for its dates, and the dates."""
    out, dates, last = "", [], 0
    for m in DATE.finditer(s):
        g = m.groups()
        if g[0]:
            month, day, year = int(g[0]), int(g[1]), int(g[2])
            if day_first:
                month, day = day, month
        elif g[3]:
            month, day, year = MONTHS.index(g[3]) + 1, int(g[4]), int(g[5])
        else:
            month, day, year = MONTHS.index(g[7]) + 1, int(g[6]), int(g[8])
        date = valid(year, month, day)
        if date is None:
            continue
        out += s[last:m.start()] + "@" + str(len(dates)) + "@"
        dates.append(date)
        last = m.end()
    return out + s[last:], dates


def today_from_one_date(s, d):
    """Every reading of a story with a single full date d, written @0@."""
    found = []
    if not re.search(r"\b(?:thinks|thought|if|not) (?:that )?today", s):
        if re.search(r"\b(?:today is|today's date is|it is|it's|this is) (?:\w+day, |\(?[a-z]{3}, )?@0@(?! (?:was|is))", s):
            found.append(d)
        if re.search(r"\b(?:current (?:local )?time is|it is (?:now )?)\s*[\d:]+ ?[ap]\.?m\.? (?:of|on) @0@", s):
            found.append(d)
    # the longer expressions first: they contain the shorter ones
    if re.search(r"\bday before yesterday(?: was|,) \(?(?:[a-z]{3,9}, )?@0@", s):
        found.append(add_days(d, 2))
    elif re.search(r"\byesterday(?: was|,| was \w+,)? \(?(?:[a-z]{3,9}, )?@0@", s):
        found.append(add_days(d, 1))
    if re.search(r"\bday after tomorrow(?: is|,| will be) \(?(?:[a-z]{3,9}, )?@0@", s):
        found.append(add_days(d, -2))
    elif re.search(r"\btomorrow(?: is|,| will be)? \(?(?:[a-z]{3,9}, )?@0@", s):
        found.append(add_days(d, -1))
    m = re.search(r"\bit was @0@,? (?:exactly )?" + COUNT + " " + UNIT + " ago", s)
    if m:
        found.append(moved(d, count_of(m.group(1)), m.group(2), 1))
    m = re.search(r"@0@ is like yesterday .*\bactually " + COUNT + " " + UNIT + " ago", s)
    if m:
        found.append(moved(d, count_of(m.group(1)), m.group(2), 1))
    m = re.search(r"\bis (?:on )?@0@, which is " + COUNT + " " + UNIT + r" (?:away )?from (?:now|today)", s)
    if m:
        found.append(moved(d, count_of(m.group(1)), m.group(2), -1))
    m = re.search(r"\bon @0@, but (?:it )?was (?:delayed|postponed) by " + COUNT + " " + UNIT + " to today", s)
    if m:
        found.append(moved(d, count_of(m.group(1)), m.group(2), 1))
    m = re.search(r"\bon @0@\. (?:exactly )?" + COUNT + " " + UNIT + " have passed since then", s)
    if m:
        found.append(moved(d, count_of(m.group(1)), m.group(2), 1))
    m = re.search(r"\bthought today is @0@, but today is in fact " + MON + " " + DAY + ", which is " + COUNT
                  + " " + UNIT + " (later|earlier)", s)
    if m:
        date = moved(d, count_of(m.group(3)), m.group(4), 1 if m.group(5) == "later" else -1)
        if date and date[1] == MONTHS.index(m.group(1)) + 1 and date[2] == int(m.group(2)):
            found.append(date)
    m = re.search(r"\bmarried on @0@\. today is their (\w+)(-year)?(?: wedding)? anniversary", s)
    if m:
        word = m.group(1)
        years = WEDDINGS.get(word) or (count_of(word) if m.group(2) else ordinal_of(word))
        if years:
            found.append(years_on(d, years))
    m = re.search(r"\bborn on @0@\. today is (?:her|his) (?:(\d+)-year-old|(\w+)) birthday", s)
    if m:
        years = int(m.group(1)) if m.group(1) else ordinal_of(m.group(2))
        if years:
            found.append(years_on(d, years))
    return found


def today_from_words(s):
    """Readings of a story that has no full date."""
    found = []
    start = r"(?:today is|this is|it is|celebrating) (?:the )?"
    years = re.findall(r"(?<![\d/])\d{4}(?![\d/])", s)
    m = re.search(r"\btoday is (\d{1,2})/(\d{1,2})(?![\d/])", s)
    if m and len(years) == 1:
        found.append(valid(int(years[0]), int(m.group(1)), int(m.group(2))))
    m = re.search(r"\b" + start + r"(first|last) day of " + MON + r",?(?: in| of)? (\d{4})\b", s)
    if m:
        year, month = int(m.group(3)), MONTHS.index(m.group(2)) + 1
        found.append((year, month, 1 if m.group(1) == "first" else days_in_month(year, month)))
    m = re.search(r"\b" + start + r"(first|last) day of (?:the year )?(\d{4})\b", s)
    if m:
        year = int(m.group(2))
        found.append((year, 1, 1) if m.group(1) == "first" else (year, 12, 31))
    m = re.search(r"\b" + start + r"(first|last) day of the (first|second|third|fourth|last) quarter of (\d{4})\b", s)
    if m:
        quarter = 4 if m.group(2) == "last" else ordinal_of(m.group(2))
        year = int(m.group(3))
        if m.group(1) == "first":
            found.append((year, 3 * quarter - 2, 1))
        else:
            found.append((year, 3 * quarter, days_in_month(year, 3 * quarter)))
    m = re.search(r"\b" + start + r"(\w+) day of the (\w+) month of (\d{4})\b", s)
    if m and ordinal_of(m.group(2)) and (ordinal_of(m.group(1)) or m.group(1) == "last"):
        year, month = int(m.group(3)), ordinal_of(m.group(2))
        if month <= 12:
            day = days_in_month(year, month) if m.group(1) == "last" else ordinal_of(m.group(1))
            found.append(valid(year, month, day))
    m = re.search(r"\btoday is the palindrome day of (\d{4})\b.*\bmmddyyyy\b", s)
    if m:
        back = m.group(1)[::-1]
        found.append(valid(int(m.group(1)), int(back[:2]), int(back[2:])))
    m = re.search(r"\bborn on the (first|last) day of " + MON + r",? (?:in |of )?(\d{4})\. today is (?:her|his) "
                  r"(?:(\d+)-year-old|(\w+)) birthday", s)
    if m:
        year, month = int(m.group(3)), MONTHS.index(m.group(2)) + 1
        age = int(m.group(4)) if m.group(4) else ordinal_of(m.group(5))
        if age:
            day = 1 if m.group(1) == "first" else days_in_month(year, month)
            found.append(valid(year + age, month, day))
    for name, month, day in HOLIDAYS:
        if re.search(r"\b(?:today|it|this) is " + name + r"(?: of| in|,)? \d{4}\b", s) and len(years) == 1:
            found.append((int(years[0]), month, day))
    m = re.search(r"\btoday is (?:the )?(?:us )?thanksgiving(?: day)?(?: of| in|,)? (\d{4})\b", s)
    if m and "fourth thursday of november" in s:
        found.append(nth_weekday(int(m.group(1)), 11, "thursday", 4))
    m = re.search(r"\btoday is the (first|second|third) (" + "|".join(WEEKDAYS) + r") of (\d{4})\b", s)
    if m:
        found.append(nth_weekday(int(m.group(3)), 1, m.group(2), ordinal_of(m.group(1))))
    # only whole days: with half days it is open which day "today" is
    m = re.search(r"(?:^|\. )(\d{4}) is coming in (\d+) hours", s)
    if m and int(m.group(2)) % 24 == 0:
        found.append(add_days((int(m.group(1)), 1, 1), -(int(m.group(2)) // 24)))
    m = re.search(r"\bon the " + DAY + r" of each month starting (?:from|in) (?:the )?" + MON + r",?(?: of)? (\d{4})\. "
                  r"it is (?:her|his) (\w+) visit .*\btoday\b", s)
    if m and int(m.group(1)) <= 28 and ordinal_of(m.group(4)):
        first = (int(m.group(3)), MONTHS.index(m.group(2)) + 1, int(m.group(1)))
        found.append(add_months(first, ordinal_of(m.group(4)) - 1))
    m = re.search(r"\bgot (?:her|his) job in (\d{4})\. today is (?:her|his) (\d+)-year work anniversary\b.*\bon "
                  + MON + " " + DAY + r", (?:her|his) (\w+) day at work", s)
    if m and ordinal_of(m.group(5)):
        date = valid(int(m.group(1)), MONTHS.index(m.group(3)) + 1, int(m.group(4)))
        if date:
            found.append(years_on(add_days(date, 1 - ordinal_of(m.group(5))), int(m.group(2))))
    return found


def today_of(story):
    s = " ".join(story.replace("\u2019", "'").lower().split())
    day_first = "day before the month" in s
    s, dates = take_dates(s, day_first)
    if day_first and not re.search(r"\btoday is @0@ to them", s):
        return None
    if len(dates) == 0:
        found = today_from_words(s)
    elif len(dates) == 1:
        found = today_from_one_date(s, dates[0])
    else:
        # two people with two opinions, and who is right
        m = re.search(r"\b(\w+) (?:thinks|thought|believes) today is @0@, (?:but|while) (\w+) (?:thinks|thought|believes)"
                      r" today is @1@\. (\w+) is (correct|right|wrong|incorrect)\b", s)
        if not m or len(dates) != 2 or m.group(3) not in (m.group(1), m.group(2)) or m.group(1) == m.group(2):
            return None
        which = 0 if m.group(3) == m.group(1) else 1
        if m.group(4) in ("wrong", "incorrect"):
            which = 1 - which
        found = [dates[which]]
    if len(set(found)) != 1:
        return None
    return found[0]


def asked_date(phrase, today):
    p = " ".join(phrase.lower().split())
    fixed = {"today": 0, "tomorrow": 1, "yesterday": -1, "the day after tomorrow": 2,
             "the day before yesterday": -2}
    if p in fixed:
        return add_days(today, fixed[p])
    m = re.fullmatch(COUNT + " " + UNIT + r" (ago|later|from today|from now|ago from today|ago from now)", p)
    if not m:
        return None
    return moved(today, count_of(m.group(1)), m.group(2), -1 if m.group(3).startswith("ago") else 1)


def run(text: str):
    m = re.fullmatch(r"\s*(.+?)\s*What is the date (.+?) in MM/DD/YYYY\?\s*Options:\s*(.+)", text, re.S)
    if not m:
        return None
    today = today_of(m.group(1))
    if today is None:
        return None
    date = asked_date(m.group(2), today)
    if date is None:
        return None
    options = []
    for letter, month, day, year in re.findall(r"\(([A-Z])\) *(\d\d)/(\d\d)/(\d{4})", m.group(3)):
        options.append((letter, (int(year), int(month), int(day))))
    wanted = (date[0], date[1], date[2])
    hits = ["(" + letter + ")" for letter, option in options if option == wanted]
    if len(hits) != 1:
        return None
    # Told as the last day of a month and then counted on by weeks: people are often one day off.
    # With both days among the options it stays open which one is meant.
    if re.search(r"last day of " + MON, m.group(1).lower()) and re.search(r"week.* from", m.group(2).lower()):
        before = add_days(wanted, -1)
        if any(option == (before[0], before[1], before[2]) for _, option in options):
            return None
    return hits[0], "computed the date"

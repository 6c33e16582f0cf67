"""Fields of a bill file: how each is written, read strictly and refused.

For: one function per field that turns the cell's text into the canonical value or raises FieldWrong.
Not for: lines and columns (billing.reading), or checks that need other rows or the database (billing.issuing).

Outer blanks (U+0020) are layout of fixed-width exports and fall away; nothing inside a value is ever repaired.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from foundation.errors import AmountUnreadable
from foundation.money import Money

__all__ = [
    "DATE_FORMS",
    "PERIOD_FORMS",
    "FieldWrong",
    "amount_reader",
    "date_reader",
    "nik_reader",
    "number_reader",
    "period_reader",
    "phone_reader",
    "read_date",
    "read_name",
    "read_period",
    "text_reader",
]

_MONTHS = {
    name: number
    for number, name in enumerate(
        "januari februari maret april mei juni juli agustus september oktober november desember".split(),  # noqa: SIM905 - a sentence of months reads better than twelve quotes
        start=1,
    )
}
DATE_FORMS = {
    "yyyy-mm-dd": re.compile(r"(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})", re.ASCII),
    "dd/mm/yyyy": re.compile(r"(?P<d>\d{2})/(?P<m>\d{2})/(?P<y>\d{4})", re.ASCII),
    "dd-mm-yyyy": re.compile(r"(?P<d>\d{2})-(?P<m>\d{2})-(?P<y>\d{4})", re.ASCII),
    "dd.mm.yyyy": re.compile(r"(?P<d>\d{2})\.(?P<m>\d{2})\.(?P<y>\d{4})", re.ASCII),
    "d/m/yyyy": re.compile(r"(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>\d{4})", re.ASCII),
    "m/d/yyyy": re.compile(r"(?P<m>\d{1,2})/(?P<d>\d{1,2})/(?P<y>\d{4})", re.ASCII),
    "yyyymmdd": re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})", re.ASCII),
    "d month yyyy": re.compile(r"(?P<d>\d{1,2}) (?P<m>[A-Za-z]{3,9}) (?P<y>\d{4})", re.ASCII),
}
"""How a file may write dates; "d month yyyy" has Indonesian names ("30 September 2026"). A mapping names just one."""
PERIOD_FORMS = {
    "yyyy": re.compile(r"(?P<y>\d{4})", re.ASCII),
    "yyyy-mm": re.compile(r"(?P<y>\d{4})-(?P<m>\d{2})", re.ASCII),
    "yyyymm": re.compile(r"(?P<y>\d{4})(?P<m>\d{2})", re.ASCII),
    "mm/yyyy": re.compile(r"(?P<m>\d{2})/(?P<y>\d{4})", re.ASCII),
    "mm-yyyy": re.compile(r"(?P<m>\d{2})-(?P<y>\d{4})", re.ASCII),
}
"""How a file may write periods; stored as "2026" or "2026-07"."""
_SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE][+-]?\d+", re.ASCII)
_TAIL = re.compile(r"\d+[.,]0*", re.ASCII)
_LETTER = re.compile(r"[^\W\d_]")
_SPREADSHEET_ERROR = re.compile(r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|#+)", re.IGNORECASE)
_FORMULA_TEXT = re.compile(r'="([^"]*)"')
_NIK = re.compile(r"\d{16}", re.ASCII)
_PHONE = re.compile(r"(?:\+?62|0)(8\d{8,11})", re.ASCII)


class FieldWrong(Exception):
    """A cell that cannot be accepted: the code of PROBLEMS and its facts. billing.reading adds line and field."""

    def __init__(self, code: str, **facts: object) -> None:
        self.code = code
        self.facts = facts
        super().__init__(code)


def text_reader(*, required: bool, most: int) -> Callable[[str], str]:
    """A reader of plain text of at most `most` characters."""

    def read(text: str) -> str:
        if required and not text:
            raise FieldWrong("value_missing")
        if len(text) > most:
            raise FieldWrong("text_too_long", length=len(text), most=most)
        if text.startswith(("=", "#")):
            _refuse_spreadsheet(text)
        return text

    return read


_read_name_text = text_reader(required=True, most=100)


def read_name(text: str) -> str:
    """A payer's name: at most 100 characters, at least one letter."""
    name = _read_name_text(text)
    if not _LETTER.search(name):
        raise FieldWrong("name_without_letters", text=name[:40])
    return name


def number_reader(rule: str, read: Callable[[str], str | None], marks: frozenset[str]) -> Callable[[str], str]:
    """A reader of object numbers under a kind's rule; says what a spreadsheet did to a number that fails."""

    def read_number(text: str) -> str:
        number = read(text)
        if number is not None and not (rule == "free" and (_SCIENTIFIC.fullmatch(text) or _TAIL.fullmatch(text))):
            return number
        bare = _unmarked(text, marks)
        if bare != text:
            return read_number(bare)
        _refuse_number(text)
        if rule == "nop18":
            # Digits of other scripts are none of an NOP's.
            digits = sum(sign in "0123456789" for sign in text)
            if digits != 18:
                raise FieldWrong("nop_length", text=text[:40], digits=digits)
        raise FieldWrong("object_number_invalid", text=text[:40])

    return read_number


def amount_reader(form: str) -> Callable[[str], int]:
    """A reader of amounts into sen: above zero and whole rupiah, written "plain" or "indonesian"."""
    parse = Money.parse_indonesian if form == "indonesian" else Money.parse

    def read(text: str) -> int:
        try:
            amount = parse(text)
        except AmountUnreadable:
            raise _amount_wrong(text, form) from None
        if amount.sen <= 0:
            raise FieldWrong("amount_not_positive")
        if not amount.is_whole_rupiah:
            raise FieldWrong("amount_odd_sen", text=text)
        return amount.sen

    return read


def date_reader(form: str) -> Callable[[str], str]:
    """A reader of dates into "2026-09-30"; the few dates of a file are read once each."""
    known: dict[str, str] = {}

    def read(text: str) -> str:
        found = known.get(text)
        if found is not None:
            return found
        day = read_date(text, form)
        if day is None:
            if not text:
                raise FieldWrong("value_missing")
            _refuse_spreadsheet(text)
            raise FieldWrong("date_unreadable", text=text[:40], form=form)
        known[text] = day.isoformat()
        return known[text]

    return read


def read_date(text: str, form: str) -> date | None:
    """The date written in one of DATE_FORMS, or None when it is not written so or not in the calendar."""
    match = DATE_FORMS[form].fullmatch(text)
    if match is None:
        return None
    month = _MONTHS.get(match["m"].lower(), 0) if form == "d month yyyy" else int(match["m"])
    try:
        return date(int(match["y"]), month, int(match["d"]))
    except ValueError:
        return None


def period_reader(form: str, marks: frozenset[str]) -> Callable[[str], str]:
    """A reader of periods into "2026" or "2026-07"."""

    def read(text: str) -> str:
        period = read_period(text, form)
        if period is not None:
            return period
        bare = _unmarked(text, marks)
        if bare != text:
            return read(bare)
        _refuse_number(text)
        raise FieldWrong("period_invalid", text=text[:40], form=form)

    return read


def read_period(text: str, form: str) -> str | None:
    """The canonical period, or None when it is not written in this one of PERIOD_FORMS. Years run from 1990 to 2099."""
    match = PERIOD_FORMS[form].fullmatch(text)
    if match is None or not 1990 <= int(match["y"]) <= 2099:
        return None
    if "m" not in match.groupdict():
        return match["y"]
    return f"{match['y']}-{match['m']}" if 1 <= int(match["m"]) <= 12 else None


def nik_reader(marks: frozenset[str]) -> Callable[[str], str | None]:
    """A reader of NIKs: 16 digits, or None for an empty cell. The problem never repeats what stood there."""

    def read(text: str) -> str | None:
        nik = _personal_text(text, marks, "nik_invalid")
        if nik and not _NIK.fullmatch(nik):
            raise FieldWrong("nik_invalid")
        return nik or None

    return read


def phone_reader(marks: frozenset[str]) -> Callable[[str], str | None]:
    """A reader of Indonesian mobile numbers into "+628…", or None for an empty cell; blanks and dashes may part it."""

    def read(text: str) -> str | None:
        bare = re.sub(r"[ .()-]", "", _personal_text(text, marks, "phone_invalid"))
        match = _PHONE.fullmatch(bare)
        if bare and match is None:
            raise FieldWrong("phone_invalid")
        return f"+62{match[1]}" if match else None

    return read


def _personal_text(text: str, marks: frozenset[str], code: str) -> str:
    try:
        return _unmarked(text, marks)
    except FieldWrong:
        raise FieldWrong(code) from None


def _amount_wrong(text: str, form: str) -> FieldWrong:
    if not text:
        return FieldWrong("value_missing")
    if _SCIENTIFIC.fullmatch(text):
        return FieldWrong("number_scientific", text=text[:40])
    if re.fullmatch(r"-[\d.,]+", text):
        return FieldWrong("amount_not_positive")
    if _SPREADSHEET_ERROR.fullmatch(text):
        return FieldWrong("spreadsheet_error", text=text)
    return FieldWrong("amount_unreadable", text=text[:40], form=form)


def _unmarked(text: str, marks: frozenset[str]) -> str:
    """What stands inside Excel's marks for text (="0123", '0123), where the mapping says that they may stand."""
    formula = _FORMULA_TEXT.fullmatch(text)
    if formula is None and not text.startswith("'"):
        return text
    if ("equals" if formula else "apostrophe") not in marks:
        raise FieldWrong("text_mark", text=text[:40])
    return formula[1] if formula else text[1:]


def _refuse_number(text: str) -> None:
    """Say what a spreadsheet did to a number that names something, if that is what is wrong."""
    if not text:
        raise FieldWrong("value_missing")
    if _SCIENTIFIC.fullmatch(text):
        raise FieldWrong("number_scientific", text=text[:40])
    if _TAIL.fullmatch(text):
        raise FieldWrong("number_with_tail", text=text[:40])
    _refuse_spreadsheet(text)


def _refuse_spreadsheet(text: str) -> None:
    if _SPREADSHEET_ERROR.fullmatch(text):
        raise FieldWrong("spreadsheet_error", text=text[:40])
    if text.startswith("="):
        raise FieldWrong("text_mark", text=text[:40])

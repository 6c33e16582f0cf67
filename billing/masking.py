"""Names as strangers may see them.

For: pages that anyone can open with an NOP or a payment code.
Not for: officers, who see names in full on pages with a permission, or for NIK and phone (never shown at all).

Rules, word by word
- the first letter or digit stays, every other letter or digit becomes one star: "BUDI SANTOSO" is "B*** S******";
- a word with a single letter becomes a star, since its first letter would be the whole word;
- titles and legal forms stay (they name no person): "H. BUDI", "PT CONTOH" are "H. B***", "PT C*****";
- other signs (full stop, comma, apostrophe, hyphen) stay; accents written as separate signs go with their letter.
"""

from __future__ import annotations

import unicodedata

__all__ = ["mask_name"]

_TITLES = frozenset(
    "hj kh dr drs dra ir prof st sh se skom spd mm mt msi mpd phd kol letkol pt cv ud pd tb fa tbk".split()  # noqa: SIM905 - a line of titles reads better than thirty quotes
)


def mask_name(name: str) -> str:
    """The name with all but initials starred; the number of words and letters stays."""
    return " ".join(_mask_word(word) for word in unicodedata.normalize("NFC", name).split())


def _mask_word(word: str) -> str:
    letters = [sign for sign in word if sign.isalnum()]
    if "".join(letters).casefold() in _TITLES and len(letters) > 1:
        return word
    if len(letters) == 1:
        return word if word.casefold() == "h." else "".join("*" if sign.isalnum() else sign for sign in word)
    return _star_after_first(word)


def _star_after_first(word: str) -> str:
    shown: list[str] = []
    seen = False
    for sign in word:
        if unicodedata.category(sign).startswith("M"):
            continue
        if not sign.isalnum():
            shown.append(sign)
        else:
            shown.append("*" if seen else sign)
            seen = True
    return "".join(shown)

"""What the standard journals and their roles are called, in both languages.

For: words that an office reads in `lunas ledger journals` and docs/journals.md.
Not for: what the journals post (test_journals).
"""

from __future__ import annotations

import pytest

from ledger import STANDARD_JOURNALS
from ledger.roles import ROLES


@pytest.mark.parametrize(
    "name, event_id, event_en, variants_id, variants_en",
    [
        (
            "assessment_issued",
            "Ketetapan diterbitkan (SKPD, SPPT, SKRD)",
            "Assessment issued (SKPD, SPPT, SKRD)",
            "sama di PPKD bila pendapatan milik PPKD sendiri",
            "the same in PPKD where revenue is its own",
        ),
        (
            "paid_at_partner",
            "Dibayar melalui bank, belum masuk RKUD",
            "Paid at a bank, money not yet in RKUD",
            "pendapatan PPKD sendiri: tanpa RK",
            "PPKD's own: no RK",
        ),
        ("credited_to_rkud", "Nota kredit: uang masuk RKUD", "Credit advice: the money arrives in RKUD", "", ""),
        (
            "prior_year_refunded",
            "Pengembalian tahun lalu, tidak berulang",
            "Refund of a prior year, not recurring",
            "ekuitas, atau beban tak terduga (btt)",
            "equity, or expense (btt)",
        ),
    ],
)
def test_a_journal_is_named_in_each_language(
    name: str, event_id: str, event_en: str, variants_id: str, variants_en: str
) -> None:
    (found,) = (each for each in STANDARD_JOURNALS if each.name == name)
    assert (found.event_id, found.event_en) == (event_id, event_en)
    assert (found.variants_id, found.variants_en) == (variants_id, variants_en)
    assert found.event == f"{event_id} / {event_en}"
    assert found.variants == (f"{variants_id} / {variants_en}" if variants_id else "")


def test_every_journal_and_role_has_words_of_both_languages() -> None:
    said = [(each.event_id, each.event_en) for each in STANDARD_JOURNALS]
    said += [words for each in STANDARD_JOURNALS for words in each.differing]
    said += [(role.meaning_id, role.meaning_en) for role in ROLES.values()]
    assert all(text_id and text_en for text_id, text_en in said)
    assert [text_id for text_id, text_en in said if text_id == text_en] == []

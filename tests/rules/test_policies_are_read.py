"""Every policy that a region may decide is asked for somewhere, or says that it is not: else it would be a promise.

For: the names of foundation.policies.POLICIES in the code of the packages and migrations.
Not for: whether it is obeyed rightly; the tests of the package that asks say so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from foundation.policies import POLICIES
from tests.rules.source import Source, our_code, snippet

# Its declaration, and the table that says which policy a journal goes by, ask nothing.
_NAMED_ONLY = ("foundation/policies.py", "ledger/standard_journals.py")
_SAYS_SO = "nothing asks this policy"


def unread(policies: Iterable[str], given: Iterable[Source]) -> Iterator[str]:
    """Policies whose name stands in no text that the code uses, SQL included; where it is only named does not count."""
    used = [text for source in given if source.path not in _NAMED_ONLY for _line, text in source.strings()]
    for name in policies:
        if not any(name == text or f"'{name}'" in text for text in used):
            yield name


def test_every_policy_is_read_somewhere_or_says_that_it_is_not() -> None:
    assert list(unread(POLICIES, our_code())) == [name for name, each in POLICIES.items() if _SAYS_SO in each.meaning]


def test_a_policy_that_nothing_reads_is_seen() -> None:
    for code in (
        "POLICIES = {}",
        'def ask(session):\n    """By the policy payments.forgotten."""',
        "TEXT = 'payments.forgotten_too'",
    ):
        assert list(unread(["payments.forgotten"], snippet("payments/asking.py", code))) == ["payments.forgotten"]
    named = 'TABLE = ("row 10", "payments.forgotten")'
    assert list(unread(["payments.forgotten"], snippet("ledger/standard_journals.py", named))) == ["payments.forgotten"]
    read = "DAYS = get_policy_number(session, 'payments.forgotten', on=day)"
    assert list(unread(["payments.forgotten"], snippet("payments/asking.py", read))) == []
    in_sql = "SQL = \"SELECT foundation_policy('payments.forgotten', day)\""
    assert list(unread(["payments.forgotten"], snippet("payments/asking.py", in_sql))) == []

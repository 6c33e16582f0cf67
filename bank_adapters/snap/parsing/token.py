"""The body of an access token request (service 73).

For: checking that the client asks for `client_credentials`, in the spellings that running clients use.
Not for: the headers (`headers.py`) or the signature.
Source: interfaces.md §2.2: `grant_type` and an `additionalInfo` that is text are both met in the field.
"""

from __future__ import annotations

from bank_adapters.snap.codes import TOKEN
from bank_adapters.snap.parsing.body import read_body
from bank_adapters.snap.parsing.fields import Fields

__all__ = ["parse_token_request"]


def parse_token_request(raw: bytes) -> None:
    """Accept a body that asks for `client_credentials`; what it asks is the same for everyone, so nothing is returned.

    Raises SnapRefusal 4007300 (no JSON object), 4007302 (no grantType) or 4007301 (another one, or a wrong type).
    """
    fields = Fields(TOKEN, read_body(TOKEN, raw))
    choices = ("client_credentials",)
    camel = fields.find_choice("grantType", choices)
    snake = fields.find_choice("grant_type", choices)
    if camel is None and snake is None:
        raise fields.absence("grantType")
    if not isinstance(fields.values.get("additionalInfo"), str | dict | None):
        raise fields.refusal("additionalInfo")

"""The API for programs of the region and of BPKAD: `/<region>/api/v1/…`, JSON (or CSV), with API tokens.

For: pulling what others build on: ledger entries and balances.
Not for: banks (app/bank_doors) or pages (app/web).

Rules of every route here: it names its permission with `by="token"`; a wrong parameter is refused by name in both
languages (422) and an unknown one too, since a filter that is misspelt must not answer with everything; amounts are
strings like "150000.00"; the OpenAPI document at `/<region>/api/v1/openapi.json` is made from the same schemas.
"""

from app.api.document import register_api

__all__ = ["register_api"]

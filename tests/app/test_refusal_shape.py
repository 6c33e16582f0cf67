"""The shape of the API's refusals is the one that docs/errors.md shows.

For: the JSON block of the document, held to the schema of the OpenAPI document and to real answers.
Not for: which refusal comes when (tests of each route).
"""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from app.api.document import Error, ErrorAnswer
from foundation.regions import Region
from tests.app.web_client import make_client, token_header
from tests.rules.source import ROOT

ENTRIES = "/3316/api/v1/ledger/entries"


def shown() -> dict[str, Any]:
    block = re.search(r"```json\n(.*?)```", (ROOT / "docs/errors.md").read_text(encoding="utf-8"), re.DOTALL)
    assert block is not None
    found: dict[str, Any] = json.loads(block[1])
    return found


def names_of(told: object) -> object:
    """The names of an object's parts, and of theirs; of a list its first."""
    if isinstance(told, dict):
        return {name: names_of(inner) for name, inner in told.items()}
    return [names_of(told[0])] if isinstance(told, list) else None


def test_the_block_is_the_openapi_documents_shape() -> None:
    assert ErrorAnswer().validate(shown()) == {}
    assert {field.data_key or name for name, field in Error().fields.items()} == set(shown()["error"])


@pytest.mark.parametrize(
    "query, missing", [({"limit": "0"}, "field"), ({"snapshot": "9223372036854775807-0"}, "fields")]
)
def test_answers_have_the_blocks_shape(region: Region, query: dict[str, str], missing: str) -> None:
    client: FlaskClient = make_client()
    answer = client.get(ENTRIES, query_string=query, headers=token_header(region))
    assert answer.status_code == 422
    expected = shown()
    del expected["error"][missing]
    assert names_of(answer.json) == names_of(expected)
    assert answer.json is not None
    assert str(UUID(answer.json["error"]["id"])) == answer.headers["X-Request-Id"]

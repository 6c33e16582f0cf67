"""Requests made up from the API's own document: every answer is one that the document tells."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings

from foundation.regions import Region
from ledger import EXPORT_FORMATS
from tests.app.web_client import make_app, token_header
from tests.ledger.entries import draft, post, wait_until_settled
from tests.sample_chart import load_sample_chart

# Two dates in the wrong order are well formed each by itself, and refused.
_ACCEPTED = schemathesis.checks.positive_data_acceptance


@pytest.mark.parametrize(
    "path",
    [f"/ledger/{what}{tail}" for what in EXPORT_FORMATS for tail in ("", "/manifest")],
)
def test_every_answer_is_one_that_the_document_tells(region: Region, path: str) -> None:
    load_sample_chart(region.code)
    post(region.code, draft())
    wait_until_settled(region.code)
    document = schemathesis.openapi.from_wsgi("/3316/api/v1/openapi.json", make_app())
    header = token_header(region)
    seen: set[int] = set()

    @given(case=document[path]["GET"].as_strategy())
    @settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def ask(case: schemathesis.Case) -> None:
        seen.add(case.call_and_validate(headers=header, excluded_checks=[_ACCEPTED]).status_code)

    ask()
    assert 200 in seen
    assert seen <= {200, 422}

"""Every route states who may use it.

For: `create_app()` as it is, and the proof that a route without a statement is refused.
Not for: what a permission lets one do (tests/app).
"""

from __future__ import annotations

import pytest
from flask import Flask

from app.factory import create_app
from app.permissions import RouteWithoutPermission, check_routes, requirement_of, requires


def test_every_route_states_its_permission() -> None:
    app = create_app()
    check_routes(app)
    silent = [rule.rule for rule in app.url_map.iter_rules() if requirement_of(app, rule.endpoint) is None]
    assert not silent
    assert len(list(app.url_map.iter_rules())) > 10


def test_what_changes_something_is_never_open_without_a_form_or_a_signature() -> None:
    app = create_app()
    for rule in app.url_map.iter_rules():
        requirement = requirement_of(app, rule.endpoint)
        changes = (rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}
        if changes and requirement is not None and requirement.permission != "bank-signature":
            assert requirement.takes_forms_of_browsers or requirement.by == "token", rule.rule


def test_a_route_without_permission_is_seen() -> None:
    app = Flask("bad")
    app.view_functions["static"] = requires("public")(app.view_functions["static"])
    check_routes(app)
    app.add_url_rule("/open", view_func=lambda: "open", endpoint="open")
    with pytest.raises(RouteWithoutPermission):
        check_routes(app)

"""Which language a page speaks: Indonesian unless the reader chose English, kept in a cookie.

For: the locale of flask-babel, `?lang=en`, and the template filters that write amounts and dates.
Not for: refusals of the API, which always carry both languages.
"""

from __future__ import annotations

from datetime import date, datetime

from flask import Flask, Response, g, request
from flask_babel import Babel

from app.region_urls import cookie_path
from foundation.clock import on_screen_date, on_screen_moment, on_screen_period
from foundation.config import settings
from foundation.money import Money

__all__ = ["LANGUAGES", "current_language", "use_languages"]

LANGUAGES = ("id", "en")
_COOKIE = "lunas-lang"
_YEAR = 365 * 24 * 3600


def use_languages(app: Flask) -> None:
    """Give an application its languages and the filters `money`, `date_long`, `moment` and `period`."""
    Babel(
        app, default_locale="id", locale_selector=current_language, default_translation_directories="web/translations"
    )
    app.jinja_env.filters["money"] = _money
    app.jinja_env.filters["date_long"] = _date_long
    app.jinja_env.filters["moment"] = _moment
    app.jinja_env.filters["period"] = _period

    @app.context_processor
    def language() -> dict[str, str]:
        return {"language": current_language()}

    @app.after_request
    def remember(response: Response) -> Response:
        chosen = request.args.get("lang")
        if chosen in LANGUAGES and request.endpoint != "static":
            region = g.get("region")
            response.set_cookie(
                _COOKIE,
                chosen,
                max_age=_YEAR,
                path=cookie_path(region.code if region else None),
                secure=not settings().insecure_cookies,
                httponly=True,
                samesite="Lax",
            )
        return response


def current_language() -> str:
    """ "id" or "en": what the address asks for, else what was chosen before, else Indonesian."""
    for wanted in (request.args.get("lang"), request.cookies.get(_COOKIE)):
        if wanted in LANGUAGES:
            return wanted
    return "id"


def _money(amount: Money | None) -> str:
    return "" if amount is None else amount.on_screen()


def _date_long(day: date | None) -> str:
    return "" if day is None else on_screen_date(day, current_language())


def _period(period: str) -> str:
    return on_screen_period(period, current_language())


def _moment(moment: datetime | None) -> str:
    region = g.get("region")
    zone = region.timezone if region else "Asia/Jakarta"
    return "" if moment is None else on_screen_moment(moment, zone, current_language())

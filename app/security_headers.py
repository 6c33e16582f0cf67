"""What every answer tells the browser to refuse.

For: the content security policy (no inline script or style, nothing from elsewhere), framing, sniffing, referrers,
TLS only, and no copies of pages that show people's data.
Not for: cookies (app.region_urls, app.web.staff) or who may ask (app.permissions).
"""

from __future__ import annotations

from flask import Flask, Response, request

from foundation.config import settings

__all__ = ["CONTENT_SECURITY_POLICY", "use_security_headers"]

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "style-src 'self'",
        "script-src 'self'",
        "object-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
    )
)
_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Form checks over TLS need the referrer of our own pages; nobody else learns a payment code from it.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def use_security_headers(app: Flask) -> None:
    """Add the headers to every answer of an application."""
    headers = dict(_HEADERS)
    if not settings().insecure_cookies:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"

    static_headers = [(name.lower(), name, value) for name, value in headers.items()]
    all_headers = [*static_headers, ("cache-control", "Cache-Control", "no-store")]

    @app.after_request
    def add_headers(response: Response) -> Response:
        given = {name.lower() for name, _ in response.headers}
        for lower, name, value in static_headers if request.endpoint == "static" else all_headers:
            if lower not in given:
                response.headers.add(name, value)
        return response

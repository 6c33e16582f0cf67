"""The SNAP doors described in OpenAPI 3.1, for a bank's integration team.

For: `/<region>/snap/openapi.json`. The wire format is BI's (ASPI technical standard); what is said here is which
services this region serves, and what each answer code means here.
Not for: our own API (app/api), which is described from its schemas.
"""

from __future__ import annotations

from typing import Any

from bank_adapters.snap import QRIS_NOTIFY, TOKEN, VA_INQUIRY, VA_PAYMENT, Service
from foundation.regions import Region

__all__ = ["snap_document"]

_Json = dict[str, Any]


def _text(longest: int, about: str = "") -> _Json:
    schema: _Json = {"type": "string", "maxLength": longest}
    return {**schema, "description": about} if about else schema


_AMOUNT: _Json = {
    "type": "object",
    "required": ["value", "currency"],
    "properties": {
        "value": {"type": "string", "pattern": r"^[0-9]{1,14}\.[0-9]{2}$", "examples": ["150000.00"]},
        "currency": {"const": "IDR"},
    },
}
_VA_IDS: _Json = {
    "partnerServiceId": _text(8, "the bank's prefix, padded with blanks on the left to 8"),
    "customerNo": _text(20, "the payment code"),
    "virtualAccountNo": _text(28, "partnerServiceId followed by customerNo"),
}
_SCHEMAS: _Json = {
    "Amount": _AMOUNT,
    "Answer": {
        "type": "object",
        "required": ["responseCode", "responseMessage"],
        "properties": {
            "responseCode": {"type": "string", "pattern": "^[0-9]{7}$"},
            "responseMessage": _text(150),
            "virtualAccountData": {"type": "object"},
            "additionalInfo": {"type": "object"},
        },
    },
    "TokenRequest": {
        "type": "object",
        "required": ["grantType"],
        "properties": {"grantType": {"const": "client_credentials"}, "additionalInfo": {"type": ["object", "string"]}},
    },
    "TokenAnswer": {
        "allOf": [{"$ref": "#/components/schemas/Answer"}],
        "required": ["accessToken", "tokenType", "expiresIn"],
        "properties": {
            "accessToken": _text(2048),
            "tokenType": {"const": "Bearer"},
            "expiresIn": {"type": ["string", "integer"], "description": "seconds; text or number by the profile"},
        },
    },
    "VaInquiry": {
        "type": "object",
        "required": [*_VA_IDS, "inquiryRequestId"],
        "properties": {
            **_VA_IDS,
            "inquiryRequestId": _text(128),
            "amount": {"$ref": "#/components/schemas/Amount"},
            "trxDateInit": _text(25),
            "channelCode": {"type": ["integer", "string"]},
            "additionalInfo": {"type": "object"},
        },
    },
    "VaPayment": {
        "type": "object",
        "required": [*_VA_IDS, "paymentRequestId", "paidAmount"],
        "properties": {
            **_VA_IDS,
            "paymentRequestId": _text(128, "the bank's reference of the payment; one payment each"),
            "paidAmount": {"$ref": "#/components/schemas/Amount"},
            "totalAmount": {"$ref": "#/components/schemas/Amount"},
            "trxDateTime": _text(25),
            "referenceNo": _text(64),
            "flagAdvise": {"enum": ["Y", "N", ""], "description": "Y: the bank repeats a payment already debited"},
            "additionalInfo": {"type": "object"},
        },
    },
    "QrisNotification": {
        "type": "object",
        "required": ["originalReferenceNo", "latestTransactionStatus"],
        "properties": {
            "originalReferenceNo": _text(64, "the acquirer's reference; one payment each"),
            "originalPartnerReferenceNo": _text(64, "the reference under which we asked for the QRIS"),
            "latestTransactionStatus": {"type": "string", "pattern": "^[0-9]{2}$"},
            "amount": {"$ref": "#/components/schemas/Amount"},
            "additionalInfo": {"type": "object"},
        },
    },
}
_HEADERS: dict[str, tuple[int, bool]] = {
    "X-TIMESTAMP": (35, True),
    "X-SIGNATURE": (2048, True),
    "X-PARTNER-ID": (36, True),
    "X-EXTERNAL-ID": (36, True),
    "CHANNEL-ID": (5, True),
}
_TOKEN_HEADERS: dict[str, tuple[int, bool]] = {
    "X-TIMESTAMP": (35, True),
    "X-SIGNATURE": (2048, True),
    "X-CLIENT-KEY": (64, True),
}
_MEANINGS: dict[str, dict[str, str]] = {
    TOKEN.number: {
        "200": "2007300: the token",
        "400": "4007301, 4007302: a field or header is malformed or missing",
        "401": "4017300: unknown client, timestamp or signature",
    },
    VA_INQUIRY.number: {
        "200": "2002400: what is owed",
        "400": "4002400, 4002401, 4002402: the body or a field",
        "401": "4012400: signature or timestamp; 4012401: token",
        "404": "4042412: no such bill; 4042413: another amount; 4042414: paid; 4042419: past its due date",
        "409": "4092400: this X-EXTERNAL-ID was used today",
    },
    VA_PAYMENT.number: {
        "200": "2002500: recorded (also the answer to a repeat with flagAdvise Y)",
        "400": "4002500, 4002501, 4002502: the body or a field",
        "401": "4012500: signature or timestamp; 4012501: token",
        "404": "4042512, 4042513, 4042514, 4042519 as for inquiry; 4042518: this payment was received before",
        "409": "4092500: this X-EXTERNAL-ID or paymentRequestId was used with other facts",
    },
    QRIS_NOTIFY.number: {
        "200": "2005200: recorded (also the answer to an identical repeat)",
        "400": "4005200, 4005201, 4005202: the body or a field",
        "401": "4015200: signature or timestamp; 4015201: token",
        "409": "4095200: this X-EXTERNAL-ID or originalReferenceNo was used with other facts",
    },
}


def snap_document(region: Region) -> _Json:
    """The OpenAPI document of one region's SNAP doors."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"Lunas SNAP BI – {region.name}",
            "version": "1.0",
            "description": "Virtual account and QRIS services that this region serves to its banks.",
        },
        "servers": [{"url": f"/{region.code}/snap"}],
        "paths": {
            f"/v1.0{TOKEN.path}": _operation(TOKEN, "TokenRequest", "TokenAnswer", "Access token (B2B)"),
            f"/v1.0{VA_INQUIRY.path}": _operation(VA_INQUIRY, "VaInquiry", "Answer", "Virtual account inquiry"),
            f"/v1.0{VA_PAYMENT.path}": _operation(VA_PAYMENT, "VaPayment", "Answer", "Virtual account payment"),
            f"/v1.0{QRIS_NOTIFY.path}": _operation(QRIS_NOTIFY, "QrisNotification", "Answer", "QRIS notification"),
        },
        "components": {
            "schemas": _SCHEMAS,
            "securitySchemes": {"b2b": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(service: Service, request: str, answer: str, summary: str) -> _Json:
    headers = _TOKEN_HEADERS if service == TOKEN else _HEADERS
    return {
        "post": {
            "operationId": f"snap{service.number}",
            "summary": summary,
            "security": [] if service == TOKEN else [{"b2b": []}],
            "parameters": [
                {"name": name, "in": "header", "required": required, "schema": _text(longest)}
                for name, (longest, required) in headers.items()
            ],
            "requestBody": {"required": True, "content": _content(request)},
            "responses": {
                status: {"description": meaning, "content": _content(answer if status == "200" else "Answer")}
                for status, meaning in (
                    _MEANINGS[service.number] | {"500": f"500{service.number}00: try again"}
                ).items()
            },
        }
    }


def _content(schema: str) -> _Json:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}

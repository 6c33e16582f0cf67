"""Bills whose QRIS an acquirer has offered, without an acquirer that listens: for tests of pages.

For: `make_acquirer_scene`, and `offer_qris`, which records what an acquirer would have answered.
Not for: asking one over HTTP (tests/journeys), or what an offer must be (tests/payments).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bank_adapters.contract import QrisOffer
from bank_adapters.contract.qris import QrisMerchant, encode_merchant
from billing import find_payable
from foundation import clock
from foundation.db import unit_of_work
from foundation.money import Money
from foundation.regions import Region
from payments import ask_for_qris, get_partner, record_qris_offer
from tests.scene import KEY, Scene, make_scene

LIMIT = Money.from_rupiah(10_000_000)
MERCHANT = QrisMerchant(
    name="PEMKAB CONTOH",
    city="BLORA",
    postal_code="58211",
    category_code="9311",
    guid="ID.CO.CONTOH.WWW",
    mpan="936009990000000017",
    merchant_id="000000000017",
    criteria="URE",
    nmid="ID1000000000017",
)


def make_acquirer_scene(region: Region, amounts: tuple[int, ...] = (150_000, 75_500, 10_000_001)) -> Scene:
    """A scene whose bank is an acquirer at an address where nobody answers. The third bill is above the QRIS limit."""
    return make_scene(
        region,
        amounts,
        acquirer={"base_url": "http://127.0.0.1:9", "client_id": "lunas", "merchant_id": "M1"},
        sign_pem=KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        secret_out="secret towards the acquirer",
    )


def offer_qris(scene: Scene, number: int = 0, *, reference: str = "A1", valid_until: datetime | None = None) -> str:
    """Ask for a bill's QRIS and record the acquirer's offer; returns its content."""
    at = clock.now()
    with unit_of_work(scene.region.code) as session:
        bill = find_payable(session, scene.bills[number].payment_code)
        assert bill is not None
        partner = get_partner(session, "BANKUJI")
        asked, question = ask_for_qris(session, bill, partner, zone=scene.region.timezone, at=at)
        # An offer must be valid when it is recorded; one that has run out since was recorded earlier.
        until = valid_until or at + timedelta(minutes=15)
        content = encode_merchant(MERCHANT, limit=LIMIT, amount=question.amount, bill_number=reference)
        offered = QrisOffer(
            partner_reference_no=question.partner_reference_no,
            reference_no=reference,
            qr_content=content,
            valid_until=until,
        )
        record_qris_offer(session, asked.uid, offered, at=min(at, until - timedelta(minutes=15)))
    return content

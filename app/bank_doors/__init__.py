"""The doors that banks knock on: SNAP BI, with its own error shape and OpenAPI document.

For: turning a signed message of a bank into one use case of payments, and the result into the bank's own answer code.
Not for: what a payment means (payments/receiving.py is the next file to read), or the wire format (bank_adapters.snap).

    snap_admission.py   who knocks: token, timestamp, signature
    snap.py             one function per message: fetch, check, change, record
    snap_knock.py       one message on its way through: answer, archive, retry
    snap_openapi.py     the doors described

Invariants
- Every message is archived with its answer. One that led to a payment is archived in the payment's own transaction;
  any other in a transaction of its own, which is all it leaves behind.
- What asks first can be refused by code; what reports a fact is recorded and answered well (design: reliability).
"""

from app.bank_doors.snap import snap_doors

__all__ = ["snap_doors"]

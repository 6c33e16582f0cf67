"""The bank as a load generator: a process of its own that signs payments beforehand and then only sends them.

For: `python -m benchmarks.load`, a plan as JSON on standard input, the outcome as JSON on standard output; started by
benchmarks.paying through `run_load`.
Not for: checks of the answers beyond status and response code; the books are checked afterwards.

Closed loop: each connection sends its next payment when it has the answer to the last. Open loop (`rate`): payments
are due at fixed moments whatever the server does, and a payment's time counts from the moment it was due.
"""

from __future__ import annotations

import http.client
import json
import re
import select
import socket
import subprocess
import sys
import time
from collections import Counter, deque
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bank_adapters.snap import load_private_key, sign_symmetric, sign_token, write_timestamp
from foundation import clock
from foundation.money import Money

__all__ = ["Outcome", "Plan", "run_load"]

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CODE = re.compile(rb'"responseCode": *"(\d{7})"')
_PAID = "2002500"
_PATIENCE = 60.0  # seconds without any answer, after which the server is taken to hang


@dataclass(frozen=True)
class Plan:
    """One run. `bill_list` has "payment code, amount in sen" per line, of which `count` are paid from `first` on;
    `acknowledged` is the file for the references that were answered well. `rate` None: closed loop."""

    port: int
    region: str
    client_id: str
    client_secret: str
    private_key_pem: str
    va_prefix: str
    bill_list: str
    first: int
    count: int
    connections: int
    seconds: float
    rate: float | None
    acknowledged: str


@dataclass
class Outcome:
    """What a run saw. Times are in seconds; `codes` counts answers by SNAP code or failure."""

    sent: int = 0
    paid: int = 0
    seconds: float = 0.0
    codes: dict[str, int] = field(default_factory=dict)
    p50: float = 0.0
    p99: float = 0.0
    longest: float = 0.0
    slowest_slice_per_second: float = 0.0
    cpu_seconds: float = 0.0

    @property
    def per_second(self) -> float:
        """Payments that were answered well, per second."""
        return self.paid / self.seconds if self.seconds else 0.0


def run_load(plan: Plan) -> Outcome:
    """Run the generator in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"],
        input=json.dumps(asdict(plan)),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return Outcome(**json.loads(done.stdout))


def main() -> None:
    """Read the plan, sign, send, tell."""
    plan = Plan(**json.load(sys.stdin))
    sender = _Sender(plan, _sign_all(plan, _take_token(plan)))
    outcome = sender.run()
    print(json.dumps(asdict(outcome)))


def _take_token(plan: Plan) -> str:
    stamp = write_timestamp(clock.now())
    key = load_private_key(plan.private_key_pem)
    headers = {
        "Content-Type": "application/json",
        "X-TIMESTAMP": stamp,
        "X-CLIENT-KEY": plan.client_id,
        "X-SIGNATURE": sign_token(key, client_id=plan.client_id, timestamp=stamp),
    }
    connection = http.client.HTTPConnection("127.0.0.1", plan.port, timeout=30)
    path = f"/{plan.region}/snap/v1.0/access-token/b2b"
    connection.request("POST", path, json.dumps({"grantType": "client_credentials"}), headers)
    answer = json.load(connection.getresponse())
    connection.close()
    return str(answer["accessToken"])


def _sign_all(plan: Plan, token: str) -> list[tuple[str, bytes]]:
    """(paymentRequestId, the whole request as bytes) for each bill of the plan."""
    lines = Path(plan.bill_list).read_text(encoding="ascii").splitlines()
    bills = [line.split() for line in lines[plan.first : plan.first + plan.count]]
    path = f"/{plan.region}/snap/v1.0/transfer-va/payment"
    stamp = write_timestamp(clock.now())
    run = f"{time.time_ns():x}"[-10:]
    signed = []
    for number, (code, sen) in enumerate(bills):
        reference = f"BCH{run}{number:08d}"
        body = _body(plan, code, Money(int(sen)).plain(), reference, stamp)
        signature = sign_symmetric(
            plan.client_secret, method="POST", path=path, token=token, body=body, timestamp=stamp
        )
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{plan.port}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nAuthorization: Bearer {token}\r\nX-TIMESTAMP: {stamp}\r\n"
            f"X-SIGNATURE: {signature}\r\nX-PARTNER-ID: {plan.client_id}\r\nX-EXTERNAL-ID: {reference}\r\n"
            "CHANNEL-ID: 95221\r\n\r\n"
        )
        signed.append((reference, head.encode("ascii") + body))
    return signed


def _body(plan: Plan, code: str, amount: str, reference: str, stamp: str) -> bytes:
    padded = plan.va_prefix.rjust(8)
    value = {"value": amount, "currency": "IDR"}
    message = {
        "partnerServiceId": padded,
        "customerNo": code,
        "virtualAccountNo": padded + code,
        "virtualAccountName": "WARGA CONTOH",
        "paymentRequestId": reference,
        "channelCode": 6011,
        "paidAmount": value,
        "totalAmount": value,
        "trxDateTime": stamp,
        "referenceNo": reference[3:],
        "flagAdvise": "N",
    }
    return json.dumps(message, separators=(",", ":")).encode("ascii")


class _Connection:
    """One keep-alive connection with at most one request on its way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""
        self.reference = ""
        self.due = 0.0

    def send(self, reference: str, request: bytes, due: float) -> None:
        """Send one request; it is small enough for the socket's buffer."""
        self.reference, self.due, self.received = reference, due, b""
        self.socket.sendall(request)

    def receive(self) -> str | None:
        """The SNAP code of a complete answer, "HTTP nnn" without one, "closed", or None while more is to come."""
        more = self.socket.recv(65536)
        if not more:
            return "closed"
        self.received += more
        end = self.received.find(b"\r\n\r\n")
        length = _LENGTH.search(self.received, 0, end) if end >= 0 else None
        if length is None or len(self.received) < end + 4 + int(length[1]):
            return None
        code = _CODE.search(self.received, end)
        return code[1].decode() if code else f"HTTP {self.received[9:12].decode()}"


class _Sender:
    """Keeps the connections busy until the time or the payments are over, and then waits for the last answers."""

    def __init__(self, plan: Plan, signed: list[tuple[str, bytes]]) -> None:
        self.plan = plan
        self.signed = signed
        # In turn, so that an open loop keeps both web processes busy.
        self.idle = deque(_Connection(plan.port) for _ in range(plan.connections))
        self.busy: dict[int, _Connection] = {}
        self.poll = select.epoll()
        for connection in self.idle:
            self.poll.register(connection.socket, select.EPOLLIN)
        self.next = 0
        self.codes: Counter[str] = Counter()
        self.took: list[float] = []
        self.answered_at: list[float] = []
        self.acknowledged: list[str] = []

    def run(self) -> Outcome:
        """Send everything that the plan asks for."""
        used = time.process_time()
        began = time.perf_counter()
        ends = began + self.plan.seconds
        while True:
            wait = self._send_due(began, ends)
            if wait is None and not self.busy:
                break
            events = self.poll.poll(_PATIENCE if wait is None else wait)
            if not events and wait is None:
                self.codes["no answer"] += len(self.busy)
                break
            for descriptor, _event in events:
                self._take_answer(descriptor)
        seconds = (self.answered_at[-1] if self.answered_at else time.perf_counter()) - began
        with Path(self.plan.acknowledged).open("a", encoding="ascii") as out:
            out.writelines(f"{reference}\n" for reference in self.acknowledged)
        return self._outcome(began, seconds, time.process_time() - used)

    def _send_due(self, began: float, ends: float) -> float | None:
        """Send what is due on idle connections; how long until more is due, or None when only an answer can bring on
        more."""
        rate = self.plan.rate
        while True:
            now = time.perf_counter()
            due = now if rate is None else began + self.next / rate
            if self.next >= len(self.signed) or due >= ends:
                return None
            if not self.idle:
                return None
            if due > now:
                return due - now
            connection = self.idle.popleft()
            reference, request = self.signed[self.next]
            self.next += 1
            self.busy[connection.socket.fileno()] = connection
            connection.send(reference, request, due)

    def _take_answer(self, descriptor: int) -> None:
        connection = self.busy.get(descriptor)
        if connection is None:  # the server closed one that waited
            gone = next(each for each in self.idle if each.socket.fileno() == descriptor)
            self.idle.remove(gone)
            self._replace(gone)
            return
        code = connection.receive()
        if code is None:
            return
        now = time.perf_counter()
        self.codes[code] += 1
        self.took.append(now - connection.due)
        self.answered_at.append(now)
        if code == _PAID:
            self.acknowledged.append(connection.reference)
        del self.busy[descriptor]
        if code == "closed":
            self._replace(connection)
        else:
            self.idle.append(connection)

    def _replace(self, connection: _Connection) -> None:
        connection.socket.close()
        fresh = _Connection(self.plan.port)
        self.poll.register(fresh.socket, select.EPOLLIN)
        self.idle.append(fresh)

    def _outcome(self, began: float, seconds: float, cpu: float) -> Outcome:
        took = sorted(self.took)
        outcome = Outcome(sent=self.next, paid=len(self.acknowledged), seconds=seconds, codes=dict(self.codes))
        outcome.cpu_seconds = cpu
        if took:
            outcome.p50 = took[len(took) // 2]
            outcome.p99 = took[len(took) * 99 // 100]
            outcome.longest = took[-1]
        slices = Counter(int((moment - began) // 5) for moment in self.answered_at)
        whole = [slices[number] / 5 for number in range(int(seconds // 5))]
        outcome.slowest_slice_per_second = min(whole) if whole else outcome.per_second
        return outcome


if __name__ == "__main__":
    main()

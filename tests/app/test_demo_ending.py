"""The demo leaves nothing running, however it ends.

For: a process that does not come up. Not for: the demo's work (the journeys run it).
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.demo import running
from app.demo.places import DemoPlaces
from app.demo.running import ProcessEnded, run_demo


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    """The signals as they were before the demo took them."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, kept in before.items():
        signal.signal(number, kept)


def test_the_database_is_stopped_when_a_process_does_not_come_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped: list[Path] = []

    class Server:
        def __init__(self, home: Path) -> None:
            self.home = home

        def stop(self) -> None:
            stopped.append(self.home)

    def fail(_places: DemoPlaces) -> None:
        raise ProcessEnded(name="worker", log=tmp_path / "worker.log")

    monkeypatch.setattr(running, "EmbeddedServer", Server)
    monkeypatch.setattr(running, "start_processes", fail)
    with pytest.raises(ProcessEnded):
        run_demo(DemoPlaces(tmp_path, 8080, 8090), ready=lambda: None)
    assert stopped == [tmp_path]

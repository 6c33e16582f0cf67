"""`lunas serve`: the web server, gunicorn with threads.

For: production behind a reverse proxy that ends TLS, and the demo.
Not for: the worker (`lunas worker`), which is a process of its own.

Each web process has its own pool of database connections; the first process only looks whether the database is ready
and keeps none, so nothing is shared across a fork.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import click

__all__ = ["serve"]


@click.command()
@click.option("--bind", default="127.0.0.1:8080", show_default=True, help="Alamat / address to listen on.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Proses / processes.")
@click.option("--threads", default=8, show_default=True, type=click.IntRange(1, 64), help="Utas per proses / threads.")
def serve(bind: str, workers: int, threads: int) -> None:
    """Server web / serve pages, API and the doors of banks.

    Until told to stop (SIGTERM, Ctrl-C).
    """
    from app.logs import collect_library_logs, configure_logging
    from foundation.config import settings
    from foundation.connections import dispose_engines
    from foundation.regions import list_regions

    regions = list_regions()
    dispose_engines()
    configure_logging()
    collect_library_logs()
    click.echo(f"http://{bind}/ ({len(regions)} wilayah / regions)", err=True)
    figures = None
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        figures = _directory_for_figures(settings().home / "metrics")
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(figures)
    starter = os.getpid()
    try:
        _run(_options(bind, workers, threads))
    finally:
        # gunicorn leaves by SystemExit, in its children too; only the starter cleans up.
        if figures is not None and os.getpid() == starter:
            shutil.rmtree(figures, ignore_errors=True)


def _directory_for_figures(root: Path) -> Path:
    """A directory named by our process; those of servers that were killed are removed."""
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in root.iterdir():
        if left.name.isdigit() and not Path(f"/proc/{left.name}").exists():
            shutil.rmtree(left, ignore_errors=True)
    ours = root / str(os.getpid())
    shutil.rmtree(ours, ignore_errors=True)
    ours.mkdir(mode=0o700)
    return ours


def _options(bind: str, workers: int, threads: int) -> dict[str, Any]:
    options: dict[str, Any] = {
        "bind": bind,
        "workers": workers,
        "worker_class": "gthread",
        "threads": threads,
        # Banks and proxies keep their connections; opening one per payment costs more than the payment.
        "keepalive": 75,
        "graceful_timeout": 30,
        "accesslog": None,
        "control_socket_disable": True,
        "post_fork": _after_fork,
        "child_exit": _after_child,
        "logger_class": _quiet_logger(),
    }
    if Path("/dev/shm").is_dir():  # noqa: S108 - gunicorn's heartbeat file, made by itself with a random name
        options["worker_tmp_dir"] = "/dev/shm"  # noqa: S108 - as above
    return options


def _run(options: dict[str, Any]) -> None:
    from gunicorn.app.base import BaseApplication

    class Server(BaseApplication):  # type: ignore[misc]  # the library has no types
        """gunicorn, told by arguments instead of a file."""

        def load_config(self) -> None:
            """Take the options as they are."""
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            """Make the application in each web process, after the fork."""
            from app.factory import create_app

            return create_app()

    Server().run()


def _quiet_logger() -> type[Any]:
    from gunicorn.glogging import Logger

    class LibraryLogger(Logger):  # type: ignore[misc]  # the library has no types
        """Without handlers of its own: what gunicorn says goes the way of every library's log."""

        def setup(self, cfg: Any) -> None:
            """Keep the levels, drop the handlers."""
            super().setup(cfg)
            for log in (self.error_log, self.access_log):
                log.handlers[:] = []
                log.propagate = True

    return LibraryLogger


def _after_fork(_server: Any, _worker: Any) -> None:
    from foundation.connections import dispose_engines

    dispose_engines(close=False)


def _after_child(_server: Any, worker: Any) -> None:
    from app.metrics import forget_process

    forget_process(worker.pid)

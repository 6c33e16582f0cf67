"""The demo: a region at work on one machine, for a first look.

For: `make demo` and `lunas demo`: embedded PostgreSQL, two invented regions with bills, web, worker and sandbox bank,
started together and stopped together. The journeys of the tests start their processes the same way.
Not for: production (docs/runbooks say how to start there), or anything that only the demo could do: each step is one
of the commands that a region would type.

    preparing.py   the steps, each done once
    running.py     the three processes, watched and stopped
    credentials.py what the demo made for its visitor: passwords, second factor, API token
"""

from app.demo.credentials import DemoCredentials, read_credentials
from app.demo.places import DemoPlaces
from app.demo.preparing import prepare_demo
from app.demo.running import run_demo

__all__ = ["DemoCredentials", "DemoPlaces", "prepare_demo", "read_credentials", "run_demo"]

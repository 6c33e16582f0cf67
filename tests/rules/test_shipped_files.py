"""What `pip install` of a wheel brings: every module, template, picture, catalog, migration and sample.

For: setuptools' own list of what it would build, held beside the files of the repository.
Not for: an editable install, which reads the checkout and so would never miss a file.
"""

from __future__ import annotations

import json
import subprocess
import sys

from tests.rules.source import PACKAGES, ROOT, tracked_files

SHIPPED = (*PACKAGES, "migrations", "samples")
_LIST = """
import json
from pathlib import Path
from setuptools.dist import Distribution

known = Distribution({"script_name": "setup.py"})
known.parse_config_files()
command = known.get_command_obj("build_py")
command.ensure_finalized()
modules = [Path(path).as_posix() for _package, _module, path in command.find_all_modules()]
data = [f"{Path(folder).as_posix()}/{name}" for _package, folder, _build, names in command.data_files for name in names]
print(json.dumps(modules + data))
"""


def shipped_files() -> set[str]:
    """What setuptools would put into a wheel, by path from the root."""
    asked = subprocess.run([sys.executable, "-c", _LIST], cwd=ROOT, capture_output=True, text=True, check=True)
    return {name for name in json.loads(asked.stdout.splitlines()[-1]) if "__pycache__" not in name}


def test_a_wheel_has_every_file_of_the_packages_and_nothing_else() -> None:
    ours = {name for name in tracked_files() if name.partition("/")[0] in SHIPPED}
    shipped = shipped_files()
    assert sorted(ours - shipped) == []
    assert sorted(shipped - ours) == []
    for one_of_each in (
        "app/web/templates/bill.html",
        "app/web/static/vendor/htmx/htmx.min.js",
        "app/web/translations/en/LC_MESSAGES/messages.mo",
        "app/sandbox_bank/templates/base.html",
        "app/sandbox_bank/static/sandbox.css",
        "migrations/shared/versions/0001_regions.py",
        "samples/chart/accounts.csv",
        "samples/bills/pbb-3316-2026.toml",
    ):
        assert one_of_each in shipped

"""The house as a newcomer finds it: its files, its commands, its README, and nothing in it that belongs elsewhere.

For: paths of one machine, addresses of registries and keys in tracked files; vendored files with their licence and
integrity; the commands that README names; its links.
Not for: what those commands do.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rules.source import PACKAGES, ROOT, Found, told, tracked_files

_BINARY = (".png", ".ico", ".woff2", ".mo", ".pdf", ".xlsx")
_FOREIGN = {
    "a path of one machine": re.compile(rf"(?<![\w.}}$~])/(home/\w+|root|Users/\w+)/\w|{re.escape(str(ROOT))}/"),
    "the address of a registry": re.compile(
        r"--(extra-)?index-url|--find-links|https?://[^\s/\"']+/(simple|repository|artifactory|npm|pypi)/|@[\w.-]+:\d+/simple"
    ),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "a secret in an address": re.compile(r"postgres(ql)?://\w+:[A-Za-z0-9]{16,}@"),
}
_VENDOR = ROOT / "app/web/static/vendor"
_SET_UP = ("make demo", "make test")
_FOLLOWED = ("app/bank_doors/snap.py", "payments/receiving.py", "ledger/posting.py")


def foreign_things(path: str, text: str) -> Iterator[Found]:
    """What a tracked file must not hold."""
    for number, line in enumerate(text.splitlines(), 1):
        for name, pattern in _FOREIGN.items():
            if pattern.search(line):
                yield Found(path, number, name)


def unproven_files(vendor: Path, pages: str) -> Iterator[str]:
    """Vendored files that no page loads by their hash, or whose folder has no licence; sources are not loaded."""
    used = re.findall(r"vendor/([\w./-]+)'\) \}\}\"([^>]*)>", pages)
    for name, attributes in used:
        if 'integrity="sha384-' not in attributes:
            yield f"{name}: a page loads it without integrity"
    proven = {name: match[1] for name, said in used if (match := re.search(r'integrity="([^"]+)"', said))}
    for file in sorted(path for path in vendor.rglob("*") if path.is_file()):
        name = file.relative_to(vendor).as_posix()
        if name == "README.md":  # ours: it says where the folders come from
            continue
        if not (vendor / name.partition("/")[0] / "LICENSE").is_file():
            yield f"{name}: no LICENSE beside it"
        digest = "sha384-" + base64.b64encode(hashlib.sha384(file.read_bytes()).digest()).decode()
        if file.suffix in (".js", ".css") and proven.get(name) != digest:
            yield f"{name}: pages say {proven.get(name)}, the file is {digest}"


def broken_links(path: str, text: str) -> Iterator[str]:
    """Links of a document to files of ours that do not exist."""
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
        if "://" not in target and not target.startswith("mailto:") and not ((ROOT / path).parent / target).exists():
            yield f"{path}: {target}"


def test_nothing_of_another_place_is_tracked() -> None:
    own = "tests/rules/test_house.py"
    names = [name for name in tracked_files() if name != own and not name.endswith(_BINARY) and "/vendor/" not in name]
    assert not told(
        found
        for name in names
        for found in foreign_things(name, (ROOT / name).read_text(encoding="utf-8", errors="replace"))
    )


@pytest.mark.parametrize(
    "line",
    [
        "home = '/home/someone/lunas'",
        f"see {ROOT}/README.md",
        "pip install --find-links https://mirror.example/simple/ x",
        "resolved https://mirror.example/npm/htmx",
        "-----BEGIN RSA PRIVATE KEY-----",
        "DATABASE_URL=postgresql://app:0123456789abcdef0123@db/lunas",
    ],
)
def test_a_thing_of_another_place_is_seen(line: str) -> None:
    assert told(foreign_things("x.md", line))


@pytest.mark.parametrize("line", ["/var/lib/lunas", "https://example.go.id/bills", "-----BEGIN PUBLIC KEY-----"])
def test_an_ordinary_line_is_allowed(line: str) -> None:
    assert not told(foreign_things("x.md", line))


def test_vendored_files_are_what_they_say() -> None:
    pages = [ROOT / name for name in tracked_files() if name.startswith("app/web/templates/")]
    assert not list(unproven_files(_VENDOR, "\n".join(page.read_text(encoding="utf-8") for page in pages)))


def test_a_changed_vendored_file_is_seen(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/a.js").write_text("1", encoding="utf-8")
    digest = "sha384-" + base64.b64encode(hashlib.sha384(b"1").digest()).decode()
    page = f"""<script src="{{{{ asset('vendor/lib/a.js') }}}}" integrity="{digest}" defer></script>"""
    assert list(unproven_files(tmp_path, page)) == ["lib/a.js: no LICENSE beside it"]
    (tmp_path / "lib/LICENSE").write_text("MIT", encoding="utf-8")
    assert not list(unproven_files(tmp_path, page))
    assert list(unproven_files(tmp_path, ""))
    assert list(unproven_files(tmp_path, page + """<script src="{{ asset('vendor/lib/a.js') }}"></script>"""))
    (tmp_path / "lib/a.js").write_text("2", encoding="utf-8")
    assert list(unproven_files(tmp_path, page))


def test_the_fixed_top_level_stands() -> None:
    for name in (*PACKAGES, "migrations", "tests", "docs", "benchmarks"):
        assert (ROOT / name).is_dir(), name
    for name in ("setup.cfg", "README.md", "CHANGELOG.md", "LICENSE", "Makefile", "requirements.lock", ".ci/run"):
        assert (ROOT / name).is_file(), name
    assert os.access(ROOT / ".ci/run", os.X_OK)


def test_no_package_stands_beside_those_of_the_house() -> None:
    folders = {name.partition("/")[0] for name in tracked_files() if "/" in name}
    assert folders - {".ci"} <= {*PACKAGES, "migrations", "tests", "docs", "benchmarks", "samples"}


def test_every_dependency_is_locked_with_its_hash() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned = re.findall(r"^[a-z0-9._-]+(?:\[[a-z,]+\])?==\S+(.*)$", lock, re.MULTILINE | re.IGNORECASE)
    assert len(pinned) > 50
    blocks = re.split(r"^(?=[a-z0-9])", lock, flags=re.MULTILINE | re.IGNORECASE)[1:]
    assert all("--hash=sha256:" in block for block in blocks)


def test_readme_names_the_commands_that_set_everything_up() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    for command in _SET_UP:
        assert f"`{command}`" in readme or re.search(rf"^    {command}\b", readme, re.MULTILINE), command
        assert command.removeprefix("make ") in targets
    named = set(re.findall(r"\bmake ([a-z]+)\b", readme))
    assert named <= set(targets), named - set(targets)
    assert "make test" in (ROOT / ".ci/run").read_text(encoding="utf-8")


def test_readme_follows_one_payment_in_four_files() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#\s]+)", readme)
    places = [links.index(name) for name in _FOLLOWED]
    assert places == sorted(places)


def test_links_of_the_documents_lead_somewhere() -> None:
    documents = [name for name in tracked_files() if name.endswith(".md") and "/vendor/" not in name]
    assert documents
    texts = [(name, (ROOT / name).read_text(encoding="utf-8")) for name in documents]
    assert not [broken for name, text in texts for broken in broken_links(name, text)]


def test_commands_that_the_documents_name_exist() -> None:
    from tests.rules.house_tables import commands

    known = set(re.findall(r"^### `lunas ([a-z -]+?)(?: [A-Z\[].*)?`$", commands(), re.MULTILINE))
    words = {tuple(name.split()) for name in known}
    groups = {name[:1] for name in words if len(name) > 1}
    for path in [name for name in tracked_files() if name.endswith(".md") and not name.startswith("docs/commands")]:
        text = (ROOT / path).read_text(encoding="utf-8")
        for found in re.findall(r"(?:^    |`)lunas ((?:[a-z-]+ ?){1,3})", text, re.MULTILINE):
            parts = tuple(found.split())
            assert any(parts[: len(name)] == name for name in words) or parts in groups, f"{path}: lunas {found}"


def test_a_broken_link_is_seen() -> None:
    assert list(broken_links("README.md", "[x](nowhere/at_all.py)"))
    assert not list(broken_links("README.md", "[x](ledger/posting.py) [y](https://example.org)"))


def test_warnings_are_errors_and_types_are_strict() -> None:
    config = (ROOT / "setup.cfg").read_text(encoding="utf-8")
    assert re.search(r"^filterwarnings =\n    error$", config, re.MULTILINE)
    assert re.search(r"^strict = true$", config, re.MULTILINE)


def test_ci_is_a_sound_script() -> None:
    checked = subprocess.run(["bash", "-n", str(ROOT / ".ci/run")], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr

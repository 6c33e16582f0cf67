"""A group whose list of commands shows both languages whole.

For: every group of `lunas`. click itself would cut each line where the second language begins.
Not for: the program's own list, which imports no command (app/cli/__init__.py).
"""

from __future__ import annotations

import click

__all__ = ["OfficeGroup"]

_LONGEST = 200


class OfficeGroup(click.Group):
    """A click group that wraps what its commands say of themselves instead of cutting it."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List each command with the whole first sentence of its help."""
        named = ((name, self.get_command(ctx, name)) for name in self.list_commands(ctx))
        rows = [(name, found.get_short_help_str(_LONGEST)) for name, found in named if found and not found.hidden]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

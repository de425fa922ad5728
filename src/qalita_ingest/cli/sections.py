"""Commands with many options: their help in sections, and a command of the user's after `--`."""

from __future__ import annotations

import shlex
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable

Decorated = TypeVar("Decorated", bound="Callable[..., Any] | click.Command")


class SectionOption(click.Option):
    """An option that the help lists under a heading of its own."""

    def __init__(self, *arguments: Any, section: str, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.section = section


def options_of(section: str) -> Callable[..., Callable[[Decorated], Decorated]]:
    """`click.option` for the options of one section."""
    return partial(click.option, cls=SectionOption, section=section)


class SectionedCommand(click.Command):
    """Options of no section come last, under the usual heading."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        sections: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record:
                sections.setdefault(getattr(parameter, "section", "Options"), []).append(record)
        last = sections.pop("Options")
        for heading, records in [*sections.items(), ("Options", last)]:
            with formatter.section(heading):
                formatter.write_dl(records)


class WrappingCommand(SectionedCommand):
    """What follows `--` is a command of the user's; the function gets it as `command`, empty where there is none."""

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return [*super().collect_usage_pieces(ctx), "[-- dbt build ...]"]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        end = args.index("--") if "--" in args else len(args)
        # A command without the dashes ends our options: its own are not to be taken for ours, nor called unknown.
        ctx.allow_interspersed_args, ctx.allow_extra_args = False, True
        if rest := super().parse_args(ctx, args[:end]):
            raise click.UsageError(f"{rest[0]}: write the command after --, e.g. -- {shlex.join(rest)}", ctx)
        ctx.params["command"] = tuple(args[end + 1 :])
        if args[end:] == ["--"]:
            raise click.UsageError(
                "there is no command after --: write it as you would type it, e.g. -- dbt build", ctx
            )
        return []

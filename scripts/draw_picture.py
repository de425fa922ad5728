"""Draw a terminal's output as SVG: captured text in, one file without fonts or anything else from a network out.

    make demo | .venv/bin/python scripts/draw_picture.py --command 'make demo' docs/images/make-demo.svg

Colours in the text (ANSI) are kept. What is drawn is what was captured: nothing is left out or added but the command.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

LOCAL_FONTS = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"
_FONT_FACE = re.compile(r"\s*@font-face\s*\{[^}]*\}")
_FONT_FAMILY = re.compile(r"font-family:\s*Fira Code,\s*monospace")
THEME = TerminalTheme(
    background=(24, 27, 33),
    foreground=(222, 226, 232),
    normal=[
        (24, 27, 33),
        (240, 113, 120),
        (126, 200, 120),
        (230, 190, 90),
        (110, 165, 240),
        (200, 140, 220),
        (100, 200, 200),
        (222, 226, 232),
    ],
)


def draw(text: str, command: str | None) -> str:
    """The SVG of the text in a terminal as wide as its longest line."""
    output = Text.from_ansi(text.strip("\n"))
    shown = Text.assemble(("$ ", "green"), (command, "bold"), "\n\n", output) if command else output
    width = max(line.cell_len for line in shown.split("\n"))
    console = Console(record=True, width=width + 1, file=io.StringIO(), highlight=False, force_terminal=True)
    # A line more, or rich cuts the letters of the last one off.
    console.print(shown, end="\n\n", overflow="ignore", no_wrap=True)
    # A fixed id: the same text is the same file.
    return without_network(console.export_svg(title=command or "terminal", theme=THEME, unique_id="terminal"))


def without_network(svg: str) -> str:
    """rich names a web font; a page that shows the picture must fetch nothing."""
    return _FONT_FAMILY.sub(f"font-family: {LOCAL_FONTS}", _FONT_FACE.sub("", svg))


def main() -> None:
    parser = argparse.ArgumentParser(description="Draw captured terminal output as SVG.")
    parser.add_argument("picture", type=Path, help="the SVG file to write")
    parser.add_argument("--text", type=Path, help="file with the captured output [default: standard input]")
    parser.add_argument("--command", help="the command whose output it is, shown above it")
    options = parser.parse_args()
    text = options.text.read_text(encoding="utf-8") if options.text else sys.stdin.read()
    options.picture.parent.mkdir(parents=True, exist_ok=True)
    options.picture.write_text(draw(text, options.command), encoding="utf-8")


if __name__ == "__main__":
    main()

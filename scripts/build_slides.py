"""Write docs/workshop/slides*.html and learner*.html from their Markdown: one file each, with nothing to fetch.

--check only compares. The learner's sheet prints on one page of A4. In slides a line of three dashes begins the next
one; arrows, blank, Page Up and Down, Home and End turn the pages. Without JavaScript they scroll, and each prints on a
page of its own.
"""

from __future__ import annotations

import base64
import mimetypes
import re
import sys
from html import escape
from pathlib import Path

from markdown_it import MarkdownIt

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "workshop"
SLIDES = {"slides.md": "en", "slides.fr.md": "fr"}
SHEETS = {"learner.md": "en", "learner.fr.md": "fr"}
COUNTER = {"en": "Slide", "fr": "Diapositive"}

STYLE = """
:root { color-scheme: light dark; --back: #fff; --text: #1c2430; --soft: #eef1f5; --line: #c3cad4; --mark: #0b62a8; }
@media (prefers-color-scheme: dark) {
  :root { --back: #14181f; --text: #e8ecf2; --soft: #222a35; --line: #465163; --mark: #7cbcf2; }
}
* { box-sizing: border-box; }
html { scroll-snap-type: y mandatory; background: var(--back); color: var(--text); }
body { margin: 0; font: clamp(16px, 1.9vw, 30px)/1.45 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
section { min-height: 100vh; padding: 4vh 8vw; display: flex; flex-direction: column; justify-content: center;
  scroll-snap-align: start; position: relative; }
section::after { content: attr(data-number); position: absolute; right: 2vw; bottom: 2vh; font-size: .6em; }
h1, h2 { line-height: 1.15; margin: 0 0 .6em; text-wrap: balance; }
h1 { font-size: 2.2em; } h2 { font-size: 1.6em; color: var(--mark); }
p, ul, ol, table, pre { margin: 0 0 .7em; } li { margin: .25em 0; } a { color: var(--mark); }
code { font: .88em ui-monospace, "DejaVu Sans Mono", Consolas, monospace; background: var(--soft);
  padding: .08em .3em; border-radius: .2em; }
pre { background: var(--soft); padding: .7em 1em; border-radius: .3em; overflow-x: auto; } pre code { padding: 0; }
table { border-collapse: collapse; align-self: flex-start; }
th, td { text-align: left; padding: .25em .8em; border-bottom: 1px solid var(--line); }
img { max-width: 100%; max-height: 64vh; align-self: flex-start; border: 1px solid var(--line); }
p:has(> img) { margin: 0; }
:focus-visible { outline: 3px solid var(--mark); outline-offset: 2px; }
@page { size: A4 landscape; margin: 0; }
@media print {
  :root { --back: #fff; --text: #000; --soft: #eef1f5; --line: #8a93a0; --mark: #0b4f86; color-scheme: light; }
  body { font-size: 15pt; print-color-adjust: exact; }
  section { min-height: 0; height: 100vh; break-after: page; } section:last-child { break-after: auto; }
}
"""

SHEET_STYLE = """
:root { color-scheme: light dark; --soft: #eef1f5; --line: #c3cad4; --mark: #0b62a8; }
@media (prefers-color-scheme: dark) { :root { --soft: #222a35; --line: #465163; --mark: #7cbcf2; } }
body { max-width: 62rem; margin: 2rem auto; padding: 0 1rem;
  font: 1rem/1.4 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
h1 { font-size: 1.6em; margin: 0 0 .3em; } h2 { font-size: 1.15em; margin: 1em 0 .3em; color: var(--mark); }
p, ul, ol, pre, table { margin: 0 0 .5em; } ul, ol { padding-left: 1.4em; } a { color: var(--mark); }
code { font: .88em ui-monospace, "DejaVu Sans Mono", Consolas, monospace; }
pre { background: var(--soft); padding: .4em .7em; border-radius: .3em; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .15em .5em .15em 0; border-bottom: 1px solid var(--line); }
@page { size: A4; margin: 12mm; }
@media print {
  :root { color-scheme: light; --soft: #eef1f5; --line: #8a93a0; --mark: #0b4f86; }
  body { max-width: none; margin: 0; padding: 0; font-size: 9.2pt; print-color-adjust: exact; }
  h2 { break-after: avoid; } tr, li { break-inside: avoid; }
}
"""

SCRIPT = """
const slides = [...document.querySelectorAll("section")];
const shown = () => slides.findIndex(slide => slide.getBoundingClientRect().bottom > innerHeight / 2);
const show = number => {
  const slide = slides[Math.max(0, Math.min(slides.length - 1, number))];
  slide.scrollIntoView();
  history.replaceState(null, "", "#" + slide.id);
};
const moves = { ArrowRight: 1, ArrowDown: 1, PageDown: 1, " ": 1, ArrowLeft: -1, ArrowUp: -1, PageUp: -1 };
addEventListener("keydown", event => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key in moves) show(shown() + (event.shiftKey ? -1 : 1) * moves[event.key]);
  else if (event.key === "Home") show(0);
  else if (event.key === "End") show(slides.length - 1);
  else return;
  event.preventDefault();
});
"""


def slides(text: str, language: str) -> str:
    parts = [part.strip() for part in re.split(r"^---$", text, flags=re.MULTILINE)]
    sections = "\n".join(
        f'<section id="{number}" aria-label="{COUNTER[language]} {number}" data-number="{number} / {len(parts)}">\n'
        f"{html_of(part)}</section>"
        for number, part in enumerate(parts, 1)
    )
    return document(text, language, STYLE, f"{sections}\n</main>\n<script>{SCRIPT}</script>")


def sheet(text: str, language: str) -> str:
    return document(text, language, SHEET_STYLE, f"{html_of(text)}</main>")


def html_of(text: str) -> str:
    return with_pictures(MarkdownIt("commonmark").enable("table").render(text))


def document(text: str, language: str, style: str, main_and_after: str) -> str:
    title = re.sub("[*`]", "", text.partition("\n")[0].lstrip("# "))
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{style}</style>\n</head>\n"
        f"<body>\n<main>\n{main_and_after}\n</body>\n</html>\n"
    )


def with_pictures(html: str) -> str:
    """Pictures of the repository become part of the file."""

    def embedded(source: re.Match[str]) -> str:
        path = FOLDER / source[1]
        kind = mimetypes.guess_type(path.name)[0]
        return f'src="data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"'

    return re.sub(r'src="([^"]+)"', embedded, html)


def main() -> int:
    drifted = []
    kinds = [(name, language, slides) for name, language in SLIDES.items()]
    kinds += [(name, language, sheet) for name, language in SHEETS.items()]
    for name, language, build in kinds:
        source = FOLDER / name
        target = source.with_suffix(".html")
        html = build(source.read_text(encoding="utf-8"), language)
        if "--check" not in sys.argv:
            target.write_text(html, encoding="utf-8")
        elif not target.exists() or target.read_text(encoding="utf-8") != html:
            drifted.append(target.name)
    for name in drifted:
        print(f"docs/workshop/{name} is not what its Markdown says; run .venv/bin/python scripts/build_slides.py")
    return 1 if drifted else 0


if __name__ == "__main__":
    sys.exit(main())

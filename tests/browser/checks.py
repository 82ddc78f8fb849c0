# SPDX-License-Identifier: EUPL-1.2
"""What every page and every state must hold: axe-core's judgement, and what axe does not measure."""

from collections.abc import Sequence
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = {"type": "rule", "values": ["color-contrast"]}
NARROW = (640, 390, 320)
SMALLEST_CONTRAST = 3.0

# RGAA 3.3: the edge of a field against what surrounds it, and against the field itself when it has its own ground.
EDGES = """
() => {
  const ctx = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgb = (colour) => { ctx.clearRect(0, 0, 1, 1); ctx.fillStyle = colour; ctx.fillRect(0, 0, 1, 1); return [...ctx.getImageData(0, 0, 1, 1).data]; };
  const light = ([r, g, b]) => { const [x, y, z] = [r, g, b].map(v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * x + .7152 * y + .0722 * z; };
  const ratio = (a, b) => { const [high, low] = [light(a), light(b)].sort((x, y) => y - x); return (high + .05) / (low + .05); };
  const ground = (el) => { for (; el; el = el.parentElement) { const c = rgb(getComputedStyle(el).backgroundColor); if (c[3] > 250) return c; } return [255, 255, 255, 255]; };
  const found = [];
  for (const el of document.querySelectorAll('input:not([type=hidden]), select, textarea')) {
    if (!el.checkVisibility() || !el.offsetWidth) continue;
    const style = getComputedStyle(el), around = ground(el.parentElement);
    const edge = parseFloat(style.borderTopWidth) > 0 ? ratio(rgb(style.borderTopColor), around) : 1;
    const inside = rgb(style.backgroundColor), own = inside[3] > 250 ? ratio(inside, around) : 1;
    if (Math.max(edge, own) < LIMIT) found.push(`${el.name || el.id || el.type}: ${Math.max(edge, own).toFixed(2)}`);
  }
  return found;
}
""".replace("LIMIT", str(SMALLEST_CONTRAST))

# Text spacing of WCAG 1.4.12, as a style sheet that no content policy forbids.
SPACED = """
() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync('* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-bottom: 2em !important }');
  document.adoptedStyleSheets = [sheet];
  const cut = [];
  for (const el of document.querySelectorAll('body *')) {
    const style = getComputedStyle(el);
    if (!el.checkVisibility() || el.clientWidth < 2 || !el.textContent.trim() || el.matches('input, select, textarea, iframe, svg, svg *')) continue;
    const clips = (axis) => ['hidden', 'clip'].includes(style[axis]);
    if ((clips('overflowX') && el.scrollWidth > el.clientWidth + 1) || (clips('overflowY') && el.scrollHeight > el.clientHeight + 1)) cut.push(el.outerHTML.slice(0, 120));
  }
  const wide = document.documentElement.scrollWidth - innerWidth;
  const widest = [...document.querySelectorAll('body *')].findLast(el => el.checkVisibility() && !el.closest('.scroll') && el.getBoundingClientRect().right > innerWidth + 1);
  if (wide > 0) cut.push(`page wider than the window by ${wide} px: ${widest?.outerHTML.slice(0, 120)}`);
  document.adoptedStyleSheets = [];
  return cut;
}
"""

# How wide the page is, and what makes it so.
WIDEST = """
() => [document.documentElement.scrollWidth, [...document.querySelectorAll('body *')]
  .findLast(el => el.checkVisibility() && !el.closest('.scroll') && el.getBoundingClientRect().right > innerWidth)?.outerHTML.slice(0, 160)]
"""

# Whatever scrolls sideways is reached with the keyboard and has a name.
FRAMES = """
() => [...document.querySelectorAll('main *')].filter(el => ['auto', 'scroll'].includes(getComputedStyle(el).overflowX)
  && el.scrollWidth > el.clientWidth + 1 && !el.matches('textarea, select') && el.checkVisibility()
  && !(el.tabIndex === 0 && el.getAttribute('aria-label'))).map(el => el.outerHTML.slice(0, 120))
"""


def axe(page: Page, **run: Any) -> list[str]:
    """The violations that axe-core finds, each with its first places."""
    if not page.evaluate("typeof window.axe === 'object'"):
        page.evaluate(AXE_SCRIPT)
    options = {"resultTypes": ["violations"], "iframes": False, **run}
    result = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{fault['id']}: {node['target']} {node['html'][:160]} {_why(node)}"
        for fault in result["violations"]
        for node in fault["nodes"][:3]
    ]


def _why(node: dict[str, Any]) -> str:
    return " ".join(check["message"] for check in [*node["any"], *node["all"], *node["none"]])[:300]


def holds(page: Page) -> None:
    """Fails with every fault of the page as it stands."""
    found: dict[str, Sequence[str]] = {"light": axe(page, runOnly=TAGS), "edges": page.evaluate(EDGES)}
    page.emulate_media(color_scheme="dark")
    found["dark"] = axe(page, runOnly=COLOURS)
    found["edges, dark"] = page.evaluate(EDGES)
    page.emulate_media(media="print", color_scheme="dark")
    found["print"] = axe(page, runOnly=COLOURS)
    found["paper"] = paper(page)
    page.emulate_media(media="screen", color_scheme="light")
    found["spaced"] = page.evaluate(SPACED)
    found |= narrow(page)
    faults = [f"{asked}: {fault}" for asked, several in found.items() for fault in several]
    assert not faults, "\n".join([page.url, *faults])


def paper(page: Page) -> Sequence[str]:
    """On A4, on its side for the wide lists, nothing is wider than the sheet."""
    size = page.viewport_size
    is_wide = page.evaluate("getComputedStyle(document.querySelector('main')).page === 'wide'")
    sheet = 1047 if is_wide else 703
    page.set_viewport_size({"width": sheet, "height": 1000})
    wide, widest = page.evaluate(WIDEST)
    if size is not None:
        page.set_viewport_size(size)
    return [f"{wide} px wide on a sheet of {sheet}: {widest}"] if wide > sheet else []


def narrow(page: Page) -> dict[str, Sequence[str]]:
    """At 200 %, on a phone, and at 400 % of 1,280 pixels: the page scrolls downwards only, and what is wider in a named frame."""
    size = page.viewport_size
    found: dict[str, Sequence[str]] = {}
    for width in NARROW:
        page.set_viewport_size({"width": width, "height": 800})
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        wide, widest = page.evaluate(WIDEST)
        found[f"{width} px"] = [f"{wide} px wide: {widest}"] if wide > width else []
    narrowest = NARROW[-1]
    found[f"{narrowest} px, frames"] = page.evaluate(FRAMES)
    found[f"{narrowest} px, spaced"] = page.evaluate(SPACED)
    found[f"{narrowest} px, axe"] = axe(page, runOnly=TAGS, rules={"color-contrast": {"enabled": False}})
    if size is not None:
        page.set_viewport_size(size)
    return found

"""axe-core in a page of ``tests.chromium``: what stands in the way of those who see, hear or point otherwise."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path

from tests.chromium import Chromium

_SERIOUS = ("serious", "critical")
_PLAIN_COLOURS = """
(() => {
  const real = window.getComputedStyle.bind(window), known = new Map();
  const pencil = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const drawn = (colour) => {
    pencil.clearRect(0, 0, 1, 1);
    pencil.fillStyle = colour;
    pencil.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = pencil.getImageData(0, 0, 1, 1).data;
    return `rgba(${red}, ${green}, ${blue}, ${alpha / 255})`;
  };
  const plain = (value) => {
    if (typeof value !== "string" || !/^(color|oklab|oklch|lab|lch)\\(/.test(value)) return value;
    if (!known.has(value)) known.set(value, drawn(value));
    return known.get(value);
  };
  const read = (style, key) => {
    if (key === "getPropertyValue") return (name) => plain(style.getPropertyValue(name));
    const value = Reflect.get(style, key, style);
    return typeof value === "function" ? value.bind(style) : plain(value);
  };
  window.getComputedStyle = (...given) => new Proxy(real(...given), {get: read});
})()
"""
"""This axe reads no colours but rgb(), and gives up its rule about contrast at the first mixed one."""
_RUN = """
async (rules) => {
  const only = rules.length ? {runOnly: {type: "rule", values: rules}} : {};
  const {violations, incomplete} = await axe.run(document, {resultTypes: ["violations", "incomplete"], ...only});
  const broken = incomplete.filter(({error}) => error);
  return [
    ...broken.map(({id, error}) => ({id, impact: "critical", help: `the rule failed: ${error}`, nodes: []})),
    ...violations.map(({id, impact, help, nodes}) => ({
      id, impact, help, nodes: nodes.slice(0, 4).map(({html, failureSummary}) => `${html} ${failureSummary}`),
    })),
  ];
}
"""


@cache
def _script() -> str:
    found = importlib.util.find_spec("axe_core_python")
    assert found is not None
    assert found.origin is not None
    return (Path(found.origin).parent / "axe.min.js").read_text(encoding="utf-8")


def serious_findings(browser: Chromium, *rules: str) -> list[str]:
    """What is serious or critical on the page as it stands, a line each; of all of axe's rules, or of these."""
    if not browser.run("Boolean(window.axe)"):
        browser.run(f"{_PLAIN_COLOURS}; {_script()}; true")
    found = browser.run(_RUN, rules)
    return [
        f"{each['id']} ({each['impact']}): {each['help']}: {' | '.join(each['nodes'])}"
        for each in found
        if each["impact"] in _SERIOUS
    ]

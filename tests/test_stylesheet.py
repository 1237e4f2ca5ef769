"""The shared stylesheet: what its colours are, and that they can be read (WCAG 2.2, 1.4.3 and 1.4.11)."""

import re

import pytest

from oauth1_core.debugging.stylesheet import STYLE

SOURCES = "muqhfs"
LIGHT, DARK = [
    dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6})", block))
    for block in re.findall(r":root {(.*?)\n *}", STYLE, re.DOTALL)
]


def luminance(color):
    digits = color[1:] if len(color) == 7 else "".join(digit * 2 for digit in color[1:])
    channels = [int(digits[index : index + 2], 16) / 255 for index in (0, 2, 4)]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
    return sum(weight * each for weight, each in zip((0.2126, 0.7152, 0.0722), linear))


def contrast(one, other):
    darker, lighter = sorted(map(luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_computed_as_wcag_does():
    assert round(contrast("#fff", "#000"), 2) == 21
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48  # the well-known grey that just fails


def test_both_schemes_have_the_same_colours():
    assert LIGHT.keys() == DARK.keys() and len(LIGHT) > 20


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_text_can_be_read_on_every_ground(colours):
    for ground in ("ground", "card", "caution", *SOURCES):
        assert contrast(colours["text"], colours[ground]) >= 7, ground
    for ink in ("soft", "accent", "error", "success"):
        assert contrast(colours[ink], colours["card"]) >= 4.5 and contrast(colours[ink], colours["ground"]) >= 4.5, ink
    assert contrast(colours["on-accent"], colours["accent"]) >= 4.5
    for line in ("field", *[source + "-ink" for source in SOURCES]):
        assert contrast(colours[line], colours["card"]) >= 3, line


def test_each_source_has_an_underline_of_its_own_or_a_box():
    styles = {source: re.search(rf"\.from-{source} {{(.*?)}}", STYLE, re.DOTALL).group(1) for source in SOURCES}
    lines = [
        re.search("text-decoration-style: ([a-z]+)", rule).group(1) for source, rule in styles.items() if source != "s"
    ]
    assert len(lines) == len(set(lines)) == 5
    assert "outline: 1px solid" in styles["s"]
    for source, rule in styles.items():
        assert f"var(--{source})" in rule and f"var(--{source}-ink)" in rule

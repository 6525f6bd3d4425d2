"""The colours of the picture, light and dark: eight for people, paper and ink, and one alarm. Text on each has contrast."""

LIGHT = (
    ("#cfe3ff", "#0b3a75"),
    ("#d3f0d0", "#14521a"),
    ("#ffe0c2", "#6b3500"),
    ("#e7d9fb", "#46207a"),
    ("#c9eeee", "#0a4a4d"),
    ("#fbd6e3", "#701637"),
    ("#f3ebb4", "#524500"),
    ("#dfe3ea", "#2b3646"),
)
DARK = (
    ("#1d4274", "#d8e8ff"),
    ("#1f5128", "#d6f5d4"),
    ("#6b3e14", "#ffe6cf"),
    ("#4d3379", "#ecdfff"),
    ("#14545a", "#cff3f3"),
    ("#702b48", "#ffdce8"),
    ("#575012", "#f8f1c3"),
    ("#434d5d", "#e6eaf1"),
)
"""Eight pairs of background and text."""

_LIGHT_PAPER = "--paper:#fff;--ink:#1c2430;--soft:#5b6675;--closed:#f1f3f6;--line:#e4e8ed;--rule:#ccd3dc;--alarm:#c4162a;--alarm-soft:#ffe3e5;--away:#e6e1d8;--on-away:#574d3c;"
_DARK_PAPER = "--paper:#12161c;--ink:#e8ecf2;--soft:#9aa6b5;--closed:#1b212a;--line:#262e39;--rule:#39434f;--alarm:#ff8c95;--alarm-soft:#4c151b;--away:#3a352b;--on-away:#d9cfbc;"


def _tones(pairs: tuple[tuple[str, str], ...]) -> str:
    return "".join(f"--b{index}:{back};--f{index}:{text};" for index, (back, text) in enumerate(pairs))


def _classes() -> str:
    return "".join(
        f".t{index}{{background:var(--b{index});fill:var(--b{index});color:var(--f{index});--edge:var(--f{index})}}"
        f".x{index}{{fill:var(--f{index})}}"
        for index in range(len(LIGHT))
    )


STYLE = (
    f":root{{color-scheme:light dark;{_LIGHT_PAPER}{_tones(LIGHT)}}}"
    f"@media (prefers-color-scheme:dark){{:root{{{_DARK_PAPER}{_tones(DARK)}}}}}"
    f"{_classes()}"
    ".bar.answered,.bar.in,.bar.after-hours,.bar.stand,.legend .answered{border-color:color-mix(in srgb,var(--edge) 35%,transparent)}"
    ".after-hours{border-style:dashed!important;border-color:var(--edge)!important;opacity:.92}"
    ".nobody{background:repeating-linear-gradient(45deg,var(--alarm-soft) 0 7px,transparent 7px 11px),var(--paper);"
    "color:var(--alarm);border:2px solid var(--alarm)!important}"
    ".away,.left{background:repeating-linear-gradient(-45deg,var(--away) 0 9px,transparent 9px 11px),var(--away);color:var(--on-away)}"
    ".legend .closed{background:var(--closed);border-color:var(--rule)}"
)
"""The style sheet both files share."""

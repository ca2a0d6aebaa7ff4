"""How the dashboard looks: colours with a meaning, the theme in light and dark, and the style sheet.

A colour always means the same: green is stored, grey a duplicate, amber needs a person, blue is in flight.
No state is told by colour alone; its word stands beside it.
"""

import json
from pathlib import Path

_STYLES = Path(__file__).with_name("style.css")

STATE_COLOURS = {
    "received": ("#2f6fd0", "#6ea8ff"),
    "preparing": ("#2f6fd0", "#6ea8ff"),
    "batched": ("#2f6fd0", "#6ea8ff"),
    "in_flight": ("#2f6fd0", "#6ea8ff"),
    "stored": ("#1c8a57", "#43c08a"),
    "duplicate": ("#6b7b8d", "#93a4b8"),
    "quarantined": ("#b96a00", "#f0a840"),
    "error": ("#c0392f", "#f07a70"),
}
"""State → (colour on light, colour on dark); each has a contrast of at least 4.5 with its background."""

_CATEGORICAL_LIGHT = ("#0e7490", "#d97706", "#4f5fc4", "#2f9e6b", "#b8487f", "#7a8896", "#8a6d1f", "#c0503f")
_CATEGORICAL_DARK = ("#3cb6d3", "#f2a93b", "#8d9bf0", "#4fc48f", "#e07fb0", "#9aa8b6", "#cbb058", "#ee8474")
_SEQUENTIAL_LIGHT = (
    "#eaf5f8",
    "#cde8ef",
    "#a8d8e4",
    "#7dc4d6",
    "#52adc5",
    "#2d94b0",
    "#157a97",
    "#0b617b",
    "#084a5f",
    "#063647",
)
_SEQUENTIAL_DARK = (
    "#10232b",
    "#14323e",
    "#174454",
    "#1a586d",
    "#1e6f88",
    "#2787a3",
    "#3aa0bd",
    "#5fb9d2",
    "#90d2e4",
    "#c8eaf3",
)

_LIGHT = {
    "primaryColor": "#0e7490",
    "backgroundColor": "#fcfdfd",
    "secondaryBackgroundColor": "#f1f4f6",
    "textColor": "#18232d",
    "linkColor": "#0b6a85",
    "borderColor": "#dfe5ea",
    "dataframeHeaderBackgroundColor": "#f4f7f8",
    "dataframeBorderColor": "#e6ebef",
    "greenColor": "#1c8a57",
    "orangeColor": "#b96a00",
    "blueColor": "#2f6fd0",
    "redColor": "#c0392f",
    "grayColor": "#6b7b8d",
    "chartCategoricalColors": _CATEGORICAL_LIGHT,
    "chartSequentialColors": _SEQUENTIAL_LIGHT,
    "sidebar.backgroundColor": "#f3f6f8",
    "sidebar.borderColor": "#e3e9ed",
}
_DARK = {
    "primaryColor": "#1b93b0",
    "backgroundColor": "#10171d",
    "secondaryBackgroundColor": "#19222a",
    "textColor": "#e3e9ee",
    "linkColor": "#5cc4de",
    "borderColor": "#2a3640",
    "dataframeHeaderBackgroundColor": "#18212a",
    "dataframeBorderColor": "#26313a",
    "greenColor": "#43c08a",
    "orangeColor": "#f0a840",
    "blueColor": "#6ea8ff",
    "redColor": "#f07a70",
    "grayColor": "#93a4b8",
    "chartCategoricalColors": _CATEGORICAL_DARK,
    "chartSequentialColors": _SEQUENTIAL_DARK,
    "sidebar.backgroundColor": "#0c1217",
    "sidebar.borderColor": "#1e2831",
}
_BOTH = {
    "baseFontSize": "15",
    "headingFontSizes": ["1.85rem", "1.3rem", "1.08rem", "1rem", "0.95rem", "0.9rem"],
    "headingFontWeights": ["650", "620", "600", "600", "600", "600"],
    "metricValueFontSize": "1.7rem",
    "baseRadius": "0.55rem",
    "showSidebarBorder": "true",
    "linkUnderline": "false",
}

_PIPE = (
    '<g fill="none" stroke="#1593b3" stroke-linecap="round"><path d="M4 8h7c8 0 8 16 16 16h1" stroke-width="6.5"/>'
    '<circle cx="29.5" cy="24" r="5.2" stroke-width="3.4" fill="#1593b3" fill-opacity=".18"/></g>'
)
ICON = f'<svg xmlns="http://www.w3.org/2000/svg" width="36" height="36" viewBox="0 -2 36 36">{_PIPE}</svg>'
"""For the browser's tab; an icon by name would be fetched from the network."""
LOGO = f"""<svg xmlns="http://www.w3.org/2000/svg" width="168" height="36" viewBox="0 0 168 36">{_PIPE}
<text x="46" y="26" font-family="'Source Sans 3','Source Sans Pro',system-ui,sans-serif" font-size="24"
 font-weight="650" letter-spacing="-.3" fill="#1593b3">Penstock</text></svg>"""


def theme_options() -> dict[str, str]:
    """Streamlit's options for both themes, as text for its command line."""
    options = {f"theme.{name}": value for name, value in _BOTH.items()}
    options |= {f"theme.light.{name}": value for name, value in _LIGHT.items()}
    options |= {f"theme.dark.{name}": value for name, value in _DARK.items()}
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in options.items()}


def style_sheet() -> str:
    """The `<style>` element for the blocks that Streamlit has no element for.

    `light-dark()` follows the theme without a round trip: Streamlit sets `color-scheme` on the page.
    """
    states = "".join(
        f".ps-{state.replace('_', '-')}{{--c:light-dark({light},{dark})}}"
        for state, (light, dark) in STATE_COLOURS.items()
    )
    return f"<style>{states}{_STYLES.read_text(encoding='utf-8')}</style>"

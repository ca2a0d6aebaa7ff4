"""The pieces of a page that Streamlit has no element for, as HTML. Every value from data is escaped here."""

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import quote

import streamlit as st

from visualization.wording import Headline, ago, amount_of_bytes, duration, file_name, number, title

_TERMS = (("stored", "stored"), ("duplicate", "duplicate"), ("quarantined", "quarantined"), ("in_flight", "in flight"))
_PRINTABLE = range(0x20, 0x7F)
_BYTES_A_LINE = 16
_HALF_LINE = 8
_MATCH = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)


def page_title(text: str, about: str = "") -> None:
    """A page's heading and one line about it."""
    st.title(text, anchor=False)
    if about:
        st.caption(about)


def show_headline(said: Headline, *, is_running: bool) -> None:
    """The state of the system in one sentence, with a lamp, and whether it runs."""
    running = chip("stored", "Running") if is_running else chip("duplicate", "Stopped")
    st.html(
        f'<div class="ps-headline" role="status"><span class="ps-lamp {_state_class(said.lamp)}"></span>'
        f'{escape(said.text)}<span class="ps-running">{running}</span></div>'
        f'<div class="ps-sub">{escape(said.detail)}</div>'
    )


def show_books(books: Mapping[str, Any]) -> None:
    """The books' equation, and the same as a bar."""
    terms = [_term(number(books["received"]), "received", "", is_zero=False)]
    for index, (key, word) in enumerate(_TERMS):
        terms.append(f'<span class="ps-operator" aria-hidden="true">{"=" if index == 0 else "+"}</span>')
        terms.append(_term(number(books[key]), word, _state_class(key), is_zero=not books[key]))
    parts = "".join(
        f'<span class="{_state_class(key)}" style="flex:{books[key]}" title="{number(books[key])} {word}"></span>'
        for key, word in _TERMS
        if books[key]
    )
    spoken = f"{number(books['received'])} received = " + " + ".join(f"{number(books[k])} {w}" for k, w in _TERMS)
    st.html(
        f'<div class="ps-books" role="img" aria-label="{spoken}">{"".join(terms)}</div>'
        f'<div class="ps-bar" aria-hidden="true">{parts}</div>'
    )


def _term(figure: str, word: str, colour: str, *, is_zero: bool) -> str:
    return (
        f'<div class="ps-term {colour} {"ps-zero" if is_zero else ""}"><span class="ps-number">{figure}</span>'
        f'<span class="ps-label">{word}</span></div>'
    )


def show_empty(what: str, *lines: str) -> None:
    """What to do where there is nothing yet; in `lines` a text between backticks is code."""
    paragraphs = "".join(f"<p>{_coded(line)}</p>" for line in lines)
    st.html(f'<div class="ps-empty"><b>{escape(what)}</b>{paragraphs}</div>')


def show_arrivals(arrivals: Iterable[Mapping[str, Any]]) -> None:
    """The newest arrivals and what became of each, as a table."""
    rows = "".join(_arrival_row(arrival) for arrival in arrivals)
    st.html(
        '<table class="ps-table"><colgroup><col style="width:14%"><col><col style="width:18%">'
        '<col style="width:10%"><col style="width:10.5%"><col style="width:12%"></colgroup><thead><tr><th>State</th>'
        '<th>File</th><th>Dataset</th><th class="ps-right">Records</th><th class="ps-right">Size</th>'
        f'<th class="ps-right">Arrived</th></tr></thead><tbody>{rows}</tbody></table>'
    )


def _arrival_row(arrival: Mapping[str, Any]) -> str:
    path = str(arrival["path"])
    said = arrival.get("reason") or arrival.get("note") or arrival.get("why") or ""
    link = f"explore?blob={quote(str(arrival.get('blob') or ''))}"
    dataset = title(arrival["dataset"]) if arrival.get("dataset") else ""
    rows = number(arrival["rows"]) if arrival.get("rows") else ""
    return (
        f"<tr><td>{chip(str(arrival['state']))}</td>"
        f'<td title="{escape(path)}"><a href="{escape(link)}" target="_self">{escape(file_name(path))}</a></td>'
        f'<td class="ps-faint" title="{escape(str(said))}">{escape(dataset)}</td><td class="ps-right">{rows}</td>'
        f'<td class="ps-right ps-faint">{amount_of_bytes(arrival.get("bytes"))}</td>'
        f'<td class="ps-right ps-faint">{ago(arrival.get("received_at"))}</td></tr>'
    )


def show_notice(level: str, what: str, action: str) -> None:
    """One thing that needs a person."""
    colour = {"error": "error", "warning": "quarantined"}.get(level, "in_flight")
    said = f"<b>{escape(what)}</b><span>{_coded(action)}</span>"
    st.html(f'<div class="ps-notice {_state_class(colour)}"><div>{said}</div></div>')


def show_counts(counts: Iterable[tuple[str, int]]) -> None:
    """How often each of a few things is the case, a line each."""
    rows = "".join(f"<dt>{number(count)}</dt><dd>{escape(text)}</dd>" for text, count in counts)
    st.html(f'<dl class="ps-facts ps-counts">{rows}</dl>')


def meter(share: float) -> str:
    """A small bar, from 0 to 1, as HTML."""
    return f'<div class="ps-meter" aria-hidden="true"><span style="width:{max(share, 0.01) * 100:.1f}%"></span></div>'


def chip(state: str, word: str = "") -> str:
    """A state's word (or another) beside its colour, as HTML."""
    return f'<span class="ps-chip {_state_class(state)}">{escape(word or state.replace("_", " "))}</span>'


def tag(text: str) -> str:
    """A short label, as HTML."""
    return f'<span class="ps-tag">{escape(text)}</span>'


def marked(snippet: str) -> str:
    """A snippet whose matches stand between ``**``, as HTML."""
    return _MATCH.sub(r"<mark>\1</mark>", escape(snippet))


def show_facts(facts: Sequence[tuple[str, str]]) -> None:
    """Names and values, one a line; a value that is empty is left out."""
    lines = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts if value)
    st.html(f'<dl class="ps-facts">{lines}</dl>')


def show_steps(steps: Iterable[Mapping[str, Any]]) -> None:
    """What happened to a file, in order."""
    items = "".join(
        f"<li><b>{escape(str(step['step']))}</b> {tag(str(step['layer']))} "
        f'<span class="ps-faint">{duration(step.get("seconds"))}</span>'
        f'<div class="ps-faint">{escape(str(step.get("detail") or ""))}</div></li>'
        for step in steps
    )
    st.html(f'<ol class="ps-steps">{items}</ol>')


def show_bytes(content: bytes) -> None:
    """Bytes as a hex dump."""
    st.html(f'<div class="ps-bytes" tabindex="0" aria-label="Bytes in hexadecimal">{escape(hex_dump(content))}</div>')


def hex_dump(content: bytes) -> str:
    """Offset, sixteen bytes in hexadecimal and their printable characters, a line each."""
    lines = []
    for start in range(0, len(content), _BYTES_A_LINE):
        part = content[start : start + _BYTES_A_LINE]
        digits = f"{part[:_HALF_LINE].hex(' '):<23}  {part[_HALF_LINE:].hex(' '):<23}"
        letters = "".join(chr(byte) if byte in _PRINTABLE else "·" for byte in part)
        lines.append(f"{start:06x}  {digits}  {letters}")
    return "\n".join(lines)


def show_stopped() -> None:
    """The banner where no system runs."""
    st.warning(
        "The system is stopped: nothing new is taken in, and what you see is its last state. "
        "Start it with `penstock run`.",
        icon=":material/pause_circle:",
    )


def _state_class(state: str) -> str:
    return f"ps-{state.replace('_', '-')}"


def _coded(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def escaped(text: str) -> str:
    """Text that is safe inside HTML."""
    return escape(text)


def plain(text: str) -> str:
    """Text that Markdown shows as it is."""
    return re.sub(r"([\\`*_{}\[\]<>()#+\-.!|~$:])", r"\\\1", text)

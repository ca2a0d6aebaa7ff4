"""Pages, Markdown, Typst and XML documents: the text is what a person would see."""

from pathlib import Path

import pytest
from reader_kit import source

from preparation.readers import markup


def text(tmp_path: Path, content: str, media_type: str = "text/html") -> str:
    return markup.read(source(tmp_path, content, media_type)).text


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        ("<p>See <a href='https://a.org/x'>the plan</a>.</p>", "See [the plan](https://a.org/x)."),
        ("<p><a href='#top'>up</a> <a href='javascript:x()'>do</a></p>", "up do"),
        ("<p><a href='mailto:a@b.org'>a@b.org</a></p>", "a@b.org"),
        ("<p><a href='https://a.org'><b></b></a>x</p>", "x"),
        ("<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", "- a\n    - b\n- c"),
        ("<ol start=3><li>a<li value=7>b<li>c</ol>", "3. a\n7. b\n8. c"),
        ("<dl><dt>t</dt><dd>d</dd></dl>", "t\nd"),
        ("<p>10<sup>6</sup> H<sub>2</sub>O note<sup> see below and more</sup></p>", "10^6 H2O note see below and more"),
        ("<p>a <span style='display: none'>b</span><span hidden>c</span> d</p>", "a d"),
        (
            "<img src=x alt='A pond'><img src=y alt=''><img src=z><img src=p width=1>",
            "[image: A pond] [image]",
        ),
        ("<pre>if x:\n    y</pre>", "if x:\n    y"),
        ("<form>Name <input value='Ann'><input type=hidden value=q></form>", "Name Ann"),
        ("<p>a&nbsp;b<br>c</p>", "a b\nc"),
    ],
)
def test_a_page_reads_as_it_is_shown(tmp_path: Path, page: str, shown: str) -> None:
    assert text(tmp_path, f"<html><body>{page}</body></html>") == shown


def test_a_cell_that_spans_holds_for_each_row_and_column_it_covers(tmp_path: Path) -> None:
    table = (
        "<table><tr><th>Plan</th><th colspan=2>Rates</th></tr>"
        "<tr><td rowspan=2>Gold</td><td>1</td><td>2</td></tr><tr><td>3</td><td><p>4</p><p>5</p></td></tr></table>"
    )

    assert text(tmp_path, table) == "Plan\tRates\tRates\nGold\t1\t2\nGold\t3\t4 5"


def test_a_span_of_a_million_columns_is_no_million_cells(tmp_path: Path) -> None:
    row = "<tr><td colspan=1000000 rowspan=1000000>x</td></tr>"

    assert len(text(tmp_path, f"<table>{row * 200}</table>")) < 100_000


def test_html_in_markdown_is_shown_and_code_is_left_alone(tmp_path: Path) -> None:
    written = (
        "# Title\n\n<!-- gone -->\n<table><tr><td>a</td><td>b &amp; c</td></tr></table>\n"
        '<a href="https://a.org">words</a> <T> 1 < 2\n\n```html\n<td>kept &amp;</td>\n```\nand `<b>` too\n'
    )

    shown = text(tmp_path, written, "text/markdown")

    assert [line for line in shown.split("\n") if line.strip()] == [
        "# Title", "\ta\tb & c", "[words](https://a.org) <T> 1 < 2", "```html", "<td>kept &amp;</td>", "```",
        "and `<b>` too",
    ]  # fmt: skip


def test_typst_is_its_prose(tmp_path: Path) -> None:
    written = (
        '#set document(title: "T", author: ("A", "B"))\n#let x(y) = [#y]\n= Head // note\n\n'
        "Some _soft_ and *loud* words.\n\n"
        "+ one\n+ two\n\n#table(\n  columns: (1fr, 1fr),\n  [a], [b],\n)\n"
        'See #link("https://a.org")[here]. `#let` stays.\n'
    )

    shown = text(tmp_path, written, "text/x-typst")

    assert "Some soft and loud words." in shown
    assert "1. one\n2. two" in shown
    assert "[here](https://a.org). `#let` stays." in shown
    assert "a\t b" in shown
    assert not {"document", "author", "columns", "note"} & set(shown.replace(":", " ").split())


def test_a_reference_is_shown_as_the_title_it_leads_to(tmp_path: Path) -> None:
    book = (
        "<?xml version='1.0'?><book><chapter id='c1'><title>Ponds</title><para>See <xref linkend='c2'/> and "
        "<ulink url='https://a.org'>this</ulink>.</para></chapter><chapter id='c2'><title>Lakes</title>"
        "<orderedlist><listitem><para>deep</para></listitem></orderedlist></chapter></book>"
    )

    assert text(tmp_path, book, "application/docbook+xml") == (
        "Ponds\nSee Lakes and [this](https://a.org).\nLakes\n1.\ndeep"
    )


def test_html_inside_a_value_is_shown_without_its_tags(tmp_path: Path) -> None:
    escaped = "&lt;div style='x'&gt;Net &lt;b&gt;loss&lt;/b&gt;&lt;/div&gt;"
    report = f"<?xml version='1.0'?><r><note>{escaped}</note><n>1 &lt; 2</n></r>"

    assert text(tmp_path, report, "application/xml") == "Net loss\n1 < 2"


def test_a_book_of_fiction_has_its_title_author_and_links(tmp_path: Path) -> None:
    book = (
        "<?xml version='1.0'?><FictionBook xmlns='x' xmlns:l='http://www.w3.org/1999/xlink'><description><title-info>"
        "<book-title>Pond</book-title><author><first-name>Ann</first-name><last-name>Frog</last-name></author>"
        "</title-info><document-info><program-used>p</program-used></document-info></description><body>"
        "<p>Go <a l:href='https://a.org'>on</a></p><image alt='A leaf'/></body><binary>QUJD</binary></FictionBook>"
    )

    extraction = markup.read(source(tmp_path, book))

    assert extraction.text == "Pond\nGo [on](https://a.org)\n[image: A leaf]"
    assert extraction.metadata["author"] == "Ann Frog"

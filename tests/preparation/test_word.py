"""Word documents, slides and OpenDocument: what a person sees is in the text, once and in order."""

from pathlib import Path

import pytest
from packages_kit import CHART, open_document, package, paragraph, slides, word
from reader_kit import source

from preparation.readers import office

LEVELS = "".join(
    f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/>{style}</w:lvl>'
    for at, (form, text, style) in enumerate(
        [("decimal", "%1.", '<w:pStyle w:val="Heading1"/>'), ("decimal", "%1.%2", ""), ("lowerRoman", "(%3)", "")]
    )
)
NUMBERING = (
    f'<w:abstractNum w:abstractNumId="7">{LEVELS}</w:abstractNum>'
    '<w:abstractNum w:abstractNumId="8"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="*"/></w:lvl>'
    "</w:abstractNum>"
    '<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="8"/></w:num>'
    '<w:num w:numId="3"><w:abstractNumId w:val="7"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/>'
    "</w:lvlOverride></w:num>"
)


def lines(tmp_path: Path, content: bytes) -> list[str]:
    extraction = office.read(source(tmp_path, content))

    assert extraction.fault is None
    return extraction.text.split("\n")


def test_numbers_that_word_computes_are_told(tmp_path: Path) -> None:
    items = [("Plans", 0), ("Gold", 1), ("Silver", 1), ("From May", 2), ("Rates", 0), ("Old", 1)]
    body = "".join(paragraph(text, number=1, level=level) for text, level in items)

    found = lines(tmp_path, word(body, numbering=NUMBERING))

    assert [line.strip() for line in found] == [
        "1. Plans", "1.1 Gold", "1.2 Silver", "(i) From May", "2. Rates", "2.1 Old",
    ]  # fmt: skip


def test_a_list_that_begins_anew_counts_from_where_it_is_told(tmp_path: Path) -> None:
    body = paragraph("a", number=1) + paragraph("b", number=3) + paragraph("c", number=3) + paragraph("d", number=2)

    assert lines(tmp_path, word(body, numbering=NUMBERING)) == ["1. a", "5. b", "6. c", "- d"]


def test_headings_are_numbered_by_their_style(tmp_path: Path) -> None:
    styles = (
        '<w:style w:styleId="Heading1"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        '<w:style w:styleId="Mine"><w:basedOn w:val="Heading1"/></w:style>'
    )
    body = paragraph("One", style="Heading1") + paragraph("plain") + paragraph("Two", style="Mine")

    assert lines(tmp_path, word(body, numbering=NUMBERING, styles=styles)) == ["1. One", "plain", "2. Two"]


def test_a_style_that_is_based_on_that_of_a_list_is_found_however_it_is_written(tmp_path: Path) -> None:
    styles = (
        "<w:style w:styleId='Q&amp;A'><w:basedOn w:val='Base'/></w:style>"
        '<w:style w:type="paragraph" w:styleId="Deep"><w:basedOn w:val="Q&amp;A"/></w:style>'
        '<w:style w:styleId="Base"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        '<w:style w:styleId="Normal"><w:name w:val="Normal"/></w:style>'
    )
    body = paragraph("plain", style="Normal") + paragraph("One", style="Deep") + paragraph("Two", style="Q&amp;A")

    assert lines(tmp_path, word(body, numbering=NUMBERING, styles=styles)) == ["plain", "1. One", "2. Two"]


def test_a_blank_paragraph_of_a_list_shows_no_number(tmp_path: Path) -> None:
    body = paragraph("a", number=1) + paragraph("", number=1) + paragraph("b", number=1)

    assert lines(tmp_path, word(body, numbering=NUMBERING)) == ["1. a", "3. b"]


def test_links_lead_somewhere_and_powers_are_no_factors(tmp_path: Path) -> None:
    body = (
        '<w:p><w:r><w:t>See </w:t></w:r><w:hyperlink r:id="link"><w:r><w:t>the plan</w:t></w:r></w:hyperlink>'
        '<w:r><w:t>: 10</w:t></w:r><w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:t>6</w:t></w:r></w:p>'
        '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>HYPERLINK "https://example.org/f"</w:instrText>'
        '</w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>field</w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r><w:r><w:t> end</w:t></w:r></w:p>'
    )

    assert lines(tmp_path, word(body)) == [
        "See [the plan](https://example.org/a): 10^6",
        "[field](https://example.org/f) end",
    ]


def test_a_text_box_is_told_once(tmp_path: Path) -> None:
    box = "<w:txbxContent><w:p><w:r><w:t>In the box</w:t></w:r></w:p></w:txbxContent>"
    body = (
        f"<w:p><w:r><mc:AlternateContent><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback>"
        "</mc:AlternateContent></w:r></w:p>"
    )

    assert lines(tmp_path, word(body)) == ["In the box"]


def test_what_was_deleted_is_not_told_and_notes_and_headers_are(tmp_path: Path) -> None:
    body = "<w:p><w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:ins><w:r><w:t>new</w:t></w:r></w:ins></w:p>"

    found = lines(
        tmp_path, word(body, footnotes=paragraph("A note"), header1=paragraph("Clinic"), header2=paragraph("Clinic"))
    )

    assert found == ["new", "A note", "Clinic"]


def test_cells_stand_in_rows_and_a_row_on_a_line(tmp_path: Path) -> None:
    cell = "<w:tc>{}</w:tc>"
    row = "<w:tr>" + cell.format(paragraph("a") + paragraph("b")) + cell.format(paragraph("c")) + "</w:tr>"

    assert lines(tmp_path, word(f"<w:tbl>{row}{row}</w:tbl>")) == ["a b\tc", "a b\tc"]


def test_a_chart_gives_its_values_as_they_were_typed(tmp_path: Path) -> None:
    body = '<w:p><w:r><w:drawing><c:chart r:id="x0"/></w:drawing></w:r></w:p>'

    assert lines(tmp_path, word(body, chart1=CHART)) == ["Beds", "Bar chart", "East", "May\t4.4", "June\t7"]


def test_a_formula_is_written_as_latex(tmp_path: Path) -> None:
    run = "<m:r><m:t>{}</m:t></m:r>"
    power = f"<m:sSup><m:e>{run.format('r')}</m:e><m:sup>{run.format('2')}</m:sup></m:sSup>"
    half = f"<m:f><m:num>{run.format('1')}</m:num><m:den>{run.format('2')}</m:den></m:f>"
    body = f"<w:p><m:oMath>{run.format('A=')}{half}{run.format('π')}{power}</m:oMath></w:p>"

    assert lines(tmp_path, word(body)) == [r"$A=\frac{1}{2} \pi r^{2}$"]


def test_a_picture_is_told_by_the_words_a_person_gave_it(tmp_path: Path) -> None:
    told = '<wp:docPr id="1" descr="A broken arm&#10;&#10;Description automatically generated"/><a:blip r:embed="i"/>'

    assert lines(tmp_path, word(f"<w:p><w:r><w:drawing>{told}</w:drawing></w:r></w:p>")) == ["[image: A broken arm]"]


def test_what_nests_without_end_is_read_or_a_fault(tmp_path: Path) -> None:
    deep = "<w:p>" * 5_000 + "<w:r><w:t>deep</w:t></w:r>" + "</w:p>" * 5_000
    math = "<w:p><m:oMath>" + "<m:e>" * 400 + "<m:r><m:t>x</m:t></m:r>" + "</m:e>" * 400 + "</m:oMath></w:p>"

    extraction = office.read(source(tmp_path, word(deep)))

    assert "deep" in extraction.text or "damaged" in str(extraction.note)
    assert office.read(source(tmp_path, word(math + paragraph("after")))).text == "after"


def test_a_package_that_unpacks_too_far_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "MAX_PACKAGE_BYTES", 1_000)

    extraction = office.read(source(tmp_path, word(paragraph("x" * 5_000))))

    assert extraction.fault is not None
    assert "unpack" in extraction.fault.reason


def _shape(inner: str, place: str = "") -> str:
    kind = f'<p:nvSpPr><p:nvPr><p:ph type="{place}"/></p:nvPr></p:nvSpPr>' if place else ""
    return f"<p:sp>{kind}<p:txBody>{inner}</p:txBody></p:sp>"


def _line(text: str, properties: str = "") -> str:
    return f"<a:p>{properties}<a:r><a:t>{text}</a:t></a:r></a:p>"


def test_slides_come_in_the_order_in_which_they_are_shown(tmp_path: Path) -> None:
    numbered = '<a:pPr><a:buAutoNum type="arabicPeriod"/></a:pPr>'
    first = (
        _shape(_line("Steps"))
        + _shape(_line("wash", numbered) + _line("rinse", numbered))
        + _shape(_line("1"), "sldNum")
    )
    linked = '<a:p><a:r><a:rPr><a:hlinkClick r:id="link"/></a:rPr><a:t>more</a:t></a:r></a:p>'
    chart = '<p:graphicFrame><c:chart r:id="chart"/></p:graphicFrame>'

    content = slides(
        first + _shape(linked) + chart, _shape(_line("Last")), chart=CHART, notesSlide=_shape(_line("Say hello"))
    )

    assert lines(tmp_path, content) == [
        "Steps", "1. wash", "2. rinse", "[more](https://example.org/b)", "Beds", "Bar chart", "East", "May\t4.4",
        "June\t7", "", "Say hello", "", "Last",
    ]  # fmt: skip


def test_an_open_document_tells_its_lists_links_and_tables(tmp_path: Path) -> None:
    style = (
        '<text:list-style style:name="L1"><text:list-level-style-number text:level="1" style:num-format="1"/>'
        '<text:list-level-style-bullet text:level="2"/></text:list-style>'
        '<style:style style:name="T1"><style:text-properties style:text-position="super 58%"/></style:style>'
    )
    body = (
        "<text:tracked-changes><text:p>gone</text:p></text:tracked-changes>"
        '<text:list text:style-name="L1"><text:list-item><text:p>one</text:p>'
        "<text:list><text:list-item><text:p>inner</text:p></text:list-item></text:list></text:list-item>"
        "<text:list-item><text:p>two</text:p></text:list-item></text:list>"
        '<text:p><text:a xlink:href="https://example.org/c">link</text:a> x'
        '<text:span text:style-name="T1">2</text:span><text:s text:c="2"/>end</text:p>'
        "<table:table><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell>"
        '<table:table-cell table:number-columns-repeated="2"><text:p>b</text:p></table:table-cell></table:table-row>'
        "</table:table>"
        '<text:p><draw:frame><draw:object xlink:href="./Formula"/><draw:image xlink:href="x"/></draw:frame></text:p>'
        "<text:p><draw:frame><draw:image xlink:href='y'/><svg:title>Stamp</svg:title></draw:frame></text:p>"
    )
    parts = {"Formula/content": '<math><mi>a</mi><annotation encoding="StarMath 5.0">a over b</annotation></math>'}

    assert lines(tmp_path, open_document(body, style, **parts)) == [
        "1. one", "    - inner", "2. two", "[link](https://example.org/c) x^2 end", "a\tb\tb", "$a over b$",
        "[image: Stamp]",
    ]  # fmt: skip


def test_a_power_is_told_behind_a_word_of_another_style(tmp_path: Path) -> None:
    style = '<style:style style:name="R"><style:text-properties style:text-position="super 58%"/></style:style>'
    body = '<text:p><text:span text:style-name="B">X</text:span><text:span text:style-name="R">2</text:span></text:p>'

    assert lines(tmp_path, open_document(body, style)) == ["X^2"]


def test_the_chapters_of_a_book_come_in_reading_order(tmp_path: Path) -> None:
    index = (
        "<package xmlns:dc='http://purl.org/dc/elements/1.1/'><metadata><dc:title>Pond</dc:title><dc:creator>A. Frog"
        "</dc:creator></metadata><manifest><item id='a' href='b%20c.xhtml' media-type='application/xhtml+xml'/>"
        "<item id='b' href='a.xhtml' media-type='application/xhtml+xml'/></manifest>"
        "<spine><itemref idref='a'/><itemref idref='b'/></spine></package>"
    )
    content = package(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": "<container><rootfiles><rootfile full-path='in/x.opf'/></rootfiles></container>",
            "in/x.opf": index,
            "in/a.xhtml": "<html><body><p>Second&nbsp;chapter</p></body></html>",
            "in/b c.xhtml": "<html><body><h1>First</h1></body></html>",
        }
    )

    extraction = office.read(source(tmp_path, content))

    assert extraction.text == "First\n\nSecond chapter"
    assert extraction.metadata == {"title": "Pond", "author": "A. Frog"}

"""RTF: each font in its code page, and all that a word processor would show."""

from pathlib import Path

import pytest
from reader_kit import source

from preparation.readers import office
from preparation.readers.rich_text_format import rtf_text

FONTS = rb"{\fonttbl{\f0\fcharset0 A;}{\f1\fcharset204 B;}{\f2\fcharset161 C;}{\f3\fcharset128 D;}}"
RUSSIAN, GREEK, JAPANESE = "\u041f\u0440\u0438", "\u03b1\u03b2\u03b3", "\u65e5\u672c"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (
            rb"\f0 caf\'e9 \f1 \'cf\'f0\'e8 \f2 \'e1\'e2\'e3 \f3 \'93\'fa\'96\'7b\par",
            f"café {RUSSIAN} {GREEK} {JAPANESE}",
        ),
        (rb"\uc1 \u1055?\u1088?\u1080? \u-10179?\u-8704?\par", f"{RUSSIAN} \U0001f600"),
        (rb"{\uc2 \u1055 ab\u1088 cd}\u1080?", RUSSIAN),
        (rb"{\listtext\f0 1.\tab}first\par{\pntext b)\tab}second\par", "1. first\nb) second"),
        (
            rb'{\field{\*\fldinst{HYPERLINK "https://a.org/x"}}{\fldrslt{\ul words}}} end',
            "[words](https://a.org/x) end",
        ),
        (rb"\trowd\pard\intbl a\par b\cell c\cell\row\trowd d\cell e\cell\row\pard after", "a b\tc\nd\te\nafter"),
        (rb"body{\footnote a note} 10{\super 6} x\super 2\nosupersub y", "body (a note) 10^6 x^2y"),
        (rb"{\v hidden}{\deleted gone}seen{\*\unknown not}{\pict 89504e47} x\~y\_z", "seen [image] x y-z"),
        (rb"{\header Clinic\par}Text", "Clinic\nText"),
        (rb"\bin5 }}}}}after\{\}", "after{}"),
    ],
)
def test_a_text_reads_as_a_word_processor_shows_it(body: bytes, text: str) -> None:
    assert rtf_text(rb"{\rtf1\ansi\ansicpg1252" + FONTS + body + b"}")[0] == text


def test_who_wrote_it_is_a_fact_and_no_text(tmp_path: Path) -> None:
    content = rb"{\rtf1\ansi\ansicpg1250{\info{\title \'8e\'e1k}{\author Ann}}Words}"

    extraction = office.read(source(tmp_path, content))

    assert extraction.text == "Words"
    assert extraction.metadata == {"title": "\u017d\u00e1k", "author": "Ann"}


def test_html_that_outlook_keeps_in_it_is_not_told_twice() -> None:
    content = (
        rb"{\rtf1\ansi\fromhtml1{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 once\htmlrtf }\htmlrtf0 {\*\htmltag72 </p>}}"
    )

    assert rtf_text(content)[0] == "once"


@pytest.mark.parametrize(
    "content", [b"", b"{" * 100_000, b"}" * 1_000, rb"{\rtf1\'", rb"\u99999999999", rb"{\bin99999999 x"]
)
def test_damaged_files_never_raise(content: bytes) -> None:
    assert isinstance(rtf_text(content)[0], str)

"""Documents of XML parts, made by hand with only what a test is about."""

import io
import zipfile

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_TIES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SPACES = (
    f'xmlns:w="{_WORD}" xmlns:r="{_TIES}" xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
)
CHART = (
    "<c:chart><c:title><c:tx><c:rich><a:p><a:r><a:t>Beds</a:t></a:r></a:p></c:rich></c:tx></c:title><c:plotArea>"
    "<c:barChart><c:ser><c:tx><c:strRef><c:strCache><c:pt idx='0'><c:v>East</c:v></c:pt></c:strCache></c:strRef></c:tx>"
    "<c:cat><c:strRef><c:strCache><c:pt idx='0'><c:v>May</c:v></c:pt><c:pt idx='1'><c:v>June</c:v></c:pt></c:strCache>"
    "</c:strRef></c:cat><c:val><c:numRef><c:numCache><c:pt idx='0'><c:v>4.4000000000000004</c:v></c:pt>"
    "<c:pt idx='1'><c:v>7</c:v></c:pt></c:numCache></c:numRef></c:val></c:ser></c:barChart></c:plotArea></c:chart>"
)


def package(parts: dict[str, str]) -> bytes:
    """A zip of these parts."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return content.getvalue()


def ties(*found: tuple[str, str, str]) -> str:
    """A part of relationships: identity, kind and target of each; links lead out of the document."""
    inner = "".join(
        f'<Relationship Id="{key}" Type="{_TIES}/{kind}" Target="{target}"'
        + (' TargetMode="External"/>' if kind == "hyperlink" else "/>")
        for key, kind, target in found
    )
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inner}</Relationships>'
    )


def word(body: str, **parts: str) -> bytes:
    """A Word document with this body; other parts by the name of their file, without its ending."""
    kinds = [(f"x{at}", name.rstrip("0123456789"), f"{name}.xml") for at, name in enumerate(parts) if name != "ties"]
    links = [("link", "hyperlink", "https://example.org/a")]
    written = {
        "[Content_Types].xml": f'<Types xmlns="{_TYPES}"><Override PartName="/word/document.xml" '
        f'ContentType="{_MAIN}"/></Types>',
        "word/document.xml": f"<w:document {_SPACES}><w:body>{body}</w:body></w:document>",
        "word/_rels/document.xml.rels": ties(*kinds, *links),
    }
    for name, part in parts.items():
        root = {"numbering": "w:numbering", "styles": "w:styles"}.get(name, "w:part")
        written[f"word/{name}.xml"] = f"<{root} {_SPACES}>{part}</{root}>"
    return package(written)


def paragraph(text: str, *, number: int | None = None, level: int = 0, style: str = "") -> str:
    """A paragraph of Word, of a list or not."""
    listed = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>' if number is not None else ""
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f"<w:p><w:pPr>{named}{listed}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def slides(*bodies: str, **parts: str) -> bytes:
    """A presentation with these slides in this order; other parts by their name, tied to the first slide."""
    written = {
        "ppt/presentation.xml": f"<p:presentation {_SPACES}><p:sldIdLst>"
        + "".join(f'<p:sldId id="{256 + at}" r:id="s{at}"/>' for at in range(len(bodies)))
        + "</p:sldIdLst></p:presentation>",
        "ppt/_rels/presentation.xml.rels": ties(
            *((f"s{at}", "slide", f"slides/slide{len(bodies) - at}.xml") for at in range(len(bodies)))
        ),
    }
    for at, body in enumerate(bodies):
        written[f"ppt/slides/slide{len(bodies) - at}.xml"] = f"<p:sld {_SPACES}>{body}</p:sld>"
    kinds = [(name, name, f"../{name}.xml") for name in parts]
    written[f"ppt/slides/_rels/slide{len(bodies)}.xml.rels"] = ties(
        *kinds, ("link", "hyperlink", "https://example.org/b")
    )
    for name, part in parts.items():
        written[f"ppt/{name}.xml"] = f"<p:part {_SPACES}>{part}</p:part>"
    return package(written)


def open_document(body: str, styles: str = "", **parts: str) -> bytes:
    """An OpenDocument text with this body."""
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "text", "table", "draw", "style")
    )
    spaces += ' xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:svg="urn:svg"'
    content = (
        f"<office:document-content {spaces}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:text>{body}</office:text></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.text"
    return package({"mimetype": kind, "content.xml": content} | {f"{name}.xml": part for name, part in parts.items()})

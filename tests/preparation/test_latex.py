"""LaTeX: the text is what would be typeset."""

import time

import pytest

from preparation.readers.markup_latex import latex_text

HEAD = r"\documentclass{article}\usepackage[utf8]{inputenc}"


def shown(body: str, preamble: str = "") -> list[str]:
    text, _ = latex_text(f"{HEAD}{preamble}\n\\begin{{document}}\n{body}\n\\end{{document}} after")
    return [line for line in text.split("\n") if line]


def test_the_authors_own_commands_are_put_in() -> None:
    own = r"\newcommand{\plan}{Gold\xspace}\def\payer{Acme \plan}\newcommand{\twice}[1]{#1#1}"

    assert shown(r"\payer{} pays, \plan, and \planned not.", own) == ["Acme Gold pays, Gold, and not."]


def test_a_title_page_is_told_and_the_rest_of_the_preamble_is_not() -> None:
    preamble = r"\title{On {\bf Ponds}}\author{Ana \and Bob}\setlength{\parindent}{2em}"

    assert shown("Body.", preamble) == ["On Ponds", "Ana", "Bob", "Body."]


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        (r"Caf\'e, M\"uller, Erd\H{o}s, gar\c{c}on, \L{}\'{o}d\'z, stra\ss e",
         ["Café, Müller, Erdős, garçon, Łódź, straße"]),
        (r"5\% \& more \$3 to \$4 % gone", ["5% & more $3 to $4"]),
        (r"As $a_{1} = \frac{1}{2}$ \[ b \] shows", [r"As $a_{1} = \frac{1}{2}$ \[ b \] shows"]),
        (r"\begin{equation}\label{e} x \\ y \end{equation}", [r"$$\label{e} x \\ y$$"]),
        (r"See \url{https://a.org/x} or \href{https://b.org}{here}\footnote{Or \emph{there}.}.",
         ["See https://a.org/x or [here](https://b.org) (Or there.)."]),
        (r"Found in \cite[p.~3]{smith} and Figure~\ref{fig:one}", ["Found in [smith] and Figure [fig:one]"]),
        (r"\begin{enumerate}\item one\item two\begin{itemize}\item in\end{itemize}\end{enumerate}",
         ["1. one", "2. two", "- in"]),
        (r"\begin{tabular}{@{}l|r@{}}\toprule a & b \\ \midrule c & \textbf{d} \\ \end{tabular}", ["a\tb", "c\td"]),
        (r"\begin{figure}[ht]\includegraphics[width=0.5\textwidth]{a.png}\caption{A pond}\label{p}\end{figure}",
         ["[image]", "A pond"]),
        ("\\begin{verbatim}\nif x % y: {z}\n\\end{verbatim} and \\verb|a_b{|", ["if x % y: {z} and a_b{"]),
        (r"\section{First} ``quoted''~word", ["First “quoted” word"]),
    ],
)  # fmt: skip
def test_a_text_reads_as_it_is_typeset(body: str, lines: list[str]) -> None:
    assert [line.strip() for line in shown(body)] == lines


@pytest.mark.parametrize(
    "hostile",
    [
        "{" * 50_000,
        r"\begin{verbatim}" * 3_000,
        r"\newcommand{\a}{\a\a}\a" * 300,
        r"\footnote{" * 5_000,
        r"\def\a{\b\b}\def\b{\a\a}\a",
    ],
)
def test_what_has_no_end_ends(hostile: str) -> None:
    started = time.monotonic()

    latex_text(HEAD + hostile)

    assert time.monotonic() - started < 5

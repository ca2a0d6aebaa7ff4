"""Papers that are bills, claims or tax forms by their words, though none of the marks of a form is printed on them."""

from preparation.forms import Form, FormBook
from preparation.text_model import MIN_CONFIDENCE, guess_of

_KINDS = frozenset(("document", "image"))  # a mail about a claim stays a mail
_MAX_PAGES = 12
_DOCUMENT = "document"


def form_by_words(text: str, kind: str, pages: int | None, book: FormBook) -> Form | None:
    """What a paper is by the text model, where that is sure; None where it is a document like any other."""
    if kind not in _KINDS or (pages or 0) > _MAX_PAGES:
        return None
    guess = guess_of(text)
    if guess is None or guess.dataset == _DOCUMENT or guess.confidence < MIN_CONFIDENCE:
        return None
    shown = ", ".join(f"“{term}”" for term in guess.terms)
    why = f"no mark of a form decides; by its words, confidence {guess.confidence:.2f}: {shown}"
    return Form(guess.dataset, "", None, why, book.general.get(guess.dataset))

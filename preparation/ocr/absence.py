"""What is said where nothing reads pictures."""

from preparation.extras import OCR


def unread(what: str) -> str:
    """Why OCR did not read something, and what to do."""
    how = f"install it: {OCR.install}" if OCR.missing() else "set preparation.ocr to true"
    return f"{what} is not read by OCR; {how}."

"""The text model: sure of papers that it has not seen, silent on what is none of its kinds."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from core.prepared import Prepared
from preparation.catalog import Catalog
from preparation.preparing import prepare
from preparation.text_model import MIN_CONFIDENCE, guess_of
from preparation.training.texts import made_texts

BILL = """Riverside Surgical Associates
Billing summary for: Martha Whitfield
Acct 88812   Visit of 03/14/2026   Seen by: Dr. Osei
99203 New patient visit, 30 min            $210.00
73610 X-ray of ankle, three views           $95.00
Ankle brace, supplied                       $60.00
Charges this visit                         $365.00
Paid by your insurance                    -$240.00
Write-off under the plan's contract        -$55.00
Your copay at check-in                     -$30.00
Patient balance due                         $40.00
Diagnosis S93.401A sprain of right ankle
Please pay the patient balance within three weeks. We bill your insurance first; questions about
coverage go to your plan. Our billing office is open from nine to five."""
LOSS = """Report of a loss
Policyholder: Renata Silva     Policy no. HX-220-91
What was damaged? Kitchen ceiling and two cabinets, after a pipe burst in the flat above
When did the loss happen? 02/02/2026, about six in the morning
Amount claimed: 3,450.00, less the deductible of 250.00
Repair estimate attached: yes     Photographs of the damage: four
Name and insurer of the other party: unknown
Have you reported an earlier claim in the past five years? no
I declare that what I have stated above is true. Signature of the insured, date"""
LETTER = """Dear Ms. Novak,
thank you for your order of the twelfth. The chairs left our warehouse on Monday, and the carrier
expects to bring them on Thursday before noon. Should the staircase be narrow, please tell us, so
that two people come along. Enclosed you find the invoice; we ask you to pay within thirty days.
The insurance of the transport is on us. We hope that you will like the chairs, and remain,
with kind regards, your workshop."""


def prepared(tmp_path: Path, text: str) -> Prepared:
    path = tmp_path / "0a1b"
    path.write_text(text, encoding="utf-8")
    return prepare(path, name=path.name, sha256="0" * 64, size=path.stat().st_size, catalog=Catalog())


@pytest.mark.parametrize(("text", "dataset"), [(BILL, "medical_bill"), (LOSS, "insurance_claim")])
def test_a_paper_without_marks_is_told_by_its_words_and_says_so(tmp_path: Path, text: str, dataset: str) -> None:
    found = prepared(tmp_path, text)
    assert found.classification.dataset == dataset
    assert {table.dataset for table in found.tables} >= {dataset, "document"}


@pytest.mark.parametrize("text", [LETTER, "Patient balance due", BILL * 40])
def test_what_is_none_or_too_short_or_too_long_stays_a_document(tmp_path: Path, text: str) -> None:
    assert prepared(tmp_path, text).classification.dataset == "document"


def test_it_is_sure_of_few_papers_of_other_kinds() -> None:
    made = list(made_texts(400, seed=77))
    wrong = [
        (dataset, guess)
        for dataset, text in made
        if (guess := guess_of(text)) and guess.confidence >= MIN_CONFIDENCE and guess.dataset != dataset
    ]
    assert len(wrong) <= 0.01 * len(made), wrong[:3]


def test_the_reason_names_words_of_the_paper() -> None:
    guess = guess_of(LOSS)
    assert guess is not None
    words = set(re.findall(r"\w+", LOSS.lower()))
    assert guess.terms
    assert all(set(term.split()) <= words for term in guess.terms)


def test_evaluating_it_needs_no_library_of_learning() -> None:
    code = "import sys, preparation.text_model as m; m.guess_of('word ' * 50); print('sklearn' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert told.stdout.strip() == "False"

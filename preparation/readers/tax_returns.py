"""Tax returns as the IRS publishes and receives them by e-file: a header and one document a form, in its namespace."""

from collections.abc import Iterator

import polars as pl
from lxml import etree

from preparation.extraction import RawTable
from preparation.readers.xml_elements import local_name

_NAMESPACE = "http://www.irs.gov/efile"
_ROOTS = frozenset(("Return", "ReturnState"))
_COLUMNS = {  # the first of these elements that is there
    "form_type": "ReturnTypeCd ReturnType StateSubmissionTyp",
    "tax_year": "TaxYr TaxYear",
    "filing_date": "ReturnTs Timestamp",
    "ein": "EIN",
    "ssn": "PrimarySSN SSN",
    "taxpayer_name": "BusinessNameLine1Txt BusinessNameLine1 NameLine1Txt",
    "address": "AddressLine1Txt AddressLine1",
    "city": "CityNm City",
    "state": "StateAbbreviationCd State",
    "zip_code": "ZIPCd ZIPCode",
    "filing_status": "IndividualReturnFilingStatusCd",
    "income": "CYTotalRevenueAmt TotalRevenueAmt TotalRevenueCurrentYear TotalIncomeAmt TotRevenueAndExpnssAmt",
    "wages": "WagesSalariesAndTipsAmt WagesAmt",
    "interest_income": "TaxableInterestAmt",
    "dividend_income": "OrdinaryDividendsAmt",
    "adjusted_gross_income": "AdjustedGrossIncomeAmt",
    "taxable_income": "TaxableIncomeAmt",
    "deductions": "TotalDeductionsAmt TotalItemizedOrStandardDedAmt",
    "tax_withheld": "WithholdingTaxAmt FormW2WithheldTaxAmt",
    "tax_due": "TotalTaxAmt OwedAmt",
    "tax_paid": "TotalPaymentsAmt",
    "refund": "RefundAmt",
}
_MAX_FIELDS = 2_000


def returns_of(root: etree._Element) -> RawTable | None:
    """The row of a return, with every amount and fact of its forms under their own names; None where it is none."""
    if root.nsmap.get(root.prefix) != _NAMESPACE or local_name(root) not in _ROOTS:
        return None
    facts: dict[str, str] = {}
    for name, value in _facts(root):
        facts.setdefault(name, value)
        if len(facts) >= _MAX_FIELDS:
            break
    places = {column: next((n for n in names.split() if n in facts), None) for column, names in _COLUMNS.items()}
    row: dict[str, str] = {column: facts.pop(name) for column, name in places.items() if name is not None}
    if "filing_date" in row:
        row["filing_date"] = row["filing_date"][:10]
    row |= {name: value for name, value in facts.items() if name not in row}
    frame = pl.DataFrame({name: [value] for name, value in row.items()})
    why = f"an e-filed return of the form {row.get('form_type', 'unknown')}"
    return RawTable(frame, name="return", dataset="tax_form", why=why, has_header=False)


def _facts(root: etree._Element) -> Iterator[tuple[str, str]]:
    for element in root.iter(etree.Element):
        if not len(element) and element.text and element.text.strip():
            yield local_name(element), element.text.strip()

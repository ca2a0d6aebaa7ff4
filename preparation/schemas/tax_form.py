"""Tax returns and statements: one row a return, statement or form."""

from datetime import date
from decimal import Decimal

from core.dataset import PersonalData
from preparation.model import DatasetModel, column

_TAX = (
    "form_type, tax_year, taxpayer_id, filing_status, tax_due, tax_paid, tax_withheld, refund, deductions, "
    "taxable_income, adjusted_gross_income, vat_due, filing_date, filing_method, social_security_tax, "
    "medicare_tax, return_id, "
    "social_security_wages"
)


class TaxForm(
    DatasetModel,
    needs=(_TAX,),
    words=(
        "tax, taxes, taxpayer, refund, deduction, deductions, filing, withheld, withholding, vat, 1040, 1099, w2, "
        "agi, fica, medicare, dependents, exemption, audit, 80c, hra, tds, itr, irs, impuesto, imposto, steuer"
    ),
):
    """A tax return, statement or form: whose, of which year, what was earned, withheld, due and refunded."""

    form_type: str = column(
        description="The form: W-2, 1040, 1099-DIV …",
        synonyms=("tax form, form name, return type, form number, tax type, itr form, tax form type"),
    )
    return_id: str = column(
        description="The return's number.",
        synonyms=("tax return id, return number, filing id, submission id, dln, acknowledgement number"),
    )
    tax_year: int = column(
        description="The year taxed.",
        synonyms=(
            "filing year, taxyear, assessment year, fiscal year, tax yr, tax period, steuerjahr, ano fiscal, "
            "calendar year, return period, filing period, ay"
        ),
        ge=1900,
        le=2100,
        telling=1.2,
    )
    taxpayer_name: str = column(
        description="Whose form it is.",
        synonyms="taxpayer, employee name, recipient name, payee name, filer name, name",
        personal=PersonalData.PERSON_NAME,
        telling=0.7,
    )
    taxpayer_first_name: str = column(
        description="First name.", synonyms="first name, firstname", personal=PersonalData.PERSON_NAME, telling=0.2
    )
    taxpayer_last_name: str = column(
        description="Last name.",
        synonyms="last name, lastname, surname",
        personal=PersonalData.PERSON_NAME,
        telling=0.2,
    )
    taxpayer_id: str = column(
        description="The taxpayer's number where it is no SSN.",
        synonyms=(
            "tax id, tin, pan, pan number, taxpayer number, vat number, filer id, steuernummer, nif, cpf, gstin, "
            "gst number, sin, utr, abn, steuer id"
        ),
        personal=PersonalData.TAX_ID,
        telling=1.2,
    )
    ssn: str = column(
        description="Social security number.",
        synonyms=("social security number, taxpayer ssn, employee ssn, recipient tin, employee social security number"),
        personal=PersonalData.SSN,
        telling=0.8,
    )
    ein: str = column(
        description="Employer identification number.",
        synonyms=("employer identification number, employer id, employer ein, payer tin, fein, federal ein"),
        personal=PersonalData.TAX_ID,
    )
    employer_name: str = column(description="Employer or payer.", synonyms="employer, payer name, company", telling=0.6)
    address: str = column(
        description="Street of the taxpayer.",
        synonyms="street address, home address, employee address",
        personal=PersonalData.ADDRESS,
        telling=0.2,
    )
    city: str = column(description="City.", synonyms="town", telling=0.2)
    state: str = column(description="State.", synonyms="state code, province, region", telling=0.3)
    zip_code: str = column(
        description="Postal code.",
        synonyms="zip, zipcode, postal code",
        personal=PersonalData.ADDRESS,
        telling=0.2,
    )
    birth_date: date = column(
        description="Birth date.", synonyms="dob, date of birth", personal=PersonalData.BIRTH_DATE, telling=0.2
    )
    age: float = column(
        description="Age of the taxpayer.", unit="a", synonyms="taxpayer age", ge=0, le=130, telling=0.3
    )
    filing_status: str = column(
        description="Single, married …",
        synonyms=("filing status code, marital filing status, tax filing status, marital status"),
        telling=1.3,
    )
    filing_method: str = column(
        description="How it was filed.",
        synonyms="filing type, e filed, efile, preparer type, submission method",
    )
    dependents: float = column(
        description="Dependents.",
        synonyms=("number of dependents, num dependents, no of dependents, exemptions, number of exemptions, numdep"),
    )
    income: Decimal = column(
        description="Total income.",
        synonyms=(
            "total income, gross income, annual income, income declared, declared income, reported income, salary, "
            "gross salary, revenue, turnover, net income, einkommen, renda, total revenue"
        ),
        telling=0.7,
    )
    wages: Decimal = column(
        description="Wages, tips, other compensation.",
        synonyms=(
            "wages tips, wages tips other compensation, wages tips other comp, box 1 wages, salaries and wages, w2 "
            "wages, a00200, e00200"
        ),
    )
    interest_income: Decimal = column(
        description="Interest.", synonyms="taxable interest, interest, a00300, e00300", telling=0.6
    )
    dividend_income: Decimal = column(
        description="Dividends.", synonyms="ordinary dividends, dividends, qualified dividends", telling=0.6
    )
    business_income: Decimal = column(
        description="Business income.",
        synonyms="self employment income, nonemployee compensation, business profit, a00900, e00900",
    )
    capital_gains: Decimal = column(
        description="Capital gains.",
        synonyms="capital gain, net capital gain, capital gain distributions, a01000, e01000",
        telling=0.5,
    )
    adjusted_gross_income: Decimal = column(
        description="Adjusted gross income.", synonyms="agi, adjusted income, a00100, e00100, agi amount", telling=1.3
    )
    taxable_income: Decimal = column(
        description="Taxable income.",
        synonyms=("taxable amount, net taxable income, taxable income inr, taxable value, taxable turnover"),
        telling=1.2,
    )
    deductions: Decimal = column(
        description="Deductions claimed.",
        synonyms=(
            "total deductions, deductions claimed, itemized deductions, deduction, standard deduction, other "
            "deductions, deduction amount, expenses claimed, allowable deductions, investment 80c, section 80c, "
            "deductions 80c, a04470, a19700, a18300"
        ),
        telling=1.1,
    )
    credits: Decimal = column(
        description="Tax credits.",
        synonyms=(
            "tax credits, child tax credit, earned income credit, eitc, credits claimed, declared vat credit, "
            "a07100, a59660"
        ),
    )
    tax_withheld: Decimal = column(
        description="Income tax withheld.",
        synonyms=(
            "federal income tax withheld, federal tax withheld, withheld, withholding, tax withholding, tds, taxes "
            "withheld, state income tax, income tax withheld, fed tax, federal tax, fed tax withheld, imposto "
            "retido, fed withholding"
        ),
        telling=1.1,
    )
    social_security_wages: Decimal = column(
        description="Social security wages.", synonyms="ss wages, social security wage"
    )
    social_security_tax: Decimal = column(
        description="Social security tax.", synonyms="social security tax withheld, ss tax, fica tax, ss tax withheld"
    )
    medicare_wages: Decimal = column(description="Medicare wages.", synonyms="medicare wages and tips, med wages")
    medicare_tax: Decimal = column(description="Medicare tax.", synonyms="medicare tax withheld, med tax")
    state_tax: Decimal = column(description="State income tax.", synonyms="state tax, state tax withheld", telling=0.8)
    tax_due: Decimal = column(
        description="Tax owed.",
        synonyms=(
            "tax owed, tax liability, total tax, tax amount, tax payable, amount due, balance due, return amount, "
            "assessed tax, tax, income tax, tax assessed, previous year tax, net tax, steuerbetrag, imposto devido, "
            "impuesto, a06500, a10300, a11901"
        ),
        telling=0.9,
    )
    tax_paid: Decimal = column(
        description="Tax paid.",
        synonyms=("paid amount, amount paid, effective tax paid, taxes paid, payments, advance tax, tax payments"),
    )
    vat_due: Decimal = column(
        description="Value-added tax due.",
        synonyms=(
            "declared vat due, vat amount, vat payable, output vat, gst payable, gst, cgst, sgst, igst, gst "
            "amount, vat collected, sales tax due"
        ),
    )
    refund: Decimal = column(
        description="Refund.",
        synonyms=(
            "refund amount, refund requested, tax refund, refund due, refund issued, overpayment, refund amt, "
            "rueckerstattung, restituicao, devolucion, erstattung, a11902"
        ),
        telling=1.2,
    )
    refund_status: str = column(description="State of the refund.", synonyms="refund state")
    effective_rate: float = column(
        description="Tax over income.",
        unit="%",
        synonyms="tax rate, effective tax rate, marginal rate",
        telling=0.5,
    )
    filing_date: date = column(
        description="When it was filed.",
        synonyms=("date filed, filed date, submitted date, submission date, filed on, return date, filed at"),
        event_time=True,
        falls_back_on="payment_date, due_date",
    )
    due_date: date = column(description="When it was due.", synonyms="filing deadline, deadline", telling=0.3)
    payment_date: date = column(description="When it was paid.", synonyms="date paid, paid date", telling=0.4)
    return_status: str = column(
        description="State of the return.", synonyms="filing state, processing status, return state", telling=0.6
    )
    audit_flag: bool = column(
        description="Whether it was audited or flagged.",
        synonyms="audited, audit, audit status, is audited, fraud label, audit risk",
    )
    account_number: str = column(
        description="Account for the refund.",
        synonyms="bank account, refund account, routing number",
        personal=PersonalData.ACCOUNT,
        telling=0.3,
    )
    discrepancy: str = column(description="Where the amounts of the form do not add up, in words.", kind="text")

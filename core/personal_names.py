"""Which class of personal data a field holds, told by its name alone.

For fields that no schema knows: rescued columns, records kept whole, fields of forms.
"""

import re
from functools import lru_cache

from core.dataset import PersonalData

_MAX_CHARS = 300
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_]+")
_NUMBER = "number|no|num|nr|nbr|id|identifier|code|key|numero|nummer"
_PERSON = (
    "patient|insured|member|subscriber|taxpayer|beneficiary|claimant|policyholder|policy holder|account holder|"
    "guarantor|cardholder|spouse|dependent|dependant|debtor|paciente|versicherter|asegurado|segurado|assure|"
    "contribuinte"
)
_RULES: tuple[tuple[PersonalData, str], ...] = (
    (PersonalData.SSN, r"ssn|social (security|insurance|sec)( (number|num|no|nbr))?$|sozialversicherung\w*|nino"),
    (
        PersonalData.BIRTH_DATE,
        r"dob|birth( ?(day|date))?$|(date|place|year) of birth|birthdate|geburts\w+|nascimento|nacimiento|naissance",
    ),
    (PersonalData.EMAIL, r"e ?mails?$|e ?mails? (address|id)|correo"),
    (
        PersonalData.PHONE,
        r"(tele)?phone( (number|num|no|nr|nbr))?$|(mobile|cell|contact|fax|home|work) (phone|number|no|num)|"
        r"telefone?|telefono|handynummer|msisdn|cellphone",
    ),
    (
        PersonalData.CARD,
        r"(credit|debit|payment|bank|plastic) card$|(?<![a-z] )card$|card (number|num|no|nbr|nr)|ccnum|cc number|pan",
    ),
    (
        PersonalData.ACCOUNT,
        rf"iban|(?<![a-z] )(account|acct)$|(account|acct) ({_NUMBER}|num)|bank account|routing number|kontonummer",
    ),
    (
        PersonalData.TAX_ID,
        r"(tax|taxpayer|vat|fiscal) (id|identifier|number|no|num)|tin|itin|cpf|nif|steuer(nummer|id)|passport\w*|"
        r"(driver|driving|drivers|driver s) licen[cs]e( (number|no|num|id))?$|national id",
    ),
    (
        PersonalData.MEMBER_ID,
        rf"(member|subscriber|insured|beneficiary|medicare|medicaid|patient|insured s) ({_NUMBER})|"
        r"mrn|medical record (number|num|no)|mbi|hicn|hic number",
    ),
    (
        PersonalData.ADDRESS,
        r"(street|home|mailing|residential|postal|patient|insured|billing) address|address line|street$|"
        r"(?<![a-z] )address( [0-9])?$",
    ),
    (
        PersonalData.PERSON_NAME,
        rf"({_PERSON})( s)?( (first|last|middle|full|sur|given|family))* ?name|"
        rf"name (of )?(the )?({_PERSON})|({_PERSON})$",
    ),
)
_PLAIN_NAME = re.compile(
    r"\b(?:(?:first|last|middle|maiden|given|family|full|sur|fore) ?name|surname|vorname|nachname|"
    r"apellidos?|sobrenome)\b"
)
_PATTERNS = tuple((personal, re.compile(rf"\b(?:{rule})(?=$|\s)")) for personal, rule in _RULES)


@lru_cache(maxsize=16384)
def personal_by_name(name: str, *, plain_names: bool = True) -> PersonalData | None:
    """The class of personal data that a field of that name holds, or None where the name tells of none.

    Args:
        name: As it was found: ``patient.birthDate``, ``SSN``, ``Insured's ID No.``
        plain_names: Whether a first or last name is personal though nothing says whose it is.
    """
    words = " ".join(word.lower() for word in _WORDS.findall(name[:_MAX_CHARS]))
    found = next((personal for personal, pattern in _PATTERNS if pattern.search(words)), None)
    if found is None and plain_names and _PLAIN_NAME.search(words):
        return PersonalData.PERSON_NAME
    return found

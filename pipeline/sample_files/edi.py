"""Health-care interchanges: X12 claims and payments, HL7 messages."""

from collections.abc import Iterator
from datetime import timedelta

from pipeline.sample_files import people
from pipeline.sample_files.sample import NOW, Sample, seeded

_DAY = f"{NOW:%Y%m%d}"


def interchanges() -> Iterator[Sample]:
    """A claim file, a payment advice, a claim file with a fault in it, and laboratory results."""
    claims = _claims()
    yield Sample("edi/claims.837", "medical_bill", _interchange("HC", "837", "005010X222A1", claims))
    yield Sample("edi/payment.835", "insurance_claim", _interchange("HP", "835", "005010X221A1", _payments()))
    faulty = [segment for segment in claims if not segment.startswith("SBR")]
    yield Sample("edi/claims_without_subscriber.837", "medical_bill", _interchange("HC", "837", "005010X222A1", faulty))
    yield Sample("edi/laboratory.hl7", "other", _laboratory())


def _interchange(group: str, transaction: str, version: str, body: list[str]) -> bytes:
    """The body in its envelopes, segment by line; `body` leaves out ST and SE."""
    start = f"ST*{transaction}*0001" + (f"*{version}" if transaction == "837" else "")
    segments = [
        "ISA*00*          *00*          *ZZ*LARKSPURCLINIC *ZZ*NORTHGATEMUTUAL"
        f"*{_DAY[2:]}*1800*^*00501*000000101*0*T*:",
        f"GS*{group}*LARKSPUR*NORTHGATE*{_DAY}*1800*101*X*{version}",
        start,
        *body,
        f"SE*{len(body) + 2}*0001",
        "GE*1*101",
        "IEA*1*000000101",
    ]
    return "".join(f"{segment}~\n" for segment in segments).encode()


def _claims() -> list[str]:
    rng = seeded("edi/claims.837")
    segments = [
        f"BHT*0019*00*000101*{_DAY}*1800*CH",
        "NM1*41*2*LARKSPUR CLINIC*****46*L1001",
        "PER*IC*BILLING DESK*TE*5550100100",
        "NM1*40*2*NORTHGATE MUTUAL*****46*N2002",
        "HL*1**20*1",
        "NM1*85*2*LARKSPUR CLINIC*****XX*1234567893",
        "N3*12 QUAY STREET",
        "N4*BRANNOC*OH*441010000",
        "REF*EI*990000001",
    ]
    for number in range(12):
        family, given = rng.choice(("ABARA", "EKLUND", "QUILL")), rng.choice(("AMARA", "OSKAR", "ROSA"))
        day = NOW - timedelta(days=rng.randint(5, 60))
        charge, test = rng.choice((125, 185, 240)), rng.choice((40, 88, 95))
        segments += [
            f"HL*{number + 2}*1*22*0",
            "SBR*P*18*******CI",
            f"NM1*IL*1*{family}*{given}****MI*W{rng.randint(100_000_000, 999_999_999)}",
            "N3*4 ELM STREET",
            "N4*BRANNOC*OH*44101",
            f"DMG*D8*19{rng.randint(50, 99)}0{rng.randint(1, 9)}15*{rng.choice('FM')}",
            "NM1*PR*2*NORTHGATE MUTUAL*****PI*60054",
            f"CLM*LC{3000 + number}*{charge + test}***11:B:1*Y*A*Y*Y",
            f"HI*ABK:{rng.choice(('E119', 'I10', 'J069'))}",
            "LX*1",
            f"SV1*HC:99213*{charge}*UN*1***1",
            f"DTP*472*D8*{day:%Y%m%d}",
            "LX*2",
            f"SV1*HC:80053*{test}*UN*1***1",
            f"DTP*472*D8*{day:%Y%m%d}",
        ]
    return segments


def _payments() -> list[str]:
    rng = seeded("edi/payment.835")
    claims: list[str] = []
    total = 0
    for number in range(10):
        charge = rng.choice((165, 210, 280))
        paid = round(charge * 7 / 10)
        total += paid
        claims += [
            f"CLP*LC{3000 + number}*1*{charge}*{paid}*0*12*N{88_000 + number}*11*1",
            f"CAS*CO*45*{charge - paid}",
            f"NM1*QC*1*{rng.choice(('ABARA', 'EKLUND', 'QUILL'))}*{rng.choice(('AMARA', 'OSKAR', 'ROSA'))}"
            f"****MI*{people.member_id(rng)}",
            f"DTM*232*{NOW - timedelta(days=rng.randint(5, 60)):%Y%m%d}",
        ]
    return [
        f"BPR*I*{total}*C*ACH*CCP*01*999999992*DA*123456*1512345678**01*999988880*DA*98765*{_DAY}",
        "TRN*1*7700101*1512345678",
        f"DTM*405*{_DAY}",
        "N1*PR*NORTHGATE MUTUAL",
        "N3*1 NORTH GATE",
        "N4*COLUMBUS*OH*43004",
        "PER*BL*PROVIDER DESK*TE*5550100200",
        "N1*PE*LARKSPUR CLINIC*XX*1234567893",
        "LX*1",
        *claims,
    ]


def _laboratory() -> bytes:
    rng = seeded("edi/laboratory.hl7")
    segments = [
        f"MSH|^~\\&|LAB|RIVERSIDE|EHR|LARKSPUR|{_DAY}1800||ORU^R01|MSG00101|P|2.5.1",
        "PID|1||P-7781^^^LARKSPUR^MR||Eklund^Hanne||19710315|F",
        f"OBR|1|1001|2001|80053^Metabolic panel^CPT|||{_DAY}0830",
    ]
    tests = (
        ("2345-7", "Glucose", "mg/dL", 95),
        ("2951-2", "Sodium", "mmol/L", 140),
        ("2160-0", "Creatinine", "mg/dL", 1),
    )
    segments += [
        f"OBX|{at}|NM|{code}^{name}^LN||{usual * rng.uniform(0.9, 1.2):.1f}|{unit}|||||F|||{_DAY}0830"
        for at, (code, name, unit, usual) in enumerate(tests, 1)
    ]
    return ("\r".join(segments) + "\r").encode()

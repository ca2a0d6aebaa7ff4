"""Files with something to find in them: a ring of claims, what goes together, what follows what, what is spoken of."""

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from pipeline.sample_files import people
from pipeline.sample_files.archive import zip_bytes
from pipeline.sample_files.claims import DIAGNOSES, PROCEDURES
from pipeline.sample_files.sample import NOW, Row, Sample, csv_bytes, lines_bytes, seeded

_CLAIMS, _IN_RING = 80, 5
_PATIENTS, _CONNECTIONS, _MINUTES, _REVIEWS = 240, 120, 48, 160
_GARAGES = ("Quayside Motors", "Elm Autobody", "Northgate Garage", "Copper Town Repairs", "Harbour Coachworks")
_STREETS = ("Mill Lane", "Station Road", "Harbour Street", "Chapel Hill", "Orchard Way", "Kiln Road", "Bridge Street")
_VISITS: tuple[tuple[tuple[str, ...], int], ...] = (
    (("99213", "93000"), 5),
    (("99214", "80053"), 5),
    (("97110",), 4),
    (("99213", "71046"), 2),
    (("70551",), 1),
)
"""What is done in one visit, and how common that is."""

_MEETINGS: Mapping[str, tuple[str, ...]] = {
    "Harbour works": (
        "The dredging of the east basin begins in spring, and the quay wall is measured before.",
        "The ferry pier needs new fenders; the harbour master asks for three tenders.",
        "Silt in the basin is deeper than the dredging contract says.",
        "Ships above ninety metres must wait until the quay wall and the fenders are mended.",
        "The pier lights failed twice, and the ferry moored by hand.",
    ),
    "School meals": (
        "The kitchen cooks four hundred lunches a day, and the pupils ask for less pasta.",
        "A new caterer offers vegetables from the valley at the same price a lunch.",
        "Allergies of pupils are listed at the kitchen door, and the menu names nuts and milk.",
        "Leftover lunches go to the shelter; the menu is planned by the week.",
        "The oven of the kitchen is old, so the caterer brings soup on Mondays.",
    ),
    "Library": (
        "Readers borrowed nine thousand books, a tenth more than last year.",
        "The reading room stays open on Sundays, and the shelves for children move downstairs.",
        "Overdue books are no longer fined; readers are written a letter.",
        "The catalogue lists loans by shelf, and the reading room wants longer loans.",
        "Two librarians leave in June, and volunteers shelve the books till then.",
    ),
}
_OPINIONS: Mapping[str, tuple[str, ...]] = {
    "trams": ("the tram", "line four", "the tram stop", "the timetable", "the driver", "the ticket machine"),
    "football": ("the striker", "the goalkeeper", "the referee", "the second half", "that penalty", "the defence"),
    "coffee": ("the espresso", "the flat white", "the barista", "the roast", "that croissant", "the terrace"),
}
_VERDICTS = ("was brilliant today", "let us down again", "is better than last year", "took far too long", "made my day")


def findings() -> Iterator[Sample]:
    """One file for each thing to find."""
    path = "insurer/liability_claims.csv"
    yield Sample(path, "insurance_claim", csv_bytes(_claims(seeded(path))))

    path = "clinic/visits.csv"
    yield Sample(path, "medical_bill", csv_bytes(_visits(seeded(path))))

    path = "network/bastion.log"
    yield Sample(path, "network_log", lines_bytes(_connections(seeded(path))))

    path = "archives/minutes.zip"
    yield Sample(path, "other", zip_bytes(_minutes(seeded(path))))

    path = "social/reviews.csv"
    yield Sample(path, "social_post", csv_bytes(_reviews(seeded(path))))


def _claims(rng: random.Random) -> list[Row]:
    """Claims of strangers, but for some by different people at one place, by one number, mended by one garage."""
    ring = frozenset(rng.sample(range(_CLAIMS), _IN_RING))
    shared = {"phone": people.phone(rng), "place": "48 Cooper's Yard"}
    rows: list[Row] = []
    for number in range(_CLAIMS):
        is_in_ring = number in ring
        day = NOW - timedelta(days=rng.randint(5, 300))
        rows.append(
            {
                "claim_number": f"LC-{number:05d}",
                "policyholder": people.full_name(rng),
                "phone_number": shared["phone"] if is_in_ring else people.phone(rng),
                "claim_type": rng.choice(("liability", "collision", "injury")),
                "incident_date": day.date().isoformat(),
                "accident_location": shared["place"] if is_in_ring else f"{rng.randint(1, 400)} {rng.choice(_STREETS)}",
                "garage": "Unit 9 Bodyworks" if is_in_ring else rng.choice(_GARAGES),
                "claim_amount": round(rng.lognormvariate(8.6 if is_in_ring else 7.8, 0.4), 2),
                "claim_status": rng.choice(("open", "approved", "rejected")),
            }
        )
    return rows


def _visits(rng: random.Random) -> list[Row]:
    """A bill for each thing done: who is seen for the heart has an electrocardiogram, for the blood a panel."""
    rows: list[Row] = []
    for _ in range(_PATIENTS):
        name, member = people.full_name(rng), people.member_id(rng)
        done, common = zip(*_VISITS, strict=True)
        day = NOW - timedelta(days=rng.randint(1, 150))
        for code in rng.choices(done, common)[0]:
            billed = round(PROCEDURES[code] * rng.uniform(0.9, 1.4), 2)
            rows.append(
                {
                    "bill_id": f"V-{len(rows):06d}",
                    "patient_name": name,
                    "member_id": member,
                    "provider_name": rng.choice(people.PROVIDERS),
                    "payer": rng.choice(people.PAYERS),
                    "procedure_code": code,
                    "diagnosis_code": rng.choice(DIAGNOSES),
                    "service_date": day.date().isoformat(),
                    "billed_amount": billed,
                    "paid_amount": round(billed * rng.uniform(0.5, 0.8), 2),
                    "status": "paid",
                }
            )
    return rows


def _connections(rng: random.Random) -> list[str]:
    """Connections to a bastion host: most come in and leave, some try names until they are cut off."""
    lines: list[tuple[datetime, str]] = []
    for number in range(_CONNECTIONS):
        at = NOW - timedelta(hours=20) * rng.random()
        outside = f"203.0.113.{rng.randint(1, 254)}"
        port = rng.randint(30_000, 60_000)
        for text in _intrusion(rng, outside, port) if rng.random() < 0.35 else _work(rng, outside, port):
            lines.append((at, f"bastion sshd[{2000 + number}]: {text}"))
            at += timedelta(seconds=rng.randint(1, 8))
    return [f"{at:%b} {at.day:>2} {at:%H:%M:%S} {text}" for at, text in sorted(lines)]


def _work(rng: random.Random, outside: str, port: int) -> Sequence[str]:
    user = rng.choice(("deploy", "backup", "ops"))
    return (
        f"Connection from {outside} port {port} on 10.20.0.9 port 22",
        f"Accepted publickey for {user} from {outside} port {port} ssh2",
        f"pam_unix(sshd:session): session opened for user {user} by (uid=0)",
        f"pam_unix(sshd:session): session closed for user {user}",
    )


def _intrusion(rng: random.Random, outside: str, port: int) -> Sequence[str]:
    user = rng.choice(("admin", "oracle", "test"))
    return (
        f"Connection from {outside} port {port} on 10.20.0.9 port 22",
        f"Invalid user {user} from {outside} port {port}",
        f"Failed password for invalid user {user} from {outside} port {port} ssh2",
        f"Connection closed by invalid user {user} {outside} port {port} [preauth]",
    )


def _minutes(rng: random.Random) -> dict[str, str | bytes]:
    """Minutes of three committees, each of what that committee speaks of."""
    written: dict[str, str | bytes] = {}
    for number in range(_MINUTES):
        subject = rng.choice(list(_MEETINGS))
        said = rng.sample(_MEETINGS[subject], 3)
        lines = (f"{subject}: minutes of meeting {number + 1}", "", *said, "", f"Present were {people.full_name(rng)}.")
        written[f"{number + 1:02d}_{subject.lower().replace(' ', '_')}.txt"] = "\n".join(lines) + "\n"
    return written


def _reviews(rng: random.Random) -> list[Row]:
    """Posts about trams, football and coffee."""
    rows: list[Row] = []
    for number in range(_REVIEWS):
        first, second = rng.sample(_OPINIONS[rng.choice(list(_OPINIONS))], 2)
        name = people.full_name(rng)
        rows.append(
            {
                "post_id": 8_000_000 + number,
                "platform": rng.choice(("mastodon", "bluesky", "forum")),
                "username": name.replace(" ", "_").lower(),
                "created_at": (NOW - timedelta(days=10) * rng.random()).isoformat(timespec="seconds"),
                "text": f"{first} {rng.choice(_VERDICTS)}, and {second} {rng.choice(_VERDICTS)}".capitalize(),
                "likes": int(rng.expovariate(0.05)),
                "replies": int(rng.expovariate(0.4)),
            }
        )
    return rows

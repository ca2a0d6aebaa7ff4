"""Invented people and organisations that the samples speak of."""

import random

GIVEN_NAMES = (
    *("Amara", "Bruno", "Celeste", "Dario", "Elif", "Frieda", "Goran", "Hanne", "Ismael", "Jolanta"),
    *("Kofi", "Leonie", "Mateo", "Nadia", "Oskar", "Priya", "Quentin", "Rosa", "Søren", "Tamsin"),
)
FAMILY_NAMES = (
    *("Abara", "Brightwater", "Castellanos", "Demirci", "Eklund", "Fontaine", "Grünwald", "Hollis", "Ibarra"),
    *("Jensen", "Kowalczyk", "Lindqvist", "Moreau", "Nakata", "Okonjo", "Petrov", "Quill", "Ravensworth", "Müller"),
)
PAYERS = ("Northgate Mutual", "Harbor Health Plan", "Summit Care", "Blue Lantern", "Medicare")
PROVIDERS = ("Larkspur Clinic", "St. Brannoc Hospital", "Elm Street Dental", "Riverside Imaging", "Quay Physiotherapy")
EMPLOYERS = ("Tidewater Robotics", "Hollow Oak Bakery", "Meridian Freight", "Copperfield Schools")
STATES = ("CA", "NY", "TX", "OH", "WA", "IL", "FL", "MA")


def full_name(rng: random.Random) -> str:
    """A given and a family name."""
    return f"{rng.choice(GIVEN_NAMES)} {rng.choice(FAMILY_NAMES)}"


def e_mail(name: str) -> str:
    """An address in the domain that is reserved for examples."""
    plain = name.lower().replace(" ", ".").translate(str.maketrans("üø", "uo"))
    return f"{plain}@example.com"


def ssn(rng: random.Random) -> str:
    """A number in the form of an SSN, from the range 900 to 999 that is never issued."""
    return f"{rng.randint(900, 999)}-{rng.randint(10, 99)}-{rng.randint(1000, 9999)}"


def member_id(rng: random.Random) -> str:
    """A health plan's member number."""
    return f"W{rng.randint(100_000_000, 999_999_999)}"


def phone(rng: random.Random) -> str:
    """A number in the range 555-01xx that is kept for fiction."""
    return f"({rng.randint(201, 989)}) 555-01{rng.randint(0, 99):02d}"

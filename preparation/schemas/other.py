"""Records that fit no dataset."""

from core.dataset import PersonalData
from preparation.model import DatasetModel, column


class Other(
    DatasetModel,
    is_sought=False,
    words=(
        "species, petal, sepal, bedroom, bedrooms, bathroom, bathrooms, sqft, salary, employee, hire, manager, job, "
        "student, school, grade, grades, gpa, exam, university, movie, film, genre, director, actor, book, isbn, "
        "publisher, recipe, ingredient, population, gdp, inventory, stock, supplier, sku, warehouse, reorder, "
        "shipping, ship, freight, alcohol, appointment, doctor, specialization, qualification, loan, applicant, "
        "credit, mortgage, open, close, volume, ticker, symbol, airline, flight, airport, hotel, booking, crime, "
        "mileage, odometer, transmission, fuel, cylinder, horsepower, iso, capital, continent, birthrate, "
        "ingredients, cuisine, pokemon, hp, danceability, tempo, popularity, churn, contract, plot, premium, "
        "coverage, expiry, medicine, tumor, cholesterol, pregnancies, insulin, bmi, nationality, term, definition"
    ),
):
    """A record that fits no dataset, kept whole under its own names."""

    record: str = column(
        description="The record as a JSON object.", kind="text", required=True, personal=PersonalData.FREE_TEXT
    )
    text: str = column(description="Its values as text, for search.", kind="text", personal=PersonalData.FREE_TEXT)

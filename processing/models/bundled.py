"""The models that come with Penstock."""

from core.settings import Processing
from processing.models.actor_groups import HostModel, VisitorModel
from processing.models.baskets import Source
from processing.models.denial import DenialModel
from processing.models.duplicate_bills import DuplicateModel
from processing.models.fraud import FraudModel
from processing.models.frequent import Words
from processing.models.frequent_sequences import SequenceModel
from processing.models.frequent_sets import SetModel
from processing.models.match_outlook import MatchModel
from processing.models.model import Model
from processing.models.parties import PartyModel
from processing.models.review import ReviewModel
from processing.models.rings import RingModel
from processing.models.sensor_alerts import AlertModel
from processing.models.sensor_anomalies import AnomalyModel
from processing.models.sensor_forecast import ForecastModel
from processing.models.sensors import SensorModel
from processing.models.template_bursts import TemplateModel
from processing.models.topics import TopicModel

_PATIENTS = Source(
    "medical_bill",
    by=(("patient_id",), ("member_id",), ("patient_name", "patient_birth_date"), ("patient_name",)),
    item="procedure_codes",
    split=";",
    names="procedure",
)
_VISITS = Source(
    "clickstream",
    by=(("session_id",), ("visitor_id",), ("user_id",), ("ip_address",)),
    item="url",
    until="?",
    pause=30,
    visit=("session_id",),
)
_CONNECTIONS = Source(
    "network_log",
    by=(("host", "component", "pid"), ("component", "pid"), ("host",), ("_blob",)),
    item="template",
    pause=10,
)


def bundled_models(settings: Processing) -> tuple[Model, ...]:
    """All of them, deciding by those costs; on a cluster Spark measures graphs, else this process does."""
    is_grown = not settings.spark_master.startswith("local")
    return (*_judging(settings), *_of_sensors(settings), MatchModel(), *_describing(is_grown))


def _judging(settings: Processing) -> tuple[Model, ...]:
    return (
        FraudModel(),
        ReviewModel(settings.review_cost, settings.review_budget or None),
        DenialModel(),
        DuplicateModel(settings.hold_cost),
    )


def _of_sensors(settings: Processing) -> tuple[Model, ...]:
    return (
        SensorModel(),
        AnomalyModel(settings.missed_anomaly_cost, settings.false_alert_cost),
        AlertModel(settings.missed_anomaly_cost, settings.false_alert_cost),
        ForecastModel(),
    )


def _describing(is_grown: bool) -> tuple[Model, ...]:
    return (
        RingModel(on_spark=is_grown),
        PartyModel("claim_parties", "insurance_claim", "claims", on_spark=is_grown),
        PartyModel("bill_parties", "medical_bill", "bills", on_spark=is_grown),
        HostModel(),
        VisitorModel(),
        TemplateModel(),
        SetModel("procedures_together", _PATIENTS, Words("patients", "procedures", "had")),
        SetModel("pages_together", _VISITS, Words("visits", "pages", "saw")),
        SequenceModel("visitor_paths", _VISITS, Words("visits", "pages", "saw")),
        SequenceModel("log_sequences", _CONNECTIONS, Words("connections", "lines", "had")),
        TopicModel("document_topics", "document", ("text",), "documents"),
        TopicModel("post_topics", "social_post", ("text",), "posts"),
        TopicModel("email_topics", "email", ("subject", "body"), "e-mails"),
    )

"""The views that come with Penstock, a file for each group of datasets."""

from processing.views.arrivals import ARRIVAL_VIEWS
from processing.views.claims import CLAIM_VIEWS
from processing.views.facts import FACT_VIEWS
from processing.views.network import NETWORK_VIEWS
from processing.views.people import PEOPLE_VIEWS
from processing.views.sensors import SENSOR_VIEWS
from processing.views.web import WEB_VIEWS

BUNDLED_VIEWS = (
    *ARRIVAL_VIEWS,
    *CLAIM_VIEWS,
    *FACT_VIEWS,
    *NETWORK_VIEWS,
    *PEOPLE_VIEWS,
    *SENSOR_VIEWS,
    *WEB_VIEWS,
)

__all__ = ["BUNDLED_VIEWS"]

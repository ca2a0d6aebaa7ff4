"""Views of sensor readings."""

from processing.metrics import Count, Max, Mean, Min, Variance
from processing.metrics_of_values import Distinct, Quantiles
from processing.view import View

SENSOR_VIEWS = (
    View(
        name="sensor_readings_by_minute",
        dataset="sensor_reading",
        description="Readings and sensors heard from in each minute.",
        window="1m",
        metrics=(
            Count(name="readings", description="Readings."),
            Distinct(name="sensors", column="sensor_id", description="Different sensors."),
        ),
    ),
    View(
        name="sensor_values_by_hour",
        dataset="sensor_reading",
        description="What was measured, by metric and hour.",
        window="1h",
        dimensions=("metric",),
        where=("value", "is not null"),
        metrics=(
            Count(name="readings", description="Readings."),
            Distinct(name="sensors", column="sensor_id", description="Different sensors."),
            Mean(name="value_mean", column="value", description="Mean value."),
            Min(name="value_min", column="value", description="Least value."),
            Max(name="value_max", column="value", description="Greatest value."),
            Variance(name="value_variance", column="value", description="Variance of the values."),
            Quantiles(name="value", column="value", at=(0.05, 0.5, 0.95), description="Quantiles of the values."),
        ),
    ),
    View(
        name="climate_by_hour",
        dataset="sensor_reading",
        description="Temperature, humidity and pressure in each hour.",
        window="1h",
        metrics=(
            Count(name="readings", description="Readings."),
            Distinct(name="sensors", column="sensor_id", description="Different sensors."),
            Mean(name="temperature_mean", column="temperature", description="Mean temperature."),
            Min(name="temperature_min_seen", column="temperature", description="Least temperature."),
            Max(name="temperature_max_seen", column="temperature", description="Greatest temperature."),
            Quantiles(name="temperature", column="temperature", at=(0.5, 0.95), description="Temperature quantiles."),
            Mean(name="humidity_mean", column="humidity", description="Mean humidity."),
            Mean(name="pressure_mean", column="pressure", description="Mean pressure."),
        ),
    ),
    View(
        name="sensors",
        dataset="sensor_reading",
        description="Each sensor: how much and what it sent, and when last.",
        dimensions=("sensor_id",),
        metrics=(
            Count(name="readings", description="Readings."),
            Min(name="first_seen", column="time", description="Its first reading."),
            Max(name="last_seen", column="time", description="Its last reading."),
            Mean(name="value_mean", column="value", description="Mean value."),
            Mean(name="temperature_mean", column="temperature", description="Mean temperature."),
        ),
        order_by="readings",
    ),
)

"""Views of what was read out of forms, recordings and films, piece by piece."""

from processing.metrics import Count, Mean, Sum
from processing.view import View

UNSURE_BELOW = 0.8
"""Confidence under which a person should look at the original."""

FACT_VIEWS = (
    View(
        name="form_fields_by_form",
        dataset="form_field",
        description="What is filled in on forms, by form and kind of value.",
        dimensions=("form", "kind"),
        metrics=(
            Count(name="fields", description="Values filled in."),
            Count(name="unsure", where=("confidence", "<", UNSURE_BELOW), description="Values read with doubt."),
            Mean(name="confidence_mean", column="confidence", description="Mean confidence."),
            Sum(name="amounts", column="amount", description="Amounts filled in."),
        ),
        order_by="fields",
    ),
    View(
        name="speech_by_language",
        dataset="speech_segment",
        description="What is said in recordings, by language.",
        dimensions=("language",),
        metrics=(
            Count(name="sentences", description="Sentences."),
            Count(name="unsure", where=("confidence", "<", UNSURE_BELOW), description="Sentences heard with doubt."),
            Mean(name="confidence_mean", column="confidence", description="Mean confidence."),
        ),
        order_by="sentences",
    ),
    View(
        name="video_scenes",
        dataset="video_scene",
        description="Scenes of films, and how many show text.",
        metrics=(
            Count(name="scenes", description="Scenes."),
            Count(name="with_text", where=("text", "is not null"), description="Scenes that show text."),
            Sum(name="key_frames", column="key_frames", description="Key frames looked at."),
        ),
    ),
)

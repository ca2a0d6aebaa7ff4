"""The page of the audit trail: who read, opened, changed or dropped what."""

import polars as pl
import streamlit as st

from core.errors import PenstockError
from pipeline import System
from visualization import blocks
from visualization.wording import moment

SHOWN_ENTRIES = 500


def show(system: System) -> None:
    """Draws the page."""
    blocks.page_title(
        "Audit",
        "Every read of an original, key operation, replay and discard. Each entry is chained to the one before.",
    )
    try:
        entries = system.audit(SHOWN_ENTRIES)
    except PenstockError as error:
        st.error(f"**{error.reason}** {error.fix}", icon=":material/error:")
        return
    if not entries:
        blocks.show_empty(
            "No entries yet", "Downloads of originals, key operations, replays and discards will be listed here."
        )
        return
    actions = sorted({str(entry["action"]) for entry in entries})
    chosen = st.pills("Action", actions, key="audit-action", label_visibility="collapsed") if len(actions) > 1 else None
    rows = [
        {
            "At": moment(entry["at"]),
            "Who": entry["actor"],
            "Did": entry["action"],
            "To": entry["subject"],
            "Detail": entry["detail"],
        }
        for entry in entries
        if chosen is None or entry["action"] == chosen
    ]
    st.dataframe(
        pl.DataFrame(rows, infer_schema_length=None),
        hide_index=True,
        height="content" if len(rows) <= 15 else 560,  # noqa: PLR2004
        column_config={"At": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm:ss", width="medium")},
        alt="Audit trail",
    )
    st.caption(f"The newest {SHOWN_ENTRIES:,} entries at most. `penstock verify` checks the chain.")

"""All of Kibana's objects of one system, and the files they are exported to."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from core.dataset import Dataset
from pipeline import System
from pipeline.published_datasets import Published
from pipeline.published_views import published
from visualization.kibana.dashboard import Page, Placed, dashboard
from visualization.kibana.dataset_page import dataset_page
from visualization.kibana.saved_objects import DASHBOARD, SavedObject, Source, data_view, ndjson
from visualization.kibana.system_pages import audit, overview, quarantine

ALL_FILE = "penstock.ndjson"


def export(system: System, folder: Path, prefix: str) -> list[Path]:
    """Writes a file for each dashboard, whole in itself, and one of all; the same system gives the same bytes.

    Returns:
        The files: that of all first.
    """
    folder.mkdir(parents=True, exist_ok=True)
    objects = objects_of(prefix, system.dataset_list(), list(published(system)))
    files = [folder / ALL_FILE]
    files[0].write_text(ndjson(objects), encoding="utf-8")
    for found in objects:
        if found.type == DASHBOARD:
            file = folder / f"{found.id.removeprefix(f'{prefix}-dashboard-')}.ndjson"
            file.write_text(ndjson(used_by(found, objects)), encoding="utf-8")
            files.append(file)
    return files


def objects_of(prefix: str, datasets: Sequence[Dataset], beside: Sequence[Published]) -> list[SavedObject]:
    """Every object: data views, panels, dashboards.

    Args:
        prefix: What the names of the system's indices begin with.
        datasets: Those of the lake.
        beside: What is published beside them.
    """
    objects: list[SavedObject] = []
    for page in pages_of(prefix, datasets, beside):
        objects += [placed.panel for row in page.rows for placed in row if isinstance(placed, Placed)]
        objects.append(dashboard(prefix, page))
    found = [Source(prefix, dataset) for dataset in (*datasets, *(one.dataset for one in beside))]
    found += [source.of_any_time() for source in found if source.dataset in datasets]
    views = [data_view(source) for source in found]
    return list({saved.key: saved for saved in (*views, *objects)}.values())


def pages_of(prefix: str, datasets: Sequence[Dataset], beside: Sequence[Published]) -> Iterator[Page]:
    """What each dashboard shows."""

    def source_of(dataset: Dataset) -> Source:
        return Source(prefix, dataset)

    yield overview(source_of, prefix, datasets)
    yield quarantine(source_of)
    yield audit(source_of)
    for dataset in datasets:
        yield dataset_page(source_of, dataset, [one for one in beside if one.page == dataset.name])


def used_by(found: SavedObject, objects: Iterable[SavedObject]) -> list[SavedObject]:
    """An object and all that it uses."""
    by_key = {saved.key: saved for saved in objects}
    wanted, reached = [found], {found.key: found}
    while wanted:
        for reference in wanted.pop().references:
            key = (reference.type, reference.id)
            if key not in reached:
                reached[key] = by_key[key]
                wanted.append(by_key[key])
    return list(reached.values())

"""What `penstock elastic` does: gives each component an API key of its own, with only what it needs."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

from core.settings import Settings
from pipeline.bootstrap import Parts


def setup(settings: Settings, user: str, password: str) -> Iterator[dict[str, Any]]:
    """Makes the keys and seals them in the home; run again, it replaces them and invalidates the old ones.

    A running system takes the new keys up by itself. The password is used for this and kept nowhere.

    Args:
        settings: Whose home, and which cluster.
        user: Who may make keys and roles.
        password: Of that user.

    Yields:
        A line a key: ``component``, ``name``, ``id``, ``may``, ``replaced``; then one for the role of people.
    """
    from storage import ElasticsearchKeys

    parts = Parts(settings)
    parts.home.prepare()

    def keep(component: str, key: str) -> None:
        parts.secrets.put(f"elasticsearch/{component}", key)

    with closing(ElasticsearchKeys(settings.elasticsearch, parts.tls.client_context(), user, password)) as keys:
        for made in keys.renew(keep):
            parts.audit.record("make API key", made.name, f"{made.id}, in place of {made.replaced} older")
            yield {
                "component": made.component,
                "name": made.name,
                "id": made.id,
                "may": made.privileges,
                "replaced": made.replaced,
            }
        role = keys.make_role()
        parts.audit.record("make role", role)
        yield {"component": "people", "name": role, "id": None, "may": "read every index, in Kibana", "replaced": 0}

"""The page for Prometheus as a test reads it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families

from tests.village import World

TOKEN = "a-token-for-tests-only-1234"


@dataclass(frozen=True)
class Page:
    """What one scrape told."""

    text: str

    def families(self) -> dict[str, str]:
        """Kind of each figure by its name in the samples' own spelling."""
        return {
            family.name + ("_total" if family.type == "counter" else ""): family.type
            for family in text_string_to_metric_families(self.text)
        }

    def lines(self) -> Iterator[tuple[str, dict[str, str], float]]:
        for family in text_string_to_metric_families(self.text):
            for sample in family.samples:
                yield sample.name, sample.labels, sample.value

    def figure(self, name: str, **labels: str) -> float | None:
        """The one figure of that name with these labels; None where there is none."""
        found = [
            value for told, of, value in self.lines()
            if told == f"caunoi_{name}" and labels.items() <= of.items()
        ]  # fmt: skip
        assert len(found) < 2, "more labels are needed to tell them apart"
        return found[0] if found else None


def scrape(world: World, token: str = TOKEN) -> Page:
    answer = world.client.get("/metrics", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200, answer.status_code
    assert answer.content_type.startswith("text/plain; version="), answer.content_type
    return Page(answer.text)

"""Interned stages and sets of them: which work is done on a row, as one integer."""

from collections.abc import Iterable

from amparo.catalogue.models import Stage, StageSet
from amparo.pipeline.stage import Plan, Visit


class StageRegistry:
    """The stages of one plan with their keys, and every set of stages that rows point to."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.keys = tuple(
            Stage.objects.get_or_create(
                analyser=stage.analyser, version=stage.version, config_digest=stage.config_digest, visit=stage.visit
            )[0].pk
            for stage in plan.stages
        )
        self._sets: dict[int, frozenset[int]] = {row.pk: _members(row.members) for row in StageSet.objects.all()}
        self._ids = {members: key for key, members in self._sets.items()}
        self._due: dict[tuple[Visit, int | None], tuple[int, ...]] = {}

    def members(self, set_id: int | None) -> frozenset[int]:
        """Keys of the stages in a set; of none for a row on which nothing is done."""
        if set_id is None:
            return frozenset()
        if set_id not in self._sets:  # another driver has made it since
            self._remember(set_id, _members(StageSet.objects.get(pk=set_id).members))
        return self._sets[set_id]

    def due(self, visit: Visit, set_id: int | None) -> tuple[int, ...]:
        """Plan indexes of this visit's stages that the set lacks, and of those that follow one of them."""
        if (visit, set_id) not in self._due:
            done = self.members(set_id)
            self._due[visit, set_id] = self.plan.due(visit, lambda index: self.keys[index] in done)
        return self._due[visit, set_id]

    def satisfied(self, visit: Visit) -> list[int]:
        """Sets that hold all stages of this visit: rows that point to one have nothing due."""
        wanted = {self.keys[index] for index in self.plan.indexes(visit)}
        return [key for key, members in self._sets.items() if wanted <= members]

    def with_done(self, set_id: int | None, indexes: Iterable[int]) -> int:
        """The set that adds these stages of the plan to a row's set."""
        members = self.members(set_id) | {self.keys[index] for index in indexes}
        if members not in self._ids:
            text = ",".join(str(key) for key in sorted(members))
            self._remember(StageSet.objects.get_or_create(members=text)[0].pk, members)
        return self._ids[members]

    def _remember(self, key: int, members: frozenset[int]) -> None:
        self._sets[key] = members
        self._ids[members] = key


def _members(text: str) -> frozenset[int]:
    return frozenset(int(part) for part in text.split(",") if part)

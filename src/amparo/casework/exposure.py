"""Exposure: how long people looked at pictures, text and sound. For themselves, and as sums for who leads a Case."""

import dataclasses
import datetime

from django.db.models import Count, Sum
from django.db.models.functions import TruncDate

from amparo.accounts.models import User
from amparo.casework.pauses import open_pause
from amparo.casework.reveal import exposure
from amparo.catalogue.models import Case, Member, Pause, Reveal

SUGGESTED = 20  # minutes after which a pause is offered
_DAYS = 14


@dataclasses.dataclass(frozen=True, slots=True)
class Today:
    """One person's day (UTC): whole minutes, begun ones counted, and the pause they take now."""

    minutes: int
    looks: int
    pause: Pause | None

    @property
    def suggests(self) -> bool:
        """Whether a pause is offered in words."""
        return self.minutes >= SUGGESTED


@dataclasses.dataclass(frozen=True, slots=True)
class Day:
    """Sums of one person on one day in one Case."""

    day: datetime.date
    person: str
    minutes: int
    looks: int


def today(user: User) -> Today:
    """Of this person, in all Cases."""
    sums = exposure(user, datetime.datetime.now(datetime.UTC).date()).values()
    return Today(_minutes(sum(seconds for _, seconds in sums)), sum(number for number, _ in sums), open_pause(user))


def team(case: Case) -> list[Day]:
    """Sums in this Case for each person who is or was a member, over the last 14 days, newest day first."""
    since = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=_DAYS)
    people = {row.user_id: str(row.user) for row in Member.objects.filter(case=case).select_related("user")}
    rows = Reveal.objects.filter(user__in=people, at__gte=since, case=case).annotate(day=TruncDate("at"))
    sums = rows.values("day", "user").annotate(seconds=Sum("seconds"), number=Count("pk")).order_by("-day", "user")
    return [Day(row["day"], people[row["user"]], _minutes(row["seconds"]), row["number"]) for row in sums]


def _minutes(seconds: float | None) -> int:
    return -int(-(seconds or 0) // 60)

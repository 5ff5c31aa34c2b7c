"""Do the pages stay fast in a large Case? The same pages of a Case of 10,000 and of one of a million Items.

Each page is asked for through Django's test client, the whole stack of middleware included, in a process that has
served it before; p50 and p95 of ``--asks`` requests in milliseconds, and how many queries each takes. Pages are asked
for at different places: the beginning, then where the page before led. Run on SQLite, or on PostgreSQL through
scripts/postgres.py. ``--home`` keeps the seeded database for the next run.
"""

import argparse
import os
import re
import statistics
import tempfile
import time
from pathlib import Path

_NEXT = re.compile(r'href="([^"]*[?&]after=[^"]+)"')


def main() -> None:
    """Seed, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, nargs="+", default=[10_000, 1_000_000])
    parser.add_argument("--asks", type=int, default=60)
    parser.add_argument("--home", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="amparo-bench-") as scratch:
        home = given.home or Path(scratch)
        home.mkdir(parents=True, exist_ok=True)
        os.environ["AMPARO_HOME"] = str(home)
        os.environ["DJANGO_SETTINGS_MODULE"] = "amparo.web.settings"
        os.environ["AMPARO_RATE_SEARCH"] = "100000"  # one person asks faster here than the limit allows
        _measure(given.items, given.asks)


def _measure(sizes: list[int], asks: int) -> None:
    import django

    django.setup()
    from django.db import connection, reset_queries
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from seeded_case import lead, seed

    from amparo import config
    from amparo.casework.browse import facets
    from amparo.casework.installation import prepare
    from amparo.catalogue.models import Case, Item

    installation, _ = prepare(config.load())
    before: dict[str, float] = {}
    print(f"{connection.vendor}")
    for size in sizes:
        case = Case.objects.filter(reference=f"SEEDED-{size}").first()
        if case is None:
            start = time.perf_counter()
            case = seed(installation, f"SEEDED-{size}", size)
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
            print(f"  seeded {size:,} Items in {time.perf_counter() - start:.0f} s", flush=True)
        browser = Client(headers={"host": "localhost"})
        browser.force_login(lead(installation, case), backend="allauth.account.auth_backends.AuthenticationBackend")
        below = f"/cases/{case.uuid}/"
        some = Item.objects.filter(case=case, content__isnull=False).order_by("pk").values_list("pk", flat=True)
        keys = [some.filter(pk__gte=some[0] + number * size // asks).first() or some[0] for number in range(asks)]
        root = Item.objects.get(case=case, parent=None)
        cameras = [each.value for each in facets(case).cameras]
        cameras = [cameras[number % len(cameras)] for number in range(asks)]
        pages = {
            "triage": [f"{below}triage/"] * asks,
            "triage, done": [f"{below}triage/?queue=done"] * asks,
            "item": [f"{below}items/{key}/" for key in keys],
            "items": [f"{below}items/"] * asks,
            "items, one facet": [f"{below}items/?type=image/png"] * asks,
            "items, two facets": [f"{below}items/?type=image/jpeg&lead=match.near"] * asks,
            "items, a frequent finding": [f"{below}items/?lead=picture.properties"] * asks,
            "items, a grade": [f"{below}items/?grade=not-relevant"] * asks,
            "items, a month": [f"{below}items/?modified=2023-12"] * asks,
            "items, taken in a year": [f"{below}items/?taken=2020"] * asks,
            "items, a camera": [f"{below}items/?camera={camera}" for camera in cameras],
            "items, a folder": [f"{below}items/?folder={root.pk + 1}"] * asks,
            "items, all folders": [f"{below}items/?folder={root.pk}"] * asks,
            "items, dates, camera and type": [
                f"{below}items/?taken=2020&modified=2024&type=image/jpeg&camera={camera}" for camera in cameras
            ],
            "items, dates and all folders": [f"{below}items/?taken=2020&modified=2024&folder={root.pk}"] * asks,
            "search, a name": [f"{below}items/?q=IMG_0000{number:04d}" for number in range(asks)],
            "search, in every name": [f"{below}items/?q=img"] * asks,
            "search, begins every name": [f"{below}items/?q=img+0"] * asks,
            "search, with two facets": [f"{below}items/?q=img&lead=match.near&type=image/jpeg"] * asks,
            "overview": [below] * asks,
        }
        for name, addresses in pages.items():
            took, queries, address = [], 0, ""
            for number, stated in enumerate([addresses[0], *addresses]):
                address = address or stated
                reset_queries()  # its log ends at 9,000
                with CaptureQueriesContext(connection) as captured:
                    start = time.perf_counter()
                    answer = browser.get(address)
                    spent = time.perf_counter() - start
                if answer.status_code != 200:
                    raise SystemExit(f"{address}: {answer.status_code}")
                if number:  # the first request loads templates
                    took.append(spent * 1e3)
                queries = max(queries, len(captured))
                following = _NEXT.search(answer.content.decode())
                address = following[1].replace("&amp;", "&") if following and len(set(addresses)) == 1 else ""
                if address.startswith("?"):
                    address = stated.partition("?")[0] + address
            p50, p95 = statistics.median(took), statistics.quantiles(took, n=20)[18]
            growth = f", {p95 / before[name]:.1f} x the smaller case" if name in before else ""
            before.setdefault(name, p95)
            print(f"  {size:,}: {name}: p50 {p50:.1f} ms, p95 {p95:.1f} ms, {queries} queries{growth}", flush=True)
    print("goals: triage and item p95 at most 2 x the smaller case; facets and search p95 at most 300 ms")


if __name__ == "__main__":
    main()

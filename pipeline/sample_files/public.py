"""What the public does: posts, clicks and matches."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from pipeline.sample_files import archive, people
from pipeline.sample_files.sample import NOW, Row, Sample, csv_bytes, json_bytes, lines_bytes, ndjson_bytes, seeded

PRAISE = ("love how fast the new tram is 🚋", "great support today, thank you!", "best coffee in the harbour ☕")
NEUTRAL = ("the library opens at nine on Saturday", "new timetable is out", "meeting moved to room 4")
GRIEF = (
    "waited two hours and nobody came 😡",
    "worst update ever, it crashes again",
    "really sad to see the park closed",
)
PAGES = ("/", "/plans", "/plans/family", "/claims/new", "/account", "/help", "/checkout", "/search?q=cover")
AGENTS = ("Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0", "Mozilla/5.0 (iPhone) Safari/605.1", "curl/8.16.0")
TEAMS = ("Harbour United", "Northgate Rovers", "Elmfield", "Quayside Athletic", "Ravenhill", "Copper Town")


def public() -> Iterator[Sample]:
    """Social posts, the website's clicks, the league's matches."""
    yield from _posts()
    yield from _clicks()
    yield from _matches()


def _moment(rng: random.Random, days: float) -> datetime:
    return NOW - timedelta(days=days) * rng.random()


def _posts() -> Iterator[Sample]:
    path = "social/posts.csv"
    rng = seeded(path)
    yield Sample(path, "social_post", csv_bytes([_post(rng, number) for number in range(700)]))

    path = "social/mentions.json"
    rng = seeded(path)
    yield Sample(path, "social_post", json_bytes({"data": [_mention(rng, number) for number in range(150)]}))

    path = "social/toots_bom.csv"
    rng = seeded(path)
    yield Sample(path, "social_post", csv_bytes([_post(rng, 900 + number) for number in range(120)], ";", "utf-8-sig"))


def _text(rng: random.Random) -> str:
    mood = rng.choices((PRAISE, NEUTRAL, GRIEF), (45, 30, 25))[0]
    return f"{rng.choice(mood)} #{rng.choice(('harbour', 'citylife', 'insurance', 'matchday'))}"


def _post(rng: random.Random, number: int) -> Row:
    name = people.full_name(rng)
    return {
        "post_id": 7_000_000 + number,
        "platform": rng.choice(("mastodon", "bluesky", "forum")),
        "username": name.replace(" ", "_").lower(),
        "created_at": _moment(rng, 10).isoformat(timespec="seconds"),
        "text": _text(rng),
        "likes": int(rng.expovariate(0.05)),
        "retweets": int(rng.expovariate(0.2)),
        "replies": int(rng.expovariate(0.4)),
    }


def _mention(rng: random.Random, number: int) -> Row:
    return {
        "id": str(9_100_000 + number),
        "user": {
            "screen_name": people.full_name(rng).replace(" ", "").lower(),
            "followers_count": rng.randint(3, 9000),
        },
        "full_text": _text(rng),
        "created_at": _moment(rng, 5).strftime("%a %b %d %H:%M:%S +0000 %Y"),
        "favorite_count": int(rng.expovariate(0.1)),
        "retweet_count": int(rng.expovariate(0.3)),
        "lang": "en",
    }


def _clicks() -> Iterator[Sample]:
    path = "web/access.log"
    rng = seeded(path)
    moments = sorted(_moment(rng, 1.5) for _ in range(1600))
    yield Sample(path, "clickstream", lines_bytes(_access_line(rng, at) for at in moments))

    path = "web/events.ndjson"
    rng = seeded(path)
    yield Sample(path, "clickstream", ndjson_bytes(_click(rng) for _ in range(600)))

    path = "web/sessions.csv.gz"
    rng = seeded(path)
    yield Sample(path, "clickstream", archive.gzip_bytes(csv_bytes([_click(rng) for _ in range(350)])))


def _access_line(rng: random.Random, at: datetime) -> str:
    status = rng.choices((200, 304, 404, 500), (86, 6, 6, 2))[0]
    address = f"198.51.100.{rng.randint(1, 254)}"
    request = f"{rng.choice(('GET', 'GET', 'GET', 'POST'))} {rng.choice(PAGES)} HTTP/1.1"
    size = int(rng.lognormvariate(8.5, 1))
    return f'{address} - - [{at:%d/%b/%Y:%H:%M:%S} +0000] "{request}" {status} {size} "-" "{rng.choice(AGENTS)}"'


def _click(rng: random.Random) -> Row:
    return {
        "session_id": f"s{rng.randint(1, 140):04d}",
        "user_id": rng.randint(1, 90),
        "timestamp": _moment(rng, 2).isoformat(timespec="milliseconds"),
        "event_type": rng.choices(("page_view", "click", "add_to_cart", "purchase"), (70, 20, 7, 3))[0],
        "page_url": f"https://shop.example.com{rng.choice(PAGES)}",
        "referrer": rng.choice(("", "https://search.example.net/", "https://news.example.org/")),
        "device": rng.choice(("mobile", "desktop", "tablet")),
        "duration_sec": round(rng.expovariate(0.03), 1),
        "response_time_ms": round(rng.lognormvariate(4.6, 0.6)),
    }


def _matches() -> Iterator[Sample]:
    path = "sports/league_results.csv"
    rng = seeded(path)
    yield Sample(path, "sports_event", csv_bytes([_result(rng, number) for number in range(240)]))

    path = "sports/match_events.json"
    rng = seeded(path)
    yield Sample(
        path, "sports_event", json_bytes([_match_event(rng, minute) for minute in range(1, 91) for _ in range(3)])
    )

    path = "sports/fixtures.xml"
    rng = seeded(path)
    matches = "".join(
        "  <match>"
        + "".join(f"<{key}>{value}</{key}>" for key, value in _result(rng, 500 + number).items())
        + "</match>\n"
        for number in range(60)
    )
    yield Sample(
        path, "sports_event", f'<?xml version="1.0" encoding="UTF-8"?>\n<league>\n{matches}</league>\n'.encode()
    )


def _result(rng: random.Random, number: int) -> Row:
    home, away = rng.sample(TEAMS, 2)
    scored, conceded = rng.choices(range(5), (25, 33, 24, 12, 6), k=2)
    return {
        "match_id": 4000 + number,
        "match_date": (NOW - timedelta(days=rng.randint(1, 200))).date().isoformat(),
        "competition": "Coast League",
        "season": "2026",
        "home_team": home,
        "away_team": away,
        "home_score": scored,
        "away_score": conceded,
        "attendance": rng.randint(300, 9000),
    }


def _match_event(rng: random.Random, minute: int) -> Row:
    return {
        "match_id": 4999,
        "event_id": f"{minute:02d}-{rng.randint(0, 999_999):06d}",
        "minute": minute,
        "second": rng.randint(0, 59),
        "team": rng.choice(TEAMS[:2]),
        "player": people.full_name(rng),
        "event_type": rng.choices(("Pass", "Shot", "Foul", "Goal", "Card"), (80, 9, 8, 1, 2))[0],
        "x": round(rng.uniform(0, 105), 1),
        "y": round(rng.uniform(0, 68), 1),
    }

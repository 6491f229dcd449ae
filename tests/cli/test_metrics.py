"""The commands on metrics."""

from datetime import timedelta

import pytest
from attrs import evolve

from clientloop.metrics.rating import MeanRating
from clientloop.model.asking import Instrument
from clientloop.model.money import Money
from clientloop.model.targets import Target
from tests.services.measures.asked import YEARLY, answer, keep, several

NOW = ("--now", "2026-03-02T09:00")
DAY = timedelta(days=1)
LOW = Target(name="low", metric="nps", question="yearly", goal=-50)
SCALED = {"occasion": "relational", "scale": "0-10"}


@pytest.fixture
def asked(shop, clock):
    """A shop that has asked its customers for three months, by two channels in two countries."""
    keep(shop, YEARLY)
    for days, ratings in ((70, [10, 10, 9, 8, 3]), (35, [10, 9, 7, 2]), (8, [0, 3, 10, 8])):
        for channel, country in (("email", "SI"), ("web", None)):
            keep(shop, *several(YEARLY, ratings, clock.now() - days * DAY, channel=channel, country=country))
    return shop


def lines(done):
    """What was written, with single blanks."""
    return [" ".join(line.split()) for line in done.out.splitlines()]


def test_metrics_are_listed(run, shop):
    """Each with what it must be told, and what it may be."""
    assert "nps occasion question=null, latest=false" in lines(run("metrics", "list"))
    assert run("metrics", "list", "--json").json["csat"]["needs"] == ["occasion", "scale"]


def test_a_score_by_several_dimensions(run, asked):
    """One table, each row with its interval and the number that it rests on; those of no country are there."""
    assert lines(
        run("metrics", "score", "nps", "--question", "yearly", "--by", "channel", "--by", "country", *NOW)
    ) == [
        "nps, in points; 95 % intervals by adjusted Wald",
        "channel country score interval n",
        "email SI 15.4 -28.6 to 53.6 13",
        "web none 15.4 -28.6 to 53.6 13",
    ]


def test_a_score_of_what_is_told(run, asked):
    """Without a question the occasion is told; only some rows, some time, and quarters."""
    done = run(
        "metrics", "score", "nps", "--set", "occasion=relational", "--set", "latest=true", "--only", "country=SI",
        "--bucket", "quarter", "--since", "2026-01-01", "--until", "2026-02-01", "--engine", "python", *NOW,
    )  # fmt: skip
    assert lines(done)[1:] == ["period score interval n", "2026-01-01 25.0 -44.2 to 72.7 4"]
    assert "Nobody answered" in run("metrics", "score", "nps", "--question", "yearly", "--only", "country=AT").out


def test_a_program_and_a_file_get_all_digits(run, asked, empty_folder):
    """Rounded is what people see, and nothing else."""
    data = run("metrics", "score", "nps", "--question", "yearly", "--json").json
    assert data["rows"][0]["score"]["value"] == pytest.approx(100 * 4 / 26)
    done = run("metrics", "score", "nps", "--question", "yearly", "--by", "channel", "--out", "nps.csv")
    assert done.out == "2 rows in nps.csv\n"
    header, row, _ = (empty_folder / "nps.csv").read_text(encoding="utf-8-sig").splitlines()
    assert header == "metric,channel,value,unit,count,low,high,level,method"
    assert row.startswith("nps,email,15.38461538461")


@pytest.fixture
def sold(shop):
    """A shop that has sold something by a campaign in three currencies: with cents, with none, and with thousandths."""
    ana, spring = shop.customers.add(name="Ana Kovač"), {"campaign": "spring"}
    for amount, currency in ((12_50, "EUR"), (500, "JPY"), (1_250, "KWD")):
        shop.interactions.record(
            kind="purchase", channel="shop", customer=ana, money=Money(amount, currency), source=spring
        )
    return shop


def test_amounts_of_money_have_their_decimal_places(run, sold, empty_folder):
    """A person reads euros, not cents; a file has the exact number, and says that it is of minor units."""
    command = ("metrics", "score", "sources", "--set", "touch=first")
    assert lines(run(*command))[4:] == [
        "spring revenue EUR 12.50 EUR - 3", "spring revenue JPY 500 JPY - 3", "spring revenue KWD 1.250 KWD - 3"
    ]  # fmt: skip
    assert run(*command, "--json").json["rows"][2]["score"]["scale"]["minor"] is True
    run(*command, "--out", "sources.csv")
    written = (empty_folder / "sources.csv").read_text(encoding="utf-8-sig").splitlines()
    assert written[3].startswith("sources,spring revenue EUR,1250,minor units of EUR,3")


def test_a_trend_of_money_speaks_of_money(run, sold):
    """Its line, its goal and its rows; those of how many bought have no currency."""
    done = lines(run("metrics", "trend", "sources", "--set", "touch=first", "--at-least", "2000"))
    told = done[done.index("in EUR") - 1 :][:4]
    assert told[0].endswith("12.50 EUR to 12.50 EUR, n = 3")
    assert told[2] == "from score interval n at least 20.00 EUR"
    assert " 12.50 EUR - 3" in told[3]
    assert "from score interval n at least 2000" in done


def test_a_target_of_money_speaks_of_money(run, sold, clock):
    """Also where it is missed; the goal of what nobody knows yet is a bare number."""
    first = {"touch": "first"}
    sold.settings.set("targets", tuple(
        Target(name=name, metric="sources", parameters=first, part=(name, "revenue", "EUR"), goal=2000)
        for name in ("spring", "summer")
    ))  # fmt: skip
    assert lines(run("metrics", "targets", "--now", f"{clock.now() + 31 * DAY:%Y-%m-%dT%H:%M}"))[1:] == [
        "spring sources at least 20.00 EUR month of 2026-03-01 12.50 EUR - 3 missed",
        "summer sources at least 2000 month of 2026-03-01 - - 0 too few to tell",
    ]


def test_a_trend_has_a_line_of_blocks(run, asked):
    """With its ends and its number; each month stands to the target."""
    done = lines(run("metrics", "trend", "nps", "--question", "yearly", "--at-least", "30", *NOW))
    assert done == [
        "nps by month, in the zone Europe/Ljubljana",
        "",
        "█▆▁ -25 to 40, n = 26",
        "in points; 95 % intervals by adjusted Wald",
        "from score interval n at least 30",
        "2025-12-01 40.0 -12.6 to 74.1 10 reached",
        "2026-01-01 25.0 -29.4 to 65.8 8 missed",
        "2026-02-01 -25.0 -65.8 to 29.4 8 missed, beyond chance",
        "2026-03-01 - - 0 not over yet",
    ]


def test_a_trend_says_what_happened(run, shop, clock):
    """A week that stands out is named, with how it was found."""
    keep(shop, YEARLY)
    for week in range(1, 27):
        ratings = [0] * 60 if week == 9 else [10] * (30 + week % 3) + [7] * 20 + [2] * 10
        keep(shop, *several(YEARLY, ratings, clock.now() - week * 7 * DAY, channel="web"))
    done = run("metrics", "trend", "nps", "--question", "yearly", "--by", "channel", "--bucket", "week", *NOW)
    assert "channel web: " in done.out
    assert "2025-12-29 stands out with -100, usual is 34.43 (modified z-score, Student's chance, " in done.out
    both = run("metrics", "trend", "nps", "--at-least", "1", "--at-most", "2")
    assert (both.code, "one of both" in both.err) == (1, True)


def test_before_and_after(run, asked):
    """The difference, and whether it may be chance."""
    command = ("metrics", "compare", "nps", "--question", "yearly", "--at", "2026-02-01", "--by", "channel", *NOW)
    assert lines(run(*command)) == [
        "nps, 2026-01-02 15:00 to 2026-02-01 00:00 and as long after",
        "channel before n after n after difference interval means",
        "email 25.0 4 -25.0 4 -50.0 -117.5 to 47.8 may be chance",
        "web 25.0 4 -25.0 4 -50.0 -117.5 to 47.8 may be chance",
    ]
    assert run(*command, "--json").json["rows"][0]["difference"] == -50


def test_parts_of_a_metric_are_told_apart(run, shop, clock):
    """Two rows without their names would be two riddles; by a channel as well."""
    shop.questions.declare("solved", instrument="gcr", occasion="transactional")
    for rating in (2, 1):
        shop.questions.answer("solved", rating, channel="form")
        clock.advance(10 * DAY)
    command = ("metrics", "compare", "gcr", "--question", "solved", "--at", "2026-03-07")
    now = ("--now", f"{clock.now():%Y-%m-%dT%H:%M}")
    for by, value in (((), ""), (("--by", "channel"), "form ")):
        header, *rows = lines(run(*command, *by, *now))[1:]
        assert header.startswith(f"{'channel ' if by else ''}part before n after")
        assert [row.partition(" % ")[0] for row in rows] == [f"{value}completed 100.0", f"{value}at least partly 100.0"]


def test_what_goes_together(run, shop, clock):
    """A matrix, each value with the number of persons; marked where it is no chance."""
    price = evolve(YEARLY, name="price", instrument=Instrument.RATING)
    keep(shop, YEARLY, price)
    for number in range(12):
        customer = shop.customers.add(name=f"Person {number}").id
        keep(shop, answer(YEARLY, 10 if number > 5 else 2, clock.now(), customer=customer))
        keep(shop, answer(price, 9 if number > 5 else 3, clock.now(), customer=customer))
    head, *rows = lines(run("metrics", "correlate", "yearly", "price"))
    assert head.startswith("Spearman, exact chance of up to 9, Student's of more; persons in brackets; *: not chance, ")
    assert head.endswith("by Benjamini-Hochberg at 5 %")
    assert rows == [
        "yearly price",
        "yearly +1.00* (12)",
        "price +1.00* (12)",
    ]


def test_targets_are_shown(run, asked):
    """How the last month that is over stands to each; only the missed ones, if asked for."""
    assert "No targets are set" in run("metrics", "targets", *NOW).out
    targets = [
        Target(name=name, metric="nps", question="yearly", goal=goal, fewest=fewest)
        for name, goal, fewest in (("high", 30, 1), ("low", -50, 1), ("sure", 30, 99))
    ]
    asked.settings.set("targets", tuple(targets))
    assert lines(run("metrics", "targets", *NOW)) == [
        "target metric goal period score interval n state",
        "high nps at least 30 month of 2026-02-01 -25.0 -65.8 to 29.4 8 missed, beyond chance",
        "low nps at least -50 month of 2026-02-01 -25.0 -65.8 to 29.4 8 reached",
        "sure nps at least 30 month of 2026-02-01 -25.0 -65.8 to 29.4 8 too few to tell",
    ]
    assert [
        each["target"]["name"] for each in run("metrics", "targets", "--missed", "--json", *NOW).json["targets"]
    ] == ["high"]


def test_a_target_that_cannot_be_measured_says_why(run, asked, monkeypatch):
    """In place of how it stands, and the others are shown as ever."""
    asked.settings.set("targets", (Target(name="a", metric="rating", parameters=SCALED, goal=3), LOW))
    monkeypatch.setattr(MeanRating, "plans", lambda _: 1 // 0)
    _, first, second = lines(run("metrics", "targets", *NOW))
    assert "metric 'rating'" in first
    assert "raised ZeroDivisionError" in first
    assert second.endswith("8 reached")


def test_names_that_nobody_declared(run, shop):
    """The near ones are told."""
    for options, hint in (
        (("nsp",), "did you mean 'nps'?"),
        (("nps", "--question", "yearly"), "none is declared"),
        (("nps", "--set", "occassion=relational"), "did you mean 'occasion'?"),
        (("nps", "--set", "occasion=relationl"), "did you mean 'relational' or"),
        (("nps", "--only", "contry=SI"), "did you mean 'country'?"),
    ):
        done = run("metrics", "score", *options)
        assert done.code == 1
        assert hint in done.err

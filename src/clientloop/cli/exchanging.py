"""The commands that exchange contacts and planned contacts with address books and calendars."""

from pathlib import Path
from typing import Annotated

from attrs import frozen
from cyclopts import Parameter

from clientloop.cli.imported import bar, say
from clientloop.cli.options import HERE, AsJson, OnScreen, Place
from clientloop.cli.screen import Screen, several
from clientloop.exchange.report import ImportReport
from clientloop.model.customers import Trust
from clientloop.services.setup.data import as_data


@Parameter(name="*")
@frozen(kw_only=True)
class Job:
    """What every import of entries can be told."""

    #: How text is encoded.
    encoding: Annotated[str, Parameter(help="How text is encoded that does not say so itself, as Python knows it.")] = (
        "utf-8"
    )
    #: Where rejected entries go.
    rejects: Annotated[
        Path | None,
        Parameter(
            help="Where entries go that cannot be read, to be mended and imported again; FILE.rejects if not given."
        ),
    ] = None
    #: Whether nothing is written.
    dry_run: Annotated[bool, Parameter(help="Say what would be done, and write nothing.")] = False
    #: For a program.
    json: AsJson = False
    #: Where to.
    place: Place = HERE

    def aside(self, file: Path) -> Path:
        """Where rejected entries of a file go."""
        return self.rejects or Path(f"{file.stem}.rejects{file.suffix}")

    def told(self, screen: Screen, report: ImportReport, file: Path) -> int:
        """Say what came of it.

        Returns:
            The exit code: 1 if entries were rejected.
        """
        if self.json:
            screen.json(as_data(report))
        else:
            say(screen, report, self.aside(file))
        return 1 if report.rejected else 0


#: An import of a file as it comes, into the store that is found.
PLAIN = Job()


def import_vcard(
    file: Path,
    /,
    *,
    region: str | None = None,
    trust: Trust = Trust.ASSERTED,
    job: Job = PLAIN,
    screen: OnScreen,
) -> int:
    """Import cards of an address book: vCard 2.1, 3.0 or 4.0.

    Args:
        file: The file.
        region: ISO 3166 code where phone numbers without a country code are read; the firm's if not given.
        trust: How far the cards prove their addresses.
        job: How.
        screen: Where to write.
    """
    with job.place.open() as loop, bar(screen) as told:
        report = loop.imports.vcard(
            file, region=region, trust=trust, encoding=job.encoding, rejects=job.aside(file), dry_run=job.dry_run,
            progress=told,
        )  # fmt: skip
    return job.told(screen, report, file)


def import_ical(file: Path, /, *, owner: str | None = None, job: Job = PLAIN, screen: OnScreen) -> int:
    """Import events and to-dos of a calendar as planned contacts.

    Args:
        file: The file.
        owner: Who of the firm makes the contacts, where the file does not say so.
        job: How.
        screen: Where to write.
    """
    with job.place.open() as loop, bar(screen) as told:
        report = loop.imports.icalendar(
            file, owner=owner, encoding=job.encoding, rejects=job.aside(file), dry_run=job.dry_run, progress=told
        )
    return job.told(screen, report, file)


def export_vcard(file: Path, /, *, json: AsJson = False, place: Place = HERE, screen: OnScreen) -> None:
    """Write all customers as cards of vCard 4.0.

    Args:
        file: The file; an older one is replaced.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        _told(screen, loop.exports.vcard(file), "card", json=json)


def export_ical(file: Path, /, *, json: AsJson = False, place: Place = HERE, screen: OnScreen) -> None:
    """Write all planned contacts as a calendar, with those that were made or called off.

    Args:
        file: The file; an older one is replaced.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        _told(screen, loop.exports.icalendar(file), "planned contact", json=json)


def _told(screen: Screen, count: int, what: str, *, json: bool) -> None:
    if json:
        return screen.json({"written": count})
    return screen.line(f"Wrote {several(count, what)}")

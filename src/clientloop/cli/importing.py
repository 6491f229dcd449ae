"""The commands that import files, with columns named by options or in a TOML file, and rejected rows put aside."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, TypeVar

from attrs import frozen
from cyclopts import Group, Parameter

from clientloop.cli.imported import bar, say
from clientloop.cli.options import HERE, AsJson, OnScreen, Place, pairs
from clientloop.cli.screen import Screen
from clientloop.errors import InvalidValue
from clientloop.exchange.answers import import_answers
from clientloop.exchange.customers import import_customers
from clientloop.exchange.feedback import import_feedback
from clientloop.exchange.mapping import (
    AnswersMapping,
    CustomersMapping,
    FeedbackMapping,
    FileMapping,
    PurchasesMapping,
    read_mapping,
)
from clientloop.exchange.purchases import import_purchases
from clientloop.exchange.report import ImportReport
from clientloop.model.codec import Json
from clientloop.model.customers import Trust
from clientloop.services.setup.data import as_data
from clientloop.services.setup.plain import read

M = TypeVar("M", bound=FileMapping)

_FILE = Group("The file", sort_key=1)


def _option(words: str, *, name: str | None = None) -> Parameter:
    return Parameter(name=name, group=_FILE, help=words, show_default=False)


@Parameter(name="*")
@frozen(kw_only=True)
class Layout:
    """How a file is written, and what its columns hold; what is None or empty is left to the mapping."""

    #: A TOML file with all of it.
    mapping: Annotated[Path | None, _option("A TOML file with these options; an option given here goes first.")] = None
    #: Name of the system that the file comes from.
    source: Annotated[
        str | None, _option("Name of the system that the file comes from; the file's name if not given.")
    ] = None
    #: FIELD=COLUMN.
    column: Annotated[Sequence[str], _option("FIELD=COLUMN: the column that a field is read from; once for each.")] = ()
    #: FIELD=TEXT.
    default: Annotated[Sequence[str], _option("FIELD=TEXT: what stands for a missing column or an empty cell.")] = ()
    #: FIELD:CELL=MEANING.
    value: Annotated[
        Sequence[str], _option("FIELD:CELL=MEANING: what a cell means here, as state:Closed=closed_before_import.")
    ] = ()
    #: Columns to keep.
    keep: Annotated[Sequence[str], _option("A further column to keep as it is; once for each.")] = ()
    #: What separates cells.
    delimiter: Annotated[str | None, _option("What separates cells: one character, tab, or whitespace.")] = None
    #: Name of the encoding.
    encoding: Annotated[str | None, _option("Name of the encoding, as Python knows it.")] = None
    #: Names of columns.
    header: Annotated[
        Sequence[str], _option("Name of a column, for a file whose first line names none; once for each.")
    ] = ()
    #: Formats of dates.
    dates: Annotated[
        Sequence[str], _option("How dates are written, as %d.%m.%Y, or iso; tried in order.", name="--date")
    ] = ()
    #: Zone of times.
    zone: Annotated[str | None, _option("IANA name of the zone of times that name none.")] = None
    #: Region of phone numbers.
    region: Annotated[str | None, _option("ISO 3166 code where phone numbers without a country code are read.")] = None
    #: Trust of addresses.
    trust: Annotated[Trust | None, _option("How far the file proves that an address is the customer's.")] = None

    def mapping_of(self, cls: type[M], file: Path, **more: str | None) -> M:
        """The mapping that the options come to.

        Args:
            cls: Which mapping.
            file: The file to be imported.
            more: Options that this mapping alone has.

        Raises:
            NotFound: There is no such TOML file.
            InvalidValue: An option, or the file, says what cannot be.
        """
        plain = {**{name: as_data(getattr(self, name)) for name in _PLAIN}, **more, **self._tables()}
        given = {name: value for name, value in plain.items() if value}
        if self.mapping is not None:
            return read_mapping(self.mapping, cls, **given)
        mapping: M = read({"source": file.name.partition(".")[0], **given}, cls, "the options")
        return mapping

    def _tables(self) -> Mapping[str, Json]:
        values: dict[str, Json] = {}
        for name, meaning in pairs(self.value, "--value state:Closed=closed_before_import"):
            field, colon, cell = name.partition(":")
            if not colon:
                raise InvalidValue(
                    f"{name!r:.60} names no cell", hint="write --value state:Closed=closed_before_import"
                )
            values.setdefault(field, {})[cell] = meaning
        return {
            "columns": dict(pairs(self.column, "--column text=Message")),
            "default": dict(pairs(self.default, "--default kind=complaint")),
            "values": values,
        }


#: The options that are fields of a mapping, and no tables.
_PLAIN = ("source", "keep", "delimiter", "encoding", "header", "dates", "zone", "region", "trust")

#: A file with columns that its first line names.
CSV = Layout()


@Parameter(name="*")
@frozen(kw_only=True)
class Job:
    """What every import can be told."""

    #: How the file is written.
    layout: Layout = CSV
    #: Where rejected rows go.
    rejects: Annotated[
        Path | None,
        Parameter(
            help="Where rows go that cannot be read, to be mended and imported again; FILE.rejects.csv if not given."
        ),
    ] = None
    #: Whether nothing is written.
    dry_run: Annotated[bool, Parameter(help="Say what would be done, and write nothing.")] = False
    #: For a program.
    json: AsJson = False
    #: Where to.
    place: Place = HERE

    def run(
        self,
        write: Callable[..., ImportReport],  # each takes a mapping of its own
        cls: type[FileMapping],
        file: Path,
        screen: Screen,
        **more: str | None,
    ) -> int:
        """Import a file and say what came of it.

        Args:
            write: What imports it.
            cls: Which mapping it takes.
            file: The file.
            screen: Where to write.
            more: Options that this mapping alone has.

        Returns:
            The exit code: 1 if rows were rejected.
        """
        mapping = self.layout.mapping_of(cls, file, **more)
        aside = self.rejects or Path(f"{file.name.partition('.')[0]}.rejects.csv")
        with self.place.open() as loop, bar(screen) as told:
            report = write(loop.context, file, mapping, rejects=aside, dry_run=self.dry_run, progress=told)
        if self.json:
            screen.json(as_data(report))
        else:
            say(screen, report, aside)
        return 1 if report.rejected else 0


#: An import of a file as it comes, into the store that is found.
PLAIN = Job()


def customers(file: Path, /, *, job: Job = PLAIN, screen: OnScreen) -> int:
    """Import a file of customers.

    Args:
        file: The file, `.gz` if it is packed.
        job: How.
        screen: Where to write.
    """
    return job.run(import_customers, CustomersMapping, file, screen)


def purchases(
    file: Path,
    /,
    *,
    currency: Annotated[str | None, _option("ISO 4217 code of amounts that name none.")] = None,
    decimal: Annotated[str | None, _option("The decimal mark.")] = None,
    thousands: Annotated[str | None, _option("What groups thousands.")] = None,
    job: Job = PLAIN,
    screen: OnScreen,
) -> int:
    """Import a file of purchases.

    Args:
        file: The file, `.gz` if it is packed.
        currency: ISO 4217 code of amounts that name none.
        decimal: The decimal mark.
        thousands: What groups thousands.
        job: How.
        screen: Where to write.
    """
    given = {"currency": currency, "decimal": decimal, "thousands": thousands}
    return job.run(import_purchases, PurchasesMapping, file, screen, **given)


def feedback(
    file: Path,
    /,
    *,
    scale: Annotated[str | None, _option("The scale of ratings, as 1-5.")] = None,
    job: Job = PLAIN,
    screen: OnScreen,
) -> int:
    """Import a file of feedback: tickets, complaints, answers to a survey.

    Args:
        file: The file, `.gz` if it is packed.
        scale: The scale of ratings, as 1-5.
        job: How.
        screen: Where to write.
    """
    return job.run(import_feedback, FeedbackMapping, file, screen, scale=scale)


def answers(file: Path, /, *, job: Job = PLAIN, screen: OnScreen) -> int:
    """Import a file of answers to questions that are declared.

    Args:
        file: The file, `.gz` if it is packed.
        job: How.
        screen: Where to write.
    """
    return job.run(import_answers, AnswersMapping, file, screen)

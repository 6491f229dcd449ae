"""Import of customers."""

import os
from collections.abc import Callable, Sequence
from functools import partial

from attrs import evolve

from clientloop.errors import InvalidValue
from clientloop.exchange.fields import Fields
from clientloop.exchange.mapping import CustomersMapping
from clientloop.exchange.report import ImportReport, Progress
from clientloop.exchange.run import RowKeys, Source, run
from clientloop.exchange.table import Row
from clientloop.exchange.values import customer_class, person_of, person_readers
from clientloop.model.customers import IdentityKind, Trust
from clientloop.model.zones import zone_named
from clientloop.services.bulk.entries import Address, Entry
from clientloop.services.context import Context


def import_customers(
    context: Context,
    source: Source,
    mapping: CustomersMapping,
    *,
    rejects: str | os.PathLike[str] | None = None,
    dry_run: bool = False,
    progress: Callable[[Progress], None] | None = None,
) -> ImportReport:
    """Import a file of customers.

    A row whose person certainly is a customer already adds nothing but the addresses that are new. Where the source has
    no ids, the row itself is kept as one, so that it is found again.

    Args:
        context: The space.
        source: A path, `.gz` for a packed file, `.xlsx` for a workbook; or an open text file.
        mapping: What its columns hold.
        rejects: Where bad rows go, to be mended and imported again; None counts them only.
        dry_run: Whether to count only and write nothing.
        progress: Is told how far the import is, once a chunk.

    Raises:
        NotFound: There is no such file.
        InvalidValue: The mapping does not fit the file; nothing was written then.
    """
    reader = partial(_CustomerReader, context, mapping)
    return run(
        context, source, mapping, what="customer", reader=reader, rejects=rejects, dry_run=dry_run, progress=progress
    )


class _CustomerReader:
    """Makes entries of the rows of a file of customers."""

    def __init__(self, context: Context, mapping: CustomersMapping, header: Sequence[str], keys: RowKeys) -> None:
        self._keys = keys
        region = mapping.region or context.settings.region
        readers = person_readers(source=mapping.source, region=region, trust=mapping.trust)
        readers |= {"customer_class": customer_class, "zone": lambda name: zone_named(name).key}
        self._fields = Fields(mapping, header, readers)

    def __call__(self, row: Row) -> Entry:
        values = self._fields.read(row.cells)
        person = person_of(values)
        if not person.name and not person.addresses:
            raise InvalidValue("neither a name nor an address")
        addresses = person.addresses
        if "customer" not in values:
            itself = self._keys.of_content(row, channel="").origin
            addresses = (Address(IdentityKind.EXTERNAL, itself, "", Trust.VOUCHED), *addresses)
        return Entry(
            key=None,
            person=evolve(
                person,
                addresses=addresses,
                customer_class=values.get("customer_class"),
                zone=values.get("zone"),
                extra=self._fields.kept(row.cells),
            ),
        )

"""The imports as an application calls them."""

from functools import partial

from clientloop.exchange.answers import import_answers
from clientloop.exchange.customers import import_customers
from clientloop.exchange.feedback import import_feedback
from clientloop.exchange.icalendar import import_icalendar
from clientloop.exchange.purchases import import_purchases
from clientloop.exchange.vcard import import_vcard
from clientloop.services.context import Context


class Imports:
    r"""`loop.imports`: what other systems have, from files.

    Every row is added, found to be there already, or put into a file of rejects with the reason; the rest goes on.

    >>> import io
    >>> from clientloop import ClientLoop
    >>> from clientloop.exchange.mapping import CustomersMapping
    >>> with ClientLoop.open("memory:") as loop:
    ...     mapping = CustomersMapping(source="shop", columns={"customer": "No", "email": "Mail"})
    ...     report = loop.imports.customers(io.StringIO("No,Mail\n7,ana@example.com\n"), mapping)
    >>> report.rows, report.added, report.rejected
    (1, 1, 0)
    """

    def __init__(self, context: Context) -> None:
        """Work in one space."""
        #: Imports customers: `import_customers` in this space.
        self.customers = partial(import_customers, context)
        #: Imports purchases: `import_purchases` in this space.
        self.purchases = partial(import_purchases, context)
        #: Imports feedback: `import_feedback` in this space.
        self.feedback = partial(import_feedback, context)
        #: Imports answers to questions: `import_answers` in this space.
        self.answers = partial(import_answers, context)
        #: Imports cards of an address book: `import_vcard` in this space.
        self.vcard = partial(import_vcard, context)
        #: Imports entries of a calendar: `import_icalendar` in this space.
        self.icalendar = partial(import_icalendar, context)

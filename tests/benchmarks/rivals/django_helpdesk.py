"""django-helpdesk on Django's SQLite backend, set up to be as fast as it can be without being less durable.

One file, WAL with full syncs, one ``transaction.atomic`` (``BEGIN IMMEDIATE``) around each operation, which costs one
sync where its default, a transaction for every save, would cost several; no middleware, no attachments, ``DEBUG`` off.
Mails are rendered and not sent, as our messages stay in the outbox.
"""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING

import django
import helpdesk  # noqa: F401 - so that a missing rival is noticed before Django is set up
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from tests.benchmarks.rivals import RivalStore, require_durable
from tests.benchmarks.words import Message

if TYPE_CHECKING:
    from helpdesk.models import Ticket

_SETTINGS = {
    "DEBUG": False,
    "USE_TZ": True,
    "SITE_ID": 1,
    "SECRET_KEY": "benchmark",
    "ROOT_URLCONF": f"{__package__}.helpdesk_urls",
    "EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend",
    "HELPDESK_TEAMS_MODE_ENABLED": False,
    "TEMPLATES": [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
    "INSTALLED_APPS": [
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.sites",
        "django.contrib.humanize",
        "rest_framework",
        "helpdesk",
    ],
    "DATABASES": {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL",
            },
        }
    },
}


class _Helpdesk(RivalStore[int]):
    """A new helpdesk with one queue and one agent."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        if not settings.configured:
            settings.configure(**_SETTINGS)
            django.setup()
        connection.close()
        connection.settings_dict["NAME"] = str(path)
        call_command("migrate", verbosity=0)
        require_durable(self._pragma)

        from django.contrib.auth import get_user_model
        from helpdesk.models import Queue

        self._agent = get_user_model().objects.create_user("agent-7", "agent-7@example.com", is_staff=True)
        self._queue = Queue.objects.create(
            title="Complaints", slug="complaints", allow_public_submission=True, email_address="desk@example.com"
        )

    def receive_one(self, words: Message) -> int:
        """Create a ticket and its first follow-up."""
        with transaction.atomic():
            return self._create(words).pk

    def move_one(self, key: int) -> None:
        """Load the ticket, change its status, add a follow-up."""
        from helpdesk.models import Ticket

        with transaction.atomic():
            self._change(Ticket.objects.get(pk=key), Ticket.REOPENED_STATUS)

    def close(self) -> None:
        """Close the connection; the settings of Django stay."""
        connection.close()

    @abstractmethod
    def _create(self, words: Message) -> Ticket: ...

    @abstractmethod
    def _change(self, ticket: Ticket, status: int) -> None: ...

    @staticmethod
    def _pragma(name: str) -> object:
        with connection.cursor() as cursor:
            return cursor.execute(f"PRAGMA {name}").fetchone()[0]


class Orm(_Helpdesk):
    """Its models alone: the rows that its own code writes (`forms._create_ticket`, `views.staff.mass_update`)."""

    def _create(self, words: Message) -> Ticket:
        from helpdesk.models import FollowUp, Ticket

        ticket = Ticket(
            title=words.title,
            submitter_email=words.email,
            created=timezone.now(),
            status=Ticket.OPEN_STATUS,
            queue=self._queue,
            description=words.text,
            priority=3,
        )
        ticket.save()
        opened = "Ticket Opened Via Web"
        FollowUp(ticket=ticket, title=opened, date=timezone.now(), public=True, comment=words.text).save()
        return ticket

    def _change(self, ticket: Ticket, status: int) -> None:
        ticket.status = status
        ticket.save()
        ticket.followup_set.create(
            date=timezone.now(), title="Assigned", public=True, user=self._agent, new_status=status
        )


class Forms(_Helpdesk):
    """What its web pages call: the public form, validated and saved, and `update_ticket`; both tell the customer."""

    def _create(self, words: Message) -> Ticket:
        from helpdesk.forms import PublicTicketForm

        form = PublicTicketForm(
            data={
                "queue": str(self._queue.pk),
                "title": words.title,
                "body": words.text,
                "priority": "3",
                "submitter_email": words.email,
            }
        )
        if not form.is_valid():
            raise ValueError(form.errors)
        return form.save(user=None)

    def _change(self, ticket: Ticket, status: int) -> None:
        from helpdesk.update_ticket import update_ticket

        update_ticket(self._agent, ticket, comment="We look into it.", public=True, new_status=status)

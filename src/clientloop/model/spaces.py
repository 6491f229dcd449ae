"""A firm's data in a store, and what it has set."""

from collections.abc import Mapping

from attrs import field, frozen

from clientloop.model.codec import Json
from clientloop.model.record import record


@record("space", key=())
@frozen(kw_only=True)
class Space:
    """One firm's data in a store: tenant boundary and first column of every key."""

    #: Name of the space; lower-case words.
    space: str
    #: Where its phone numbers are read: a region of ISO 3166 such as "SI"; None accepts international numbers only.
    region: str | None = None
    #: IANA name of the zone of date-only input and of its default calendar.
    zone: str = "UTC"
    #: BCP 47 tag of the language of its texts where the customer's is not known.
    locale: str = "en"
    #: ISO 4217 code of amounts that name no currency.
    currency: str = "EUR"
    #: Counts changes.
    version: int = 1


@record("setting", key=("name",))
@frozen(kw_only=True)
class Setting:
    """One thing that the firm has set: a calendar, a limit, the offers of its product line."""

    #: The space it belongs to.
    space: str
    #: Its name; `rules/loop/settings.py` declares them.
    name: str
    #: Its value, in the form of that declaration.
    value: Mapping[str, Json]
    #: Counts changes.
    version: int = 1


@record("definition", key=("sort", "name", "number"))
@frozen(kw_only=True)
class Definition:
    """One version of something declared (a process): running items keep theirs, also after the code has moved on."""

    #: The space it belongs to.
    space: str
    #: What kind of declaration: "process".
    sort: str
    #: Its name: the kind of feedback.
    name: str
    #: Which version.
    number: int
    #: The declaration as data.
    body: Mapping[str, Json]


@record("plugin_state", key=("plugin", "name"))
@frozen(kw_only=True)
class PluginState:
    """What a plugin remembers: plugins own no tables."""

    #: The space it belongs to.
    space: str
    #: Whose memory.
    plugin: str
    #: Of what.
    name: str
    #: The value.
    value: Mapping[str, Json] = field(factory=dict)
    #: Counts changes.
    version: int = 1


@record("space_due", key=())
@frozen(kw_only=True)
class SpaceDue:
    """When a space next has a timer or a message due; read by its own index, the one that no space leads."""

    #: The space.
    space: str
    #: Microseconds since 1970 in UTC.
    next_due: int

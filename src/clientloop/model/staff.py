"""Who works for the firm: members, their absences, and teams."""

from datetime import datetime

from attrs import frozen

from clientloop.model.codec import Sometime
from clientloop.model.record import Index, Personal, record
from clientloop.model.work import Role


@record("member", key=("name",))
@frozen(kw_only=True)
class Member:
    """A person of the firm, or of an outside call centre, who works in loops."""

    #: The space it belongs to.
    space: str
    #: The name that owns items.
    name: str
    #: The roles held; a superior is alerted.
    roles: tuple[str, ...] = (Role.OWNER.value,)
    #: The teams that the member works in.
    teams: tuple[str, ...] = ()
    #: What the member is good at; routing may ask for it.
    skills: tuple[str, ...] = ()
    #: BCP 47 tags of the languages that the member answers in; none given: any.
    languages: tuple[str, ...] = ()
    #: How many open items the member can have; None: no limit.
    capacity: int | None = None
    #: Name of the calendar of the member's working hours; None: the team's, or else the firm's.
    calendar: str | None = None
    #: Who stands in when the member is away and the absence names nobody.
    deputy: str | None = None
    #: Where alerts go: name of a channel.
    channel: str | None = None
    #: And the address there.
    address: Personal[str | None] = None
    #: Whether the member still works in loops.
    active: bool = True
    #: Counts changes; guards updates.
    version: int = 1


@record(
    "absence",
    key=("member", "since"),
    indexes=(Index("by_wake", ("wake_at", "member", "since")), Index("by_until", ("until", "member", "since"))),
)
@frozen(kw_only=True)
class Absence:
    """A time in which a member is away; when it begins, the member's open work goes to the deputy."""

    #: The space it belongs to.
    space: str
    #: Who is away.
    member: str
    #: From when on, UTC.
    since: datetime
    #: Until when, UTC; None: nobody knows yet.
    until: Sometime = None
    #: Who stands in; None: the member's own deputy, or else whom routing chooses.
    deputy: str | None = None
    #: Why.
    reason: Personal[str] = ""
    #: When the open work is to be handed over, UTC; None once it has been.
    wake_at: Sometime = None
    #: Counts changes and claims: the fencing token.
    version: int = 1


@record("team", key=("name",))
@frozen(kw_only=True)
class Team:
    """Members who share work: a department, a shop, an outside call centre."""

    #: The space it belongs to.
    space: str
    #: Its name; lower-case words.
    name: str
    #: What people call it.
    title: str = ""
    #: The member who decides in it, and hears first of what is late.
    lead: str | None = None
    #: Name of the calendar of its working hours, by which deadlines of its items count; None: the firm's.
    calendar: str | None = None
    #: Whether it is of another firm, such as a call centre.
    outside: bool = False
    #: Where alerts to the whole team go: name of a channel.
    channel: str | None = None
    #: And the address there.
    address: Personal[str | None] = None
    #: Counts changes; guards updates.
    version: int = 1

"""A post as a whole: which page it answers, what was filled in, who is proved to have filled it in; and its message."""

from collections.abc import Mapping
from datetime import UTC, datetime

from attrs import field, frozen

from clientloop.channels.form.config import FormConfig
from clientloop.channels.form.declaration import Asks, Form
from clientloop.channels.form.decoding import Posted, decode
from clientloop.channels.form.invitations import Invitation, read_invitation
from clientloop.channels.form.page import INVITATION, LANGUAGE, TOKEN, TRAP
from clientloop.channels.form.reading import Submission, fill_in
from clientloop.channels.form.requests import language, source
from clientloop.errors import BadPayload, UnknownName
from clientloop.model.codec import Json
from clientloop.model.customers import IdentityKind, Trust
from clientloop.ports.events import Address, MessageIn, Raw
from clientloop.ports.tokens import seal, unseal

#: Of the tokens; another one whenever what they hold changes.
_USE = "page.1"

#: Under which names answers are told that an item has fields for.
_TOLD = {Asks.KIND: "kind", Asks.RATING: "rating", Asks.PRODUCT: "product", Asks.CATEGORY: "category"}
#: What an answer is as an address; the first of them that was given is the sender's.
_ADDRESSES = {Asks.EMAIL: IdentityKind.EMAIL, Asks.PHONE: IdentityKind.PHONE}


@frozen(kw_only=True)
class Shown:
    """One page as it was handed out; the token in it says so."""

    #: Name of the form.
    form: str
    #: When, aware; to the second.
    at: datetime
    #: Random text, different for every page: what is posted with it is one message, however often it is posted.
    nonce: str
    #: Where the visitor had come from.
    source: Mapping[str, Json] = field(factory=dict)

    @classmethod
    def to(cls, raw: Raw, form: Form, *, now: datetime, nonce: str) -> "Shown":
        """A page handed out now, to whoever has sent a request."""
        return cls(form=form.name, at=now, nonce=nonce, source=source(raw))

    def token(self, config: FormConfig) -> str:
        """The token that goes into the page."""
        return seal(config.keys, _USE, [self.form, int(self.at.timestamp()), self.nonce, dict(self.source)])


@frozen(kw_only=True)
class Post:
    """What was posted, and to which page it is the answer."""

    #: The page.
    shown: Shown
    #: The form.
    form: Form
    #: The language of the page.
    language: str
    #: What came.
    posted: Posted
    #: What was filled in.
    filled: Submission
    #: Who was invited by a link that is signed, if somebody was.
    invitation: Invitation | None = None

    @property
    def trapped(self) -> bool:
        """Whether the field is filled in that people do not see."""
        return bool(self.posted.fields.get(TRAP))


def read_post(raw: Raw, config: FormConfig) -> Post:
    """Read a post to a page that this firm has handed out.

    Raises:
        BadPayload: It cannot be read, or the page was nobody's here.
    """
    posted = decode(raw, config.limits)
    values = unseal(config.keys, _USE, posted.fields.get(TOKEN, ""))
    if values is None:
        raise BadPayload("the post answers no page of ours")
    name, at, nonce, came_from = values
    try:
        form = config.form(name)
    except UnknownName as error:
        raise BadPayload(str(error)) from error
    return Post(
        shown=Shown(form=name, at=datetime.fromtimestamp(at, UTC), nonce=nonce, source=came_from),
        form=form,
        language=language(raw, form.languages, posted.fields.get(LANGUAGE, "")),
        posted=posted,
        filled=fill_in(form, posted, config.limits),
        invitation=read_invitation(config.keys, form.name, posted.fields.get(INVITATION, "")),
    )


def message(post: Post) -> MessageIn:
    """What the customer said by a post that is complete.

    Args:
        post: The post.

    Returns:
        The message. In `extra` are `kind`, `rating` with `scale`, `product` and `category` where they were given,
        `contacts` with further addresses by kind, `fields` with all other answers by name, and `form`.
    """
    answered = [(each, post.filled.answers[each.name]) for each in post.form.fields if each.name in post.filled.answers]
    given: dict[Asks, Json] = {each.asks: answer for each, answer in answered}
    sender, contacts = _sender(post, given)
    extra: dict[str, Json] = {"form": post.form.name, "kind": post.form.kind, "contacts": contacts}
    extra |= {name: given[asks] for asks, name in _TOLD.items() if asks in given}
    extra["scale"] = next((each.scale for each, _ in answered if each.asks is Asks.RATING), None)
    extra["fields"] = {each.name: answer for each, answer in answered if each.asks is Asks.OTHER}
    return MessageIn(
        key=post.shown.nonce,
        sender=sender,
        text=given[Asks.TEXT],
        locale=post.language,
        media=post.filled.files,
        source=post.shown.source,
        extra={name: value for name, value in extra.items() if value not in (None, {})},
    )


def _sender(post: Post, given: Mapping[Asks, Json]) -> tuple[Address, Mapping[str, Json]]:
    """Whose words they are, and what else was typed to reach that person."""
    name = given.get(Asks.NAME, "")
    typed = {kind: given[asks] for asks, kind in _ADDRESSES.items() if asks in given}
    if post.invitation is not None:
        # proved as far as the verdict says, which knows whether the invitation has expired
        sender = Address(kind=post.invitation.kind, value=post.invitation.value, name=name)
    elif typed:
        kind = next(iter(typed))
        sender = Address(kind=kind, value=typed.pop(kind), name=name, trust=Trust.CLAIMED)
    else:
        # nobody is known by it, and two posts are never taken for one person's
        sender = Address(kind=IdentityKind.COOKIE, value=f"form:{post.shown.nonce}", name=name, trust=Trust.DEVICE)
    return sender, {kind.value: value for kind, value in typed.items()}

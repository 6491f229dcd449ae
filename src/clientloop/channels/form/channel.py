"""The channel: forms handed out, posts verified, read and answered."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

from attrs import evolve

from clientloop.channels.form.config import FormConfig
from clientloop.channels.form.declaration import Form
from clientloop.channels.form.decoding import Posted, decode
from clientloop.channels.form.invitations import Invitation, read_invitation
from clientloop.channels.form.markup import Html
from clientloop.channels.form.page import INVITATION, LANGUAGE, TOKEN, View, form_page, form_section, thanks_page
from clientloop.channels.form.posts import Post, Shown, message, read_post
from clientloop.channels.form.reading import Submission, fill_in
from clientloop.channels.form.requests import language, query
from clientloop.errors import BadPayload
from clientloop.model.customers import IdentityKind, Trust
from clientloop.model.messages import OutboundMessage
from clientloop.model.refs import CROCKFORD
from clientloop.ports.channel import Capabilities, Channel, Route, Side, Spec
from clientloop.ports.events import Parsed, Raw, Reply, Verdict
from clientloop.ports.tokens import seal, unseal

#: Of the tokens in the address of the page after a good post.
_THANKS = "thanks.1"

#: An item's number in the words of its acknowledgement.
_REF = re.compile(rf"(?<!\w)[{CROCKFORD}]{{8}}(?!\w)")


class FormChannel(Channel):
    """Forms on the firm's own pages.

    `page` hands a form out and `again` hands it out once more; both need the time and a random text, so the
    applications in `apps` call them. What comes back goes through `verify`, `parse` and `respond` as on every channel.

    Args:
        config: Keys and forms.

    Raises:
        InvalidValue: A setting is missing or cannot be meant.
        MissingExtra: A form asks for files, and the extra `form` is not installed.
    """

    spec = Spec(name="form", config=FormConfig, routes=(Route(name="post"),))
    config: FormConfig

    def capabilities(self) -> Capabilities:
        """Customers start; nothing is sent but the answer in line."""
        return Capabilities(media=frozenset(self.config.limits.media), starts=frozenset({Side.CUSTOMER}))

    def verify(self, raw: Raw, now: datetime) -> Verdict:
        """By the token of the page, which must be neither too new nor too old, and the field that robots fill in.

        A signed invitation that has not expired proves its address; what is typed is claimed.
        """
        if raw.method != "POST":
            return Verdict.failed("it is no post")
        try:
            post = read_post(raw, self.config)
        except BadPayload as error:
            return Verdict.failed(error.message)
        if post.trapped:
            return Verdict.failed("a field is filled in that people do not see")
        age = now - post.shown.at
        if age < timedelta(seconds=self.config.min_age):
            return Verdict.failed("it was filled in faster than people type")
        if age > timedelta(seconds=self.config.max_age):
            return Verdict.failed("the page was handed out too long ago")
        proved = post.invitation is not None and now < post.invitation.expires
        return Verdict(trust=Trust.VERIFIED if proved else Trust.CLAIMED)

    def parse(self, raw: Raw) -> Parsed:
        """One message, or none and the form with its errors.

        The key of the message is the page's, so that a double click and a replay are redeliveries.
        """
        post = read_post(raw, self.config)
        events = (message(post),) if post.filled.complete else ()
        return Parsed(events=events, reply=self._answered(post, raw=raw, number=""))

    def respond(self, raw: Raw, out: Sequence[OutboundMessage]) -> Reply:
        """Lead to the page that thanks, with the item's number if one of the messages tells it; or show the errors.

        Raises:
            BadPayload: It cannot be read; `parse` would have said so.
        """
        numbers = (found[0] for each in out if (found := _REF.search(f"{each.subject}\n{each.body}")))
        return self._answered(read_post(raw, self.config), raw=raw, number=next(numbers, ""))

    def page(self, form: str, raw: Raw, *, now: datetime, nonce: str) -> Reply:
        """Hand a form out; after a good post, thank.

        Args:
            form: Name of the form.
            raw: The request for it; its query may hold `lang`, an invitation as `i`, and a campaign.
            now: The present, aware.
            nonce: Random text that was never used before.

        Raises:
            UnknownName: There is no such form.
        """
        declared = self.config.form(form)
        thanks = unseal(self.config.keys, f"{_THANKS}:{form}", query(raw).get("thanks", ""))
        if thanks is not None:
            return _html(declared, thanks_page(self._view(declared, raw, token=""), number=thanks[0]))
        token = Shown.to(raw, declared, now=now, nonce=nonce).token(self.config)
        return _html(declared, form_page(self._view(declared, raw, token)))

    def section(self, form: str, raw: Raw, *, now: datetime, nonce: str) -> str:
        """The markup of a form without a page around it, for a template of the firm's; arguments as for `page`."""
        declared = self.config.form(form)
        token = Shown.to(raw, declared, now=now, nonce=nonce).token(self.config)
        return form_section(self._view(declared, raw, token))

    def again(self, form: str, raw: Raw, *, now: datetime, nonce: str) -> Reply:
        """Hand a form out once more, filled in as it was posted: for a post that `verify` refused.

        A person whose page has grown old, or whose browser has filled in the trap, loses no word by that.

        Args:
            form: Name of the form.
            raw: The post.
            now: The present, aware.
            nonce: Random text that was never used before.

        Raises:
            UnknownName: There is no such form.
        """
        declared = self.config.form(form)
        try:
            posted = decode(raw, self.config.limits)
            filled = fill_in(declared, posted, self.config.limits)
        except BadPayload:
            posted, filled = Posted(), Submission()  # nothing that could be shown again
        token = Shown.to(raw, declared, now=now, nonce=nonce).token(self.config)
        view = self._view(declared, raw, token, posted)
        return _html(declared, form_page(evolve(view, filled=filled, again=True)), HTTPStatus.UNPROCESSABLE_ENTITY)

    def invite(self, form: str, kind: IdentityKind, value: str, *, expires: datetime) -> str:
        """The query of a link that proves who follows it: `https://shop.example/tell-us?` and this.

        Args:
            form: Name of the form.
            kind: What sort of address the link is sent to.
            value: The address.
            expires: Until when the link proves that, aware.

        Raises:
            UnknownName: There is no such form.
        """
        purpose = self.config.form(form).name
        invitation = Invitation(kind=kind, value=value, purpose=purpose, expires=expires)
        return urlencode({"i": invitation.token(self.config.keys)})

    def _view(self, form: Form, raw: Raw, token: str, posted: Posted = Posted()) -> View:  # noqa: B008  # immutable
        speaks = language(raw, form.languages, posted.fields.get(LANGUAGE, ""))
        hidden = {TOKEN: token, LANGUAGE: speaks}
        invited = posted.fields.get(INVITATION) or query(raw).get("i", "")
        if read_invitation(self.config.keys, form.name, invited) is not None:
            hidden[INVITATION] = invited
        return View(form=form, language=speaks, hidden=hidden, media=self.config.limits.media)

    def _answered(self, post: Post, *, raw: Raw, number: str) -> Reply:
        if not post.filled.complete:
            # the page keeps its token: no message has been made with it
            view = self._view(post.form, raw, post.posted.fields[TOKEN], post.posted)
            return _html(post.form, form_page(evolve(view, filled=post.filled)), HTTPStatus.UNPROCESSABLE_ENTITY)
        thanks = seal(self.config.keys, f"{_THANKS}:{post.form.name}", [number])
        location = f"?{urlencode({'thanks': thanks, 'lang': post.language})}"
        return Reply(status=HTTPStatus.SEE_OTHER, headers={"Location": location, **_COMMON})


#: A page holds what somebody typed, and a token that is good for one message: it is kept by nobody.
_COMMON = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin", "X-Content-Type-Options": "nosniff"}


def _html(form: Form, page: Html, status: HTTPStatus = HTTPStatus.OK) -> Reply:
    policy = (
        f"default-src 'none'; style-src 'self'{_origin(form.stylesheet)}; form-action 'self'{_origin(form.action)}; "
        "base-uri 'none'; frame-ancestors 'self'"
    )
    headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy, **_COMMON}
    return Reply(status=status, headers=headers, body=page.encode())


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f" {parts.scheme}://{parts.netloc}" if parts.netloc else ""

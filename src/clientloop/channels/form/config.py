"""The settings of the channel `form`: the table `[channels.form]`."""

from typing import Any

from attrs import field, frozen

from clientloop.channels.form.declaration import Asks, Form
from clientloop.channels.form.decoding import Limits, multipart_library
from clientloop.errors import InvalidValue, UnknownName

#: A key that can be guessed signs nothing.
_SHORTEST_KEY = 32


# Any: attrs types a validator by the class and the attribute that it is used on; also below.
def _check_keys(_instance: Any, _attribute: Any, keys: tuple[str, ...]) -> None:
    if not keys or any(len(key) < _SHORTEST_KEY for key in keys):
        raise InvalidValue(
            f"keys: give at least one, each of {_SHORTEST_KEY} characters or more",
            hint="make one by: python -c 'import secrets; print(secrets.token_urlsafe(32))'",
        )


def _check_forms(_instance: Any, _attribute: Any, forms: tuple[Form, ...]) -> None:
    names = [form.name for form in forms]
    if not forms or len(set(names)) < len(names):
        raise InvalidValue("forms: give at least one, each with a name of its own")
    if any(form.field_for(Asks.FILES) for form in forms):
        multipart_library()


@frozen(kw_only=True)
class FormConfig:
    """Settings of the channel.

    Raises:
        InvalidValue: There is no form, or no key that is long enough.
        MissingExtra: A form asks for files, and the extra `form` is not installed.
    """

    #: Secrets that sign pages and invitations: the first signs, the others still prove what they have signed.
    keys: tuple[str, ...] = field(default=(), validator=_check_keys, repr=False)
    #: The forms.
    forms: tuple[Form, ...] = field(default=(), validator=_check_forms)
    #: How much a post may hold.
    limits: Limits = field(factory=Limits)
    #: Seconds that a person takes at least to fill in a form.
    min_age: int = 3
    #: Seconds after which a page that was not sent has to be sent once more.
    max_age: int = 24 * 3600

    def form(self, name: str) -> Form:
        """The form of this name.

        Raises:
            UnknownName: There is none.
        """
        for form in self.forms:
            if form.name == name:
                return form
        raise UnknownName.among(name, (form.name for form in self.forms), what="form")

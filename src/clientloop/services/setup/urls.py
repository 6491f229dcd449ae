"""URLs that set a channel up, such as "smtp+tls://user@host?password=env:NAME": read into the table they stand for.

A URL is repeated by logs and tracebacks, so that its secrets are named, not written: `env:NAME`. Only where the whole
URL stands in the environment may they stand in it. No message repeats the URL.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, get_args
from urllib.parse import unquote

from clientloop.errors import InvalidValue, UnknownName
from clientloop.model.codec import Json
from clientloop.ports.channel import Spec
from clientloop.ports.schemes import Scheme
from clientloop.services.setup.secrets import ENVIRONMENT
from clientloop.services.setup.shapes import field_at, fields_of, inner

#: How a URL begins (RFC 3986, 3.1).
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)

#: User and password, host or address, port.
_AUTHORITY = re.compile(
    r"(?:(?P<user>[^:]*)(?::(?P<after_user>.*))?@)?(?P<host>\[[0-9A-Fa-f:.]+\]|[^:@\[\]]*)(?::(?P<port>[0-9]{1,5}))?"
)

#: What stands in no URL: blanks and control characters, and signs that people put around one.
_FOREIGN = re.compile(r"[\x00-\x20\x7f<>\"\\^`{|}]")

#: The parts of a URL, in words.
_PARTS: Mapping[str, str] = {
    "user": "user",
    "after_user": "password after the user",
    "host": "host",
    "port": "port",
    "path": "path",
}

#: What a yes or no is read from.
_TRUTH = {"true": True, "false": False}


def scheme_of(text: str) -> str | None:
    """The scheme of a URL, in lower case; None of what is no URL.

    >>> scheme_of("SMTPS://mail.example"), scheme_of("mail.example")
    ('smtps', None)
    """
    found = _SCHEME.match(text)
    return found[1].lower() if found else None


def table_of(url: str, spec: Spec, *, secret: bool = False) -> dict[str, Json]:
    """The table of settings that a URL stands for; secrets are still `env:NAME` in it.

    Args:
        url: The URL; its scheme is one of the channel's.
        spec: What the channel is.
        secret: Whether the URL itself was secret, so that secrets may stand in it.

    Raises:
        UnknownName: The query names what the channel has no setting for; the nearest are in the hint.
        InvalidValue: It is no such URL, has a part that the channel has no use for, or a secret written out.

    >>> from clientloop.ports.effects import MailServer
    >>> relay = Scheme(user="username", host="host", port="port")
    >>> spec = Spec(name="relay", config=MailServer, schemes={"relay": relay})
    >>> table_of("relay://ana%2Bshop@[2001:db8::1]:465?password=env:RELAY", spec)
    {'username': 'ana+shop', 'host': '2001:db8::1', 'port': 465, 'password': 'env:RELAY'}
    """
    name = scheme_of(url) or ""
    scheme = spec.schemes[name]
    if _FOREIGN.search(url):
        raise InvalidValue("a blank or another sign stands in the URL that must not", hint="encode it by %")
    rest, sign, _ = url[len(name) + 3 :].partition("#")
    if sign:
        raise InvalidValue("a # stands in the URL", hint="write it as %23")
    rest, _, query = rest.partition("?")
    table: dict[str, Json] = {}
    for path, value in scheme.says.items():
        _put(table, path, value)
    for path, values in _given(name, scheme, rest, _pairs(query, scheme, spec)).items():
        declared, is_secret = field_at(spec.config, path)
        if is_secret and not secret:
            _refuse_secrets(path, values)
        _put(table, path, _typed(path, values, declared))
    return table


def _given(name: str, scheme: Scheme, rest: str, query: Mapping[str, Sequence[str]]) -> Mapping[str, Sequence[str]]:
    """What the URL says of each field."""
    if scheme.link is not None:
        return {scheme.link: [f"{name.rpartition('+')[2]}://{rest}"], **query}
    given: dict[str, Sequence[str]] = {}
    for part, text in _split(rest):
        path = getattr(scheme, part)
        if path is None:
            raise InvalidValue(f"a URL of {name}:// has no {_PARTS[part]}", hint="leave it away")
        given[path] = [text]
    for path in query.keys() & given.keys():
        raise InvalidValue(f"{path} stands in the URL twice", hint="leave one of them away")
    filled = {path: getattr(scheme, part) for path, part in scheme.also.items()}
    also = {path: given[source] for path, source in filled.items() if source in given}
    return {**also, **given, **query}


def _split(rest: str) -> Iterator[tuple[str, str]]:
    """The parts that are there, decoded."""
    authority, _, path = rest.partition("/")
    before, at, after = authority.rpartition("@")
    found = _AUTHORITY.fullmatch(f"{before.replace('@', '%40')}{at}{after}")  # addresses are users, as people write it
    if found is None:
        raise InvalidValue("this is no URL: its host or its port is none", hint="write addresses of IPv6 in [ ]")
    for part in ("user", "after_user", "host", "port"):
        if found[part]:
            yield part, unquote(found[part].strip("[]") if part == "host" else found[part])
    if path:
        yield "path", unquote(path)


def _pairs(query: str, scheme: Scheme, spec: Spec) -> Mapping[str, Sequence[str]]:
    """The values of the query, by field; a name may come several times."""
    fields = {*fields_of(spec.config), *scheme.query}
    pairs: dict[str, list[str]] = {}
    for pair in filter(None, query.split("&")):
        name, _, value = map(unquote, pair.partition("="))
        first = name.partition(".")[0]
        if name not in fields and first not in fields:
            raise UnknownName.among(name, fields, what=f"setting of channel {spec.name!r}")
        pairs.setdefault(scheme.query.get(name, name), []).append(value)
    return pairs


def _refuse_secrets(path: str, values: Sequence[str]) -> None:
    for value in values:
        # an address of the web is kept out of sight as it may hold secrets; most do not
        if not value.startswith((ENVIRONMENT, "https://", "http://")):
            raise InvalidValue(
                f"the secret {path} is written out in the URL", hint=f"write {ENVIRONMENT}NAME, and set that variable"
            )


def _typed(path: str, values: Sequence[str], declared: Any) -> Json:  # Any: a declared type, which may be generic
    """What the text of a URL means as a value of a type; what cannot be meant is left to the reader of the table."""
    within = inner(declared)
    if within is not None:
        return [_single(value, within) for value in values]
    if len(values) > 1:
        raise InvalidValue(f"{path} stands in the URL twice", hint="leave one of them away")
    return _single(values[0], declared)


def _single(value: str, declared: Any) -> Json:  # Any: as above
    arms = get_args(declared) or (declared,)
    if any(isinstance(arm, type) and issubclass(arm, str | Enum) for arm in arms):
        return value
    if bool in arms and value in _TRUTH:
        return _TRUTH[value]
    for number in (int, float):
        if number in arms and _is_number(value, number):
            return number(value)
    return value


def _is_number(value: str, number: type) -> bool:
    return re.fullmatch(r"-?[0-9]{1,15}" if number is int else r"-?[0-9]{1,15}(\.[0-9]{1,15})?", value) is not None


def _put(table: dict[str, Json], path: str, value: Json) -> None:
    *above, last = path.split(".")
    for name in above:
        table = table.setdefault(name, {})
    table[last] = value

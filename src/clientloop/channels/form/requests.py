"""What a request says besides its body: query, language, and where the visitor came from."""

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, urlsplit

from clientloop.model.codec import Json
from clientloop.ports.events import Raw

#: More of an address, of its query and of a header is not read.
_LONGEST_URL, _MOST_PARAMETERS, _LONGEST_VALUE, _MOST_LANGUAGES = 8_000, 50, 200, 20

#: What advertisers put into the query, and what it is called in a source.
_CAMPAIGN = {"utm_campaign": "campaign", "utm_source": "advert", "utm_medium": "medium"}


def query(raw: Raw) -> Mapping[str, str]:
    """The parameters of the address, the first of each name; none of an address that cannot be read.

    >>> query(Raw(body=b"", url="https://shop.example/tell-us?lang=sl"))
    {'lang': 'sl'}
    """
    try:
        text = urlsplit(raw.url[:_LONGEST_URL]).query
        pairs = parse_qsl(text, max_num_fields=_MOST_PARAMETERS, errors="replace")
    except ValueError:
        return {}
    return dict(reversed(pairs))


def language(raw: Raw, languages: Sequence[str], wanted: str = "") -> str:
    """The language to speak: the one wanted, the one that the query asks for, or the browser's; else the first.

    Args:
        raw: The request.
        languages: BCP 47 tags to choose from.
        wanted: What was chosen before.

    >>> language(Raw(body=b"", headers={"Accept-Language": "de, sl-SI;q=0.8, en;q=0.5"}), ["en", "sl"])
    'sl'
    """
    for tag in (wanted, query(raw).get("lang", ""), *_accepted(raw.headers.get("accept-language", ""))):
        primary = tag.partition("-")[0].lower()
        exact = [each for each in languages if each.lower() == tag.lower()]
        near = [each for each in languages if primary and each.partition("-")[0].lower() == primary]
        if exact or near:
            return (exact or near)[0]
    return languages[0]


def _accepted(header: str) -> list[str]:
    """The languages of a header (RFC 9110, 12.5.4), the best first."""
    weighed: list[tuple[float, str]] = []
    for item in header[:_LONGEST_VALUE].split(",")[:_MOST_LANGUAGES]:
        tag, _, weight = item.partition(";")
        try:
            weighed.append((float(weight.partition("q=")[2] or 1), tag.strip()))
        except ValueError:  # no number
            continue
    return [tag for weight, tag in sorted(weighed, key=lambda each: -each[0]) if weight > 0]


def source(raw: Raw) -> Mapping[str, Json]:
    """Where the visitor came from: the page, the one before it, and the campaign; addresses without their queries.

    >>> source(Raw(body=b"", url="https://shop.example/tell-us?utm_campaign=spring&i=secret"))
    {'page': 'https://shop.example/tell-us', 'campaign': 'spring'}
    """
    parameters = query(raw)
    found = {"page": _bare(raw.url), "referrer": _bare(raw.headers.get("referer", ""))}
    found |= {name: parameters.get(given, "") for given, name in _CAMPAIGN.items()}
    return {name: clean[:_LONGEST_VALUE] for name, value in found.items() if (clean := _printable(value))}


def _bare(url: str) -> str:
    """An address without query and fragment, which may hold secrets and names."""
    return url[:_LONGEST_URL].partition("#")[0].partition("?")[0]


def _printable(text: str) -> str:
    return "".join(filter(str.isprintable, text))

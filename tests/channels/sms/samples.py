"""Requests as the provider makes them, for the tests beside."""

from collections.abc import Mapping
from urllib.parse import urlencode

from clientloop.channels.sms.channel import Sms, SmsConfig
from clientloop.channels.sms.forms import Fields
from clientloop.channels.sms.signature import sign
from clientloop.ports.events import Raw

TOKEN = "t0ken-s3cret"
URL = "https://shop.example/channels/sms/in"
CONFIG = SmsConfig(account="AC0123", auth_token=TOKEN, sender="+15005550006", status_url=URL)
SMS = Sms(CONFIG)

#: What a message holds, as the provider's documentation lists it.
MESSAGE: Mapping[str, str] = {
    "ToCountry": "US",
    "SmsMessageSid": "SM900150983cd24fb0d6963f7d28e17f72",
    "NumMedia": "0",
    "SmsSid": "SM900150983cd24fb0d6963f7d28e17f72",
    "FromCity": "",
    "SmsStatus": "received",
    "Body": "It is broken",
    "To": "+15005550006",
    "NumSegments": "1",
    "MessageSid": "SM900150983cd24fb0d6963f7d28e17f72",
    "AccountSid": "AC0123",
    "From": "+38640123456",
    "ApiVersion": "2010-04-01",
}
#: What a receipt holds.
RECEIPT: Mapping[str, str] = {
    "SmsSid": "SM1",
    "SmsStatus": "delivered",
    "MessageStatus": "delivered",
    "To": "+38640123456",
    "MessageSid": "SM1",
    "AccountSid": "AC0123",
    "From": "+15005550006",
    "ApiVersion": "2010-04-01",
}
FORM = "application/x-www-form-urlencoded"


def many(fields: Mapping[str, str]) -> Fields:
    """One value a field."""
    return {name: (value,) for name, value in fields.items()}


def posted(fields: Mapping[str, str], url: str = URL, token: str = TOKEN) -> Raw:
    """A form, signed."""
    headers = {"Content-Type": FORM, "X-Twilio-Signature": sign(token, url, many(fields))}
    return Raw(body=urlencode(fields).encode(), url=url, headers=headers)


def got(fields: Mapping[str, str], token: str = TOKEN) -> Raw:
    """The same by GET."""
    url = f"{URL}?{urlencode(fields)}"
    return Raw(body=b"", method="GET", url=url, headers={"X-Twilio-Signature": sign(token, url, {})})

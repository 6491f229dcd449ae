"""The built-in channels, named lazily: an adapter is loaded when a firm has set it up."""

from collections.abc import Mapping

from clientloop.plugins import hookimpl


@hookimpl
def clientloop_register_channels() -> Mapping[str, str]:
    """The adapters by name."""
    return {
        "email": "clientloop.channels.mail.channel:Email",
        "sms": "clientloop.channels.sms.channel:Sms",
        "webhook": "clientloop.channels.webhook.channel:Webhook",
        "form": "clientloop.channels.form.channel:FormChannel",
        "desk": "clientloop.channels.desk.channel:Desk",
    }

"""Settings of a firm, kept in its space."""

from typing import Any

from clientloop.errors import Duplicate, UnknownName
from clientloop.model.codec import Json
from clientloop.model.spaces import Setting
from clientloop.model.units import Insert, Unit, Update
from clientloop.rules.loop.settings import Settings
from clientloop.rules.people.contacts import check_region
from clientloop.services.context import Context
from clientloop.services.measures.targets import check_target
from clientloop.services.relationships.models import check_parameters
from clientloop.services.relationships.money import check_rates
from clientloop.services.setup.declared import setting_from_data, setting_to_data, settings_from_data
from clientloop.services.staff.routing import check_calendars, check_routes


class SettingsDesk:
    """`loop.settings`: what the firm has set."""

    def __init__(self, context: Context) -> None:
        """Work in one space."""
        self._context = context

    def get(self) -> Settings:
        """All settings, with the defaults of those that nobody has set."""
        return self._context.settings

    def read(self, name: str, data: Json) -> Any:  # Any: each setting has a type of its own
        """The value of a setting as a file of the firm's says it; nothing is set.

        Args:
            name: Name of the field of `Settings`.
            data: What JSON or TOML gave.

        Raises:
            UnknownName: There is no such setting.
            InvalidValue: The data do not fit; the message names the path of each fault, and near matches.
        """
        return setting_from_data(name, data)

    def set(self, name: str, value: object) -> None:
        """Set one of the fields of `Settings`; running deadlines stay as they are.

        Of two who set the same at once, the last one wins.

        Args:
            name: Name of the field.
            value: Its value, as the field holds it.

        Raises:
            UnknownName: There is no such setting, or it names what there is not.
            InvalidValue: The value does not fit.
            NotSupported: Nothing could acknowledge what comes by a channel.
        """
        context = self._context
        data = setting_to_data(name, value)
        settings = settings_from_data({name: data}, context.space)
        self._check_deadlines(settings)
        if name == "region" and settings.region is not None:
            check_region(settings.region)
        if name == "routing":
            check_routes(context, settings.routing)
        if name == "acknowledge":
            for channel in settings.acknowledge:
                context.plugins.check_answered(channel)
        if name == "silence":
            for channel in settings.silence:
                context.plugins.check_known(channel)
        if name == "calendars":
            check_calendars(context, settings)
        check_rates(settings.rates, context.space.currency)
        check_parameters(context, settings.relationships)
        for rule in settings.sorting:
            context.loop_of(rule.kind)
        for target in settings.targets:
            check_target(context, target)
        self._keep(Setting(space=context.space.space, name=name, value=data))
        context.forget()

    def _keep(self, setting: Setting) -> None:
        key = (setting.space, setting.name)
        if self._context.store.get(Setting, key) is None:
            try:
                return self._context.commit(Unit((Insert(setting),)))
            except Duplicate:
                pass  # somebody else has set it for the first time meanwhile
        return self._context.commit(Unit((Update(Setting, key, {"value": setting.value}),)))

    def _check_deadlines(self, settings: Settings) -> None:
        """A length that is set for a class is of a deadline that there is."""
        for name in (name for spans in settings.class_deadlines.values() for name in spans):
            kind, _, deadline = name.partition(".")
            known = self._context.loop_of(kind).deadlines
            if deadline not in known:
                raise UnknownName.among(deadline, known, what=f"deadline of {kind}")

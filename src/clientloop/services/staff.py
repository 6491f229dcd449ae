"""Staff: the members of the firm who work in loops."""

from collections.abc import Iterable

from clientloop.model.page import Page
from clientloop.model.staff import Member
from clientloop.model.units import Insert, Unit
from clientloop.model.work import Role
from clientloop.services.context import Context


class Staff:
    """`loop.staff`: the members of the firm who work in loops."""

    def __init__(self, context: Context) -> None:
        """Work in one space."""
        self._context = context

    def add(
        self,
        name: str,
        *,
        roles: Iterable[Role] = (Role.OWNER,),
        channel: str | None = None,
        address: str | None = None,
    ) -> Member:
        """Add a member; from then on only members can own items.

        Args:
            name: The name that owns items.
            roles: What the member may do; superiors are alerted.
            channel: Where alerts go.
            address: The address there.

        Raises:
            Duplicate: There is a member of this name.
        """
        member = Member(
            space=self._context.space.space, name=name, roles=tuple(sorted(role.value for role in roles)),
            channel=channel, address=address,
        )  # fmt: skip
        self._context.commit(Unit((Insert(member),)))
        return member

    def list(self, *, after: str | None = None, limit: int = 100) -> Page[Member]:
        """A page of the members by name."""
        return self._context.store.page(Member, self._context.space.space, after=after, limit=limit)

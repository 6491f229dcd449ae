"""Staff: the members of the firm."""

import pytest

from clientloop.errors import Duplicate
from clientloop.model.work import Role
from tests.test_processes import Firm


def test_members_are_listed_by_name_once(firm: Firm) -> None:
    """A name is one member, with the roles that it was given."""
    assert [(each.name, each.roles) for each in firm.loop.staff.list()] == [
        ("head", (Role.OWNER, Role.SUPERIOR)),
        ("mia", (Role.OWNER,)),
        ("tim", (Role.OWNER,)),
    ]
    with pytest.raises(Duplicate):
        firm.loop.staff.add("mia")

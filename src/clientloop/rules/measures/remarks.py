"""What is remarkable about a company, as data: a face shows it in its own words."""

from enum import StrEnum

from attrs import frozen

from clientloop.model.accounts import Account


class RemarkKind(StrEnum):
    """What is remarkable."""

    #: A large deal is at stake, and few persons are known there: one who leaves takes the deal along.
    FEW_CONTACTS = "few_contacts"


@frozen(kw_only=True)
class Remark:
    """One remark.

    >>> print(Remark(kind=RemarkKind.FEW_CONTACTS, found=2, wanted=5))
    few contacts: 2 of 5
    """

    #: What is remarkable.
    kind: RemarkKind
    #: How much there is.
    found: int
    #: How much there should be.
    wanted: int

    def __str__(self) -> str:
        """In a few words."""
        return f"{self.kind.value.replace('_', ' ')}: {self.found} of {self.wanted}"


def remarks(account: Account, *, persons: int, contacts_wanted: int) -> tuple[Remark, ...]:
    """What is remarkable about a company.

    Args:
        account: The company.
        persons: How many persons are known there.
        contacts_wanted: With how many the firm wants to be in contact where a large deal is at stake.
    """
    if account.large and persons < contacts_wanted:
        return (Remark(kind=RemarkKind.FEW_CONTACTS, found=persons, wanted=contacts_wanted),)
    return ()

"""A simple model of superseding: of each person and question, all answers in a row; and a firm that asks."""

from collections import defaultdict
from uuid import UUID

from clientloop import ClientLoop
from clientloop.model.asking import Answer
from clientloop.model.customers import Customer
from tests.services.persons import open_firm

#: The questions of the firm.
NAMES = ("recommend", "delivery")


def open_asking(url: str) -> ClientLoop:
    """A firm without customers that asks two questions."""
    loop = open_firm(url)
    loop.questions.declare("recommend", instrument="nps", occasion="relational")
    loop.questions.declare("delivery", instrument="csat", occasion="transactional", scale="1-5")
    return loop


def all_answers(loop: ClientLoop) -> list[Answer]:
    """Every answer of the firm."""
    return list(loop.store.pages(Answer, loop.space.space))


def check_superseded(loop: ClientLoop) -> None:
    """Of a person's ratings on a question all but the last say when the next was given; so do words alone."""
    into = {each.id: each.merged_into for each in loop.store.pages(Customer, loop.space.space)}

    def person(customer: UUID) -> UUID:
        while (above := into[customer]) is not None:
            customer = above
        return customer

    rows: dict[tuple[UUID, str, bool], list[Answer]] = defaultdict(list)
    for answer in all_answers(loop):
        if answer.customer is None:
            assert answer.superseded_at is None, "nobody knows who answered"
        else:
            rows[person(answer.customer), answer.question, answer.rating is None].append(answer)
    for group in rows.values():
        undated = sorted((each for each in group if each.answered_at is None), key=lambda each: each.id)
        dated = sorted((each for each in group if each.answered_at), key=lambda each: (each.answered_at, each.id))
        ordered = [*undated, *dated]
        following = [each.answered_at or each.recorded_at for each in ordered[1:]]
        assert [each.superseded_at for each in ordered] == [*following, None]

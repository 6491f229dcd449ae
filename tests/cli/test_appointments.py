"""The commands on appointments."""


def test_a_contact_is_planned_listed_and_made(run, shop):
    """It stands in the agenda until it was made or called off."""
    eva = shop.customers.add(name="Eva Mlinar", email="eva@example.com")
    assert run("appointments", "list").out == "Nothing is planned.\n"
    planned = run(
        "appointments", "plan", "Offer", "2026-03-03T10:00", "--until", "2026-03-03T11:00", "--customer", "Eva Mlinar",
        "--way", "call", "--owner", "maja", "--where", "Room 2", "--note", "Bring it",
    )  # fmt: skip
    [call] = shop.appointments.agenda()
    assert planned.out == f"{call.id}  2026-03-03 10:00  Offer\n"
    assert (call.customer, call.place, call.ends_at > call.starts_at) == (eva.id, "Room 2", True)
    run("appointments", "plan", "Visit", "2026-03-04T10:00")
    rows = run("appointments", "list").out.splitlines()
    assert len(rows) == 3
    assert "Eva Mlinar" in "".join(rows)
    assert run("appointments", "list", "--until", "2026-03-03").out == "Nothing is planned.\n"
    page = run("appointments", "list", "-n", "1", "--json").json
    assert f"--after {page['next']}" in run("appointments", "list", "-n", "1").out
    assert run("appointments", "done", str(call.id), "--text", "Two").out.endswith("Offer (made)\n")
    [visit] = shop.appointments.agenda()
    assert run("appointments", "off", str(visit.id)).out.endswith("Visit (called off)\n")
    assert run("appointments", "off", str(visit.id), "--json").code == 1


def test_a_contact_is_moved_changed_and_dated(run, shop):
    """What is not given stays; what was made is dated when it was made."""
    eva = shop.customers.add(name="Eva Mlinar", email="eva@example.com")
    run("appointments", "plan", "Offer", "2026-03-03T10:00", "--until", "2026-03-03T11:00", "--note", "Bring it")
    [call] = shop.appointments.agenda()
    moved = run("appointments", "move", str(call.id), "2026-03-01T10:00")
    assert moved.out == f"{call.id}  2026-03-01 10:00  Offer\n"
    changed = run(
        "appointments", "change", str(call.id), "--title", "A mill", "--customer", "Eva Mlinar", "--way", "call"
    )
    assert changed.out.endswith("A mill\n")
    call = shop.appointments.get(call)
    assert (call.customer, call.note, (call.ends_at - call.starts_at).seconds) == (eva.id, "Bring it", 3600)
    run("appointments", "move", str(call.id), "2026-03-01T10:00", "--until", "2026-03-01T10:30")
    assert (shop.appointments.get(call).ends_at - call.starts_at).seconds == 1800
    made = run("appointments", "done", str(call.id), "--at", "2026-03-01T12:00", "--json").json
    assert made["done_at"].startswith("2026-03-01T12:00")


def test_a_letter_is_shown_and_sent(run, shop):
    """What is typed takes the place of the words of the template."""
    eva = shop.customers.add(name="Eva Mlinar", email="eva@example.com")
    call = shop.appointments.plan("Offer", customer=eva, starts_at=shop.clock.now())
    shown = run("appointments", "remind", str(call.id))
    assert shown.out.startswith("This would go to eva@example.com by email\nReminder: Offer\nHello Eva Mlinar,\n")
    assert len(shop.outbox.list()) == 0
    run("appointments", "remind", str(call.id), "--subject", "See you", "--body", "Soon", "--send")
    [message] = shop.outbox.list()
    assert (message.to, message.subject, message.body) == ("eva@example.com", "See you", "Soon")

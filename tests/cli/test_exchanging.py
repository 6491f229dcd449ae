"""The commands that exchange contacts with address books and calendars."""


def test_cards_go_out_and_come_in(run, shop, empty_folder):
    """What was written is there already; a bad card lies in a file beside, and the exit code says so."""
    shop.customers.add(name="Eva Mlinar", email="eva@example.com")
    assert run("export", "vcard", "all.vcf").out == "Wrote 1 card\n"
    assert run("export", "vcard", "all.vcf", "--json").json == {"written": 1}
    again = run("import", "vcard", "all.vcf", "--json")
    assert (again.code, again.json["duplicates"]) == (0, 1)
    file = empty_folder / "all.vcf"
    file.write_text(file.read_text().replace("FN:Eva", "FN:Ewa") + "BEGIN:VCARD\nbroken\nEND:VCARD\n")
    done = run("import", "vcard", "all.vcf")
    assert done.code == 1
    assert "        1 of these changed what was there\n" in done.out
    assert "Rejected rows, which lie in all.rejects.vcf" in done.out
    assert (empty_folder / "all.rejects.vcf").exists()
    assert [each.name for each in shop.customers.list()] == ["Ewa Mlinar"]


def test_calendars_go_out_and_come_in(run, shop, empty_folder):
    """A contact of another calendar is of the owner who is named."""
    shop.appointments.plan("Offer", starts_at=shop.clock.now())
    assert run("export", "ical", "all.ics").out == "Wrote 1 planned contact\n"
    file = empty_folder / "all.ics"
    file.write_text(file.read_text().replace("UID:", "UID:other-"))
    assert run("import", "ical", "all.ics", "--owner", "maja").code == 0
    assert sorted(each.owner or "" for each in shop.appointments.agenda()) == ["", "maja"]

"""The commands that move a firm to another store, and let it work again where it was."""

from pathlib import Path

import pytest

from clientloop import ClientLoop
from clientloop.app.copying import copy_space
from tests.cli.conftest import URL

NEW = "sqlite:///new.db"


def moved(shop):
    """What the shop holds, once it is copied."""
    shop.customers.add(name="Eva Mlinar", email="eva@example.com")
    shop.feedback.receive(kind="complaint", channel="form", text="Broken")
    shop.close()


def test_a_firm_moves_to_another_store(run, shop):
    """The firm is there, and the old store says where it has gone; what was copied is listed with its digests."""
    moved(shop)
    done = run("copy", URL, NEW)
    assert done.code == 0
    first, second, heading, *rows, last = done.out.splitlines()
    assert first == "main has moved to sqlite:///new.db."
    assert second.endswith(" records, equal on both sides")
    assert heading.split() == ["record", "number", "digest"]
    assert [row.split()[:2] for row in rows if row.startswith("customer")] == [["customer", "1"]]
    assert last == f"Open it there from now on. In {URL} it is sealed, and can be kept or deleted."
    assert "Broken" in run("inbox", "--store", NEW).out
    old = run("inbox")
    assert (old.code, old.err.splitlines()[0]) == (1, "clientloop: space 'main' has moved to sqlite:///new.db")
    assert run("run").code == 1


def test_a_program_reads_what_was_copied(run, shop):
    """As JSON every record class has its number and its digest."""
    moved(shop)
    data = run("copy", URL, NEW, "--json").json
    assert data["records"]["feedback"]["rows"] == 1
    assert len(data["records"]["feedback"]["sum"]) == 64
    assert (data["source"], data["target"], data["resumed"], data["mended"]) == (URL, NEW, False, 0)


def test_a_firm_may_work_again_where_it_was(run, shop):
    """The way back is one command; a second time there is nothing to do."""
    moved(shop)
    run("copy", URL, NEW)
    assert run("unseal").out == f"main works in {URL} again.\n"
    assert "Broken" in run("inbox").out
    again = run("unseal")
    assert (again.code, again.err) == (1, "clientloop: space 'main' is not sealed\n  there is nothing to do\n")


def test_one_firm_of_several_is_copied(run, empty_folder):
    """The option names the firm, or the configuration file does; a misspelt one makes no store."""
    for name in ("acme", "other"):
        with ClientLoop.open(URL, space=name) as loop:
            loop.feedback.receive(kind="idea", channel="form", text=f"For {name}")
    wrong = run("copy", URL, NEW, "--space", "amce")
    assert "no space 'amce' in sqlite:///shop.db\n  did you mean 'acme'?" in wrong.err
    assert not Path("new.db").exists()
    assert run("copy", URL, NEW, "--space", "acme").code == 0
    (empty_folder / "clientloop.toml").write_text('store = "sqlite:///shop.db"\nspace.name = "other"\n')
    assert run("copy", URL, NEW).code == 0
    assert "For other" in run("inbox", "--store", NEW).out
    assert "For acme" in run("inbox", "--store", NEW, "--space", "acme").out


def test_what_went_on_is_told(run, shop):
    """A copy that was broken off is gone on with, and the command says so; on a terminal a bar shows how far it is."""
    moved(shop)

    class Killed(Exception):
        pass

    def stop(_):
        raise Killed

    with pytest.raises(Killed):
        copy_space(URL, NEW, progress=stop)
    half = run("inbox", "--store", NEW)
    assert half.err.startswith(f"clientloop: space 'main' is being copied here from {URL}\n")
    done = run("copy", URL, NEW, terminal=True)
    assert "went on with a copy that had been broken off" in done.out

import threading

from hypothesis import given
from hypothesis import strategies as st

from clientloop.model.refs import CROCKFORD, read_ref
from clientloop.services.ids import new_id, new_ref

TIMES = st.integers(min_value=0, max_value=2**51)


@given(TIMES)
def test_an_id_is_a_uuid_of_version_7_with_its_time_in_front(now_us):
    """The first 48 bits are the milliseconds, or later ones where this process has given those out already."""
    made = new_id(now_us)
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert made.int >> 80 >= now_us // 1000


def test_ids_of_one_process_sort_in_the_order_of_their_making():
    """Ids made in the same microsecond, and after the clock was set back, still rise."""
    times = [10**15, 10**15, 10**15 + 1, 10**15 - 5, 10**15]
    made = [new_id(at) for at in times]
    assert made == sorted(made)
    assert len(set(made)) == len(times)


def test_ids_of_many_threads_are_all_different():
    """Eight threads that make ids at one time never make the same one."""
    made: list[object] = []
    threads = [
        threading.Thread(target=lambda: made.extend([new_id(2 * 10**15) for _ in range(1000)])) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 8000


def test_a_ref_has_eight_characters_that_can_be_read_out():
    """A number for people uses Crockford's letters and comes back however it is typed."""
    ref = new_ref()
    assert len(ref) == 8
    assert set(ref) <= set(CROCKFORD)
    assert read_ref(f"{ref[:4].lower()}-{ref[4:].lower()}") == ref

import pytest

from mien.runtime.ahead import AHEAD, ahead


@pytest.mark.parametrize("threads", [1, 3])
def test_outcomes_come_in_the_order_of_the_items(threads):
    assert list(ahead(str, range(20), threads)) == [str(number) for number in range(20)]


@pytest.mark.parametrize(("threads", "most"), [(1, 1), (2, 2 * AHEAD + 1)])
def test_items_are_taken_only_a_little_ahead(threads, most):
    taken = []
    items = (taken.append(number) or number for number in range(100))
    outcomes = ahead(str, items, threads)
    next(outcomes)
    assert len(taken) == most
    outcomes.close()


def test_a_single_thread_rests_while_the_caller_computes():
    begun = []
    for number in ahead(lambda item: begun.append(item) or item, range(5), 1):
        assert begun[-1] == number


def test_an_error_is_raised_in_its_place_and_drops_what_has_not_begun():
    done = []

    def work(number):
        if number == 1:
            raise ValueError(number)
        done.append(number)
        return number

    outcomes = ahead(work, range(100), 1)
    assert next(outcomes) == 0
    with pytest.raises(ValueError, match="1"):
        next(outcomes)
    assert done == [0]

"""The checks that an export has to pass."""

import numpy as np
import pytest

from builders import probabilities
from export_builders import conv_part
from export_builders import softmax as exact
from mien.config.training import TTA
from mien.errors import BundleError, RunError
from mien.exporting.components import part_of_run
from mien.exporting.verification import (
    ROUNDED,
    TOLERANCE,
    Answers,
    bundle_answers,
    difference,
    mean_answers,
    refuse_dear_int8,
    refuse_nonsense,
    refuse_other_answers,
    softmax,
)


def answers(n=5, **changes):
    given = probabilities(n)
    return Answers(given, np.log(given))._replace(**changes)


def test_torch_and_the_bundle_agree_over_several_batches(plain, single, drawn):
    mine = mean_answers([part_of_run(plain).logits], drawn[:130], None)
    found = bundle_answers(single.bundle.content, drawn[:130])
    calibrated = mine._replace(probabilities=softmax(mine.logits / single.bundle.metadata.temperature))
    assert len(mine.logits) == len(found.probabilities) == 130
    assert 0 <= difference(calibrated, found) < TOLERANCE


def test_one_that_looks_once_says_its_own_logits(drawn):
    part = conv_part()
    found = mean_answers([part.logits], drawn[:5], None)
    np.testing.assert_array_equal(found.logits, part.logits(drawn[:5]))
    np.testing.assert_allclose(found.probabilities, exact(part.logits(drawn[:5])), atol=1e-6)


def test_several_say_the_mean_of_all_they_see(drawn):
    parts, some = [conv_part(0), conv_part(1)], drawn[:5]
    found = mean_answers([part.logits for part in parts], some, TTA(flip=True, shift=0))
    expected = np.mean(
        [exact(part.logits(seen)) for part in parts for seen in (some, some[:, :, ::-1])], axis=0
    )
    np.testing.assert_allclose(found.probabilities, expected, atol=1e-6)
    np.testing.assert_allclose(found.logits, np.log(expected), atol=1e-4)


def test_a_part_counts_as_often_as_it_has_networks(drawn):
    parts, some = [conv_part(0), conv_part(1)], drawn[:5]
    found = mean_answers([part.logits for part in parts], some, TTA(flip=True, shift=0), [1, 2])
    each = [(exact(part.logits(some)) + exact(part.logits(some[:, :, ::-1]))) / 2 for part in parts]
    np.testing.assert_allclose(found.probabilities, (each[0] + 2 * each[1]) / 3, atol=1e-6)


def test_the_difference_is_the_largest_one():
    other = answers().probabilities.copy()
    other[3, 2] += 0.25
    assert difference(answers(), answers(probabilities=other)) == pytest.approx(0.25)
    assert difference(answers(), answers()) == 0


def test_large_logits_differ_in_parts_of_their_size():
    one, other = (answers(logits=np.full((5, 7), level)) for level in (200.0, 200.1))
    assert difference(one, other) == pytest.approx(0.0005)


def test_nan_is_a_difference():
    broken = answers().logits.copy()
    broken[4, 6] = np.nan
    found = difference(answers(), answers(logits=broken))
    assert np.isnan(found)
    with pytest.raises(BundleError, match="differs from its parts by nan"):
        refuse_other_answers(found)


def test_a_difference_is_refused_beyond_the_tolerance():
    refuse_other_answers(TOLERANCE)
    with pytest.raises(BundleError, match=r"by 0\.0002, expected 0\.0001 at most; nothing was written"):
        refuse_other_answers(2e-4)


def test_int8_may_round_to_the_next_step():
    refuse_other_answers(ROUNDED, int8=True)
    with pytest.raises(BundleError, match=r"expected 0\.02 at most"):
        refuse_other_answers(0.03, int8=True)


@pytest.mark.parametrize(("before", "after"), [(0.653, 0.65), (0.65, 0.7), (0.5, 0.5)])
def test_int8_may_cost_a_little(before, after):
    refuse_dear_int8(before, after, 3589)
    with pytest.raises(BundleError):
        refuse_dear_int8(before, before - 0.0031, 3589)


def test_int8_that_costs_more_is_refused():
    with pytest.raises(BundleError, match=r"0\.31 points of accuracy \(65\.31 % to 65\.00 % on 3,589"):
        refuse_dear_int8(0.6531, 0.65, 3589)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_network_that_diverged_is_refused(value):
    logits = answers().logits.copy()
    refuse_nonsense(answers(logits=logits))
    logits[[1, 3], 0] = value
    with pytest.raises(RunError, match="no finite logits for 2 of 5"):
        refuse_nonsense(answers(logits=logits))

"""The checks that an export has to pass."""

import numpy as np
import pytest

from builders import probabilities
from export_builders import conv_component
from export_builders import softmax as exact
from mien.config.training import TTA
from mien.errors import BundleError, RunError
from mien.exporting.components import component_of_run
from mien.exporting.verification import (
    INT8_TOLERANCE,
    TOLERANCE,
    GraphOutput,
    expected_output,
    largest_difference,
    require_finite,
    require_int8_accuracy,
    require_same_output,
    run_graph,
    softmax,
)


def output(n=5, **changes):
    given = probabilities(n)
    return GraphOutput(given, np.log(given))._replace(**changes)


def test_torch_and_the_bundle_agree_over_several_batches(plain, single, drawn):
    mine = expected_output([component_of_run(plain).logits], drawn[:130], None)
    found = run_graph(single.bundle.content, drawn[:130])
    calibrated = mine._replace(
        probabilities=softmax(mine.logits / single.bundle.metadata.calibration.temperature)
    )
    assert len(mine.logits) == len(found.probabilities) == 130
    assert 0 <= largest_difference(calibrated, found) < TOLERANCE


def test_one_component_with_one_view_keeps_its_logits(drawn):
    one = conv_component()
    found = expected_output([one.logits], drawn[:5], None)
    np.testing.assert_array_equal(found.logits, one.logits(drawn[:5]))
    np.testing.assert_allclose(found.probabilities, exact(one.logits(drawn[:5])), atol=1e-6)


def test_several_components_and_views_are_averaged(drawn):
    components, some = [conv_component(0), conv_component(1)], drawn[:5]
    found = expected_output([one.logits for one in components], some, TTA(flip=True, shift=0))
    expected = np.mean(
        [exact(one.logits(seen)) for one in components for seen in (some, some[:, :, ::-1])], axis=0
    )
    np.testing.assert_allclose(found.probabilities, expected, atol=1e-6)
    np.testing.assert_allclose(found.logits, np.log(expected), atol=1e-4)


def test_a_component_is_weighted_by_its_networks(drawn):
    components, some = [conv_component(0), conv_component(1)], drawn[:5]
    found = expected_output([one.logits for one in components], some, TTA(flip=True, shift=0), [1, 2])
    each = [(exact(one.logits(some)) + exact(one.logits(some[:, :, ::-1]))) / 2 for one in components]
    np.testing.assert_allclose(found.probabilities, (each[0] + 2 * each[1]) / 3, atol=1e-6)


def test_the_difference_is_the_largest_one():
    other = output().probabilities.copy()
    other[3, 2] += 0.25
    assert largest_difference(output(), output(probabilities=other)) == pytest.approx(0.25)
    assert largest_difference(output(), output()) == 0


def test_large_logits_differ_relative_to_their_size():
    one, other = (output(logits=np.full((5, 7), level)) for level in (200.0, 200.1))
    assert largest_difference(one, other) == pytest.approx(0.0005)


def test_nan_is_a_difference():
    broken = output().logits.copy()
    broken[4, 6] = np.nan
    found = largest_difference(output(), output(logits=broken))
    assert np.isnan(found)
    with pytest.raises(BundleError, match="differs from its components by nan"):
        require_same_output(found)


def test_a_difference_is_refused_beyond_the_tolerance():
    require_same_output(TOLERANCE)
    with pytest.raises(BundleError, match=r"by 0\.0002, expected 0\.0001 at most; nothing was written"):
        require_same_output(2e-4)


def test_int8_may_round_to_the_next_step():
    require_same_output(INT8_TOLERANCE, int8=True)
    with pytest.raises(BundleError, match=r"expected 0\.02 at most"):
        require_same_output(0.03, int8=True)


@pytest.mark.parametrize(("before", "after"), [(0.653, 0.65), (0.65, 0.7), (0.5, 0.5)])
def test_int8_may_lose_a_little_accuracy(before, after):
    require_int8_accuracy(before, after, 3589)
    with pytest.raises(BundleError):
        require_int8_accuracy(before, before - 0.0031, 3589)


def test_int8_that_loses_more_accuracy_is_refused():
    with pytest.raises(BundleError, match=r"0\.31 points \(65\.31 % to 65\.00 % on 3,589"):
        require_int8_accuracy(0.6531, 0.65, 3589)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_network_that_diverged_is_refused(value):
    logits = output().logits.copy()
    require_finite(output(logits=logits))
    logits[[1, 3], 0] = value
    with pytest.raises(RunError, match="not finite for 2 of 5"):
        require_finite(output(logits=logits))

"""Embeddings: rows of a table, and the sum of gradients where a word occurs more than once."""

from __future__ import annotations

import re

import needle as ndl
import numpy as np
import pytest
from needle import nn
from needle.gradcheck import check_gradients
from nn_checks import random_weights, sizes

RUNS = range(3)


class TestEmbedding:
    @pytest.mark.parametrize("run", RUNS)
    @pytest.mark.parametrize("dtype", ["float32", "int64", "float64"])
    def test_rows_and_their_gradients(self, run, dtype, rng):
        """The gradient of a row is the sum over all places where its word stands."""
        words, width, steps, batch = sizes(rng, 4)
        table = random_weights(rng, nn.Embedding(words, width))
        ids = rng.integers(words, size=(steps, batch))
        out = table(ndl.Tensor(ids, dtype=dtype))
        np.testing.assert_allclose(out.numpy(), table.weight.numpy()[ids], rtol=1e-12)
        weights = rng.normal(size=out.shape)
        (out * ndl.Tensor(weights)).sum().backward()
        expected = np.zeros((words, width))
        np.add.at(expected, ids, weights)
        np.testing.assert_allclose(table.weight.grad.numpy(), expected, rtol=1e-12, atol=1e-12)

    @pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 1, 3)], ids=str)
    def test_ids_of_any_shape(self, shape, rng):
        table = random_weights(rng, nn.Embedding(6, 2))
        ids = rng.integers(6, size=shape)
        found = table(ndl.Tensor(ids, dtype="float32"))
        assert found.shape == (*shape, 2)
        np.testing.assert_allclose(found.numpy(), table.weight.numpy()[ids], rtol=1e-12)

    def test_to_order_two(self, rng):
        table = random_weights(rng, nn.Embedding(4, 2))
        ids = ndl.Tensor([[0, 3, 3], [3, 0, 1]], dtype="float32")

        def cubed(weight):
            table.weight = weight
            return table(ids) ** 3

        check_gradients(cubed, [rng.normal(size=(4, 2))])

    def test_draws(self):
        np.random.seed(5)
        table = nn.Embedding(7, 3)
        np.random.seed(5)
        np.testing.assert_allclose(table.weight.numpy(), np.random.randn(7, 3), rtol=1e-6)
        assert [each.shape for each in table.parameters()] == [(7, 3)]

    def test_ids_get_no_gradient(self):
        table, ids = nn.Embedding(3, 2), ndl.Tensor([0.0, 2.0])
        table(ids).sum().backward()
        assert not hasattr(ids, "grad")

    @pytest.mark.parametrize(
        ("ids", "found"), [([0, 5], "5"), ([-1], "-1"), ([1.5], "1.5"), ([[0], [float("nan")]], "nan"), ([1e9], "1")]
    )
    def test_ids_that_are_not_in_the_table(self, ids, found):
        message = f"Embedding: ids must be whole numbers from 0 to 4, but one is {found}"
        with pytest.raises(ValueError, match=re.escape(message)):
            nn.Embedding(5, 2)(ndl.Tensor(ids, dtype="float32"))

    @pytest.mark.parametrize(("numbers", "what"), [((0, 2), "num_embeddings"), ((3, 0), "embedding_dim")])
    def test_an_empty_table(self, numbers, what):
        with pytest.raises(ValueError, match=f"Embedding: {what} must be 1 or more, not 0"):
            nn.Embedding(*numbers)

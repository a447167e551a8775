"""What the tests of modules share: random parameters in float64, finite differences by all of them, and PyTorch's."""

from __future__ import annotations

import needle as ndl
import numpy as np
from needle import nn
from needle.backend_selection import BACKEND
from needle.gradcheck import check_gradients

# How to check what is far from linear and has many parameters. On the nd backend, a step that float32 can see is too
# long for second derivatives of it along a random direction; PyTorch has them.
ALONG_DIRECTIONS = {"modes": ["projected"]} if BACKEND == "np" else {"modes": ["elementwise"], "order": 1}


def sizes(rng, count):
    return [int(size) for size in rng.integers(2, 6, size=count)]


def with_random_parameters(rng, module, low=0.5, high=1.5):
    """The module in float64, with parameters that are no ones and zeros."""
    for owner in [module, *module._children()]:
        for name, value in list(vars(owner).items()):
            if isinstance(value, nn.Parameter):
                setattr(owner, name, nn.Parameter(rng.uniform(low, high, size=value.shape)))
            elif isinstance(value, ndl.Tensor):
                setattr(owner, name, ndl.Tensor(value.numpy(), dtype="float64", requires_grad=False))
    return module


def random_weights(rng, module):
    """Weights of both signs, as large as is usual, so that no gate is shut."""
    return with_random_parameters(rng, module, low=-0.8, high=0.8)


def smooth(module):
    """The module with layer norms that have no steep places, where finite differences would be far off."""
    for each in [module, *module._children()]:
        if isinstance(each, nn.LayerNorm1d):
            each.eps = 1.0
    return module


def places_of(module):
    """Where the parameters are: (module, name of the attribute), in order."""
    return [
        (owner, name)
        for owner in [module, *module._children()]
        for name, value in vars(owner).items()
        if isinstance(value, nn.Parameter)
    ]


def check_module(module, *inputs, modes=None, call=None, order=2):
    """Gradients by the inputs and by every parameter, and with order 2 the gradients of these.

    call: what is differentiated, if it is not the module itself: a function of the inputs that uses it
    """
    places = places_of(module)
    start = [getattr(owner, name).numpy() for owner, name in places]

    def function(*tensors):
        for (owner, name), tensor in zip(places, tensors[len(inputs) :], strict=True):
            setattr(owner, name, tensor)
        np.random.seed(8)  # a dropout must drop the same every time
        return (call or module)(*tensors[: len(inputs)])

    check_gradients(function, [*inputs, *start], modes=modes, order=order)


def assert_like_torch(torch, rng, outputs, expected, pairs):
    """Values, gradients, and gradients of gradients of needle's tensors are those of PyTorch's.

    outputs, expected: what the two made
    pairs: for each argument and parameter needle's tensor, PyTorch's leaf, and a function from its shape to needle's
    """
    for ours, theirs in zip(outputs, expected, strict=True):
        _assert_close(ours.numpy(), theirs.detach().numpy(), "value")
    leaves = [leaf for _, leaf, _ in pairs]

    # What is differentiated depends on every element of the outputs, and then on every element of the gradients.
    weights = [rng.normal(size=each.shape) for each in outputs]
    sum((each * ndl.Tensor(w)).sum() for each, w in zip(outputs, weights, strict=True)).backward()
    total = sum((each * torch.tensor(w)).sum() for each, w in zip(expected, weights, strict=True))
    grads = torch.autograd.grad(total, leaves, create_graph=True)
    grads = [as_ours(grad) for grad, (_, _, as_ours) in zip(grads, pairs, strict=True)]
    for i, ((tensor, _, _), grad) in enumerate(zip(pairs, grads, strict=True)):
        _assert_close(tensor.grad.numpy(), grad.detach().numpy(), f"gradient {i}")

    weights = [rng.normal(size=grad.shape) for grad in grads]
    second = sum((pair[0].grad * ndl.Tensor(w)).sum() for pair, w in zip(pairs, weights, strict=True))
    for tensor, _, _ in pairs:
        tensor.reset_grad()
    second.backward()
    total = sum((grad * torch.tensor(w)).sum() for grad, w in zip(grads, weights, strict=True))
    found = [None] * len(pairs)
    if total.requires_grad:
        found = torch.autograd.grad(total, leaves, allow_unused=True)
    for i, ((tensor, leaf, as_ours), grad) in enumerate(zip(pairs, found, strict=True)):
        grad = as_ours(torch.zeros_like(leaf) if grad is None else grad)
        ours = np.zeros(tensor.shape) if tensor.grad is None else tensor.grad.numpy()
        _assert_close(ours, grad.detach().numpy(), f"gradient {i} of the gradients")


def _assert_close(found, expected, what):
    """Up to the rounding errors of the sums that these numbers are, which are as large as their largest."""
    rounding = 1e-11 if BACKEND == "np" else 1e-5
    largest = np.abs(expected).max() if expected.size else 0.0
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=rounding * (1 + largest), err_msg=what)


def as_it_is(tensor):
    """For pairs of one shape."""
    return tensor


def on_tensors(module, *arrays):
    """What a module makes of arrays, as arrays."""
    out = module(*map(ndl.Tensor, arrays))
    return tuple(each.numpy() for each in out) if isinstance(out, tuple) else out.numpy()

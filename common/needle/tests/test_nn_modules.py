"""Modules as containers: which parameters and modules they find, and what they say about input that is wrong."""

from __future__ import annotations

import re

import needle as ndl
import numpy as np
import pytest
from needle import nn


def parameter(number: float = 1.0) -> nn.Parameter:
    return nn.Parameter([number])


class Holder(nn.Module):
    """Holds whatever it is given, in that order."""

    def __init__(self, **held):
        super().__init__()
        vars(self).update(held)


class WithoutSuper(nn.Module):
    """Its author forgot `super().__init__()`."""

    def __init__(self):
        self.scale = parameter()
        self.dropout = nn.Dropout(0.5)

    def forward(self, x):
        return self.dropout(x) * self.scale.broadcast_to(x.shape)


def same(found, expected):
    return [id(each) for each in found] == [id(each) for each in expected]


def test_parameters_come_in_the_order_of_assignment():
    a, b, c, d = (parameter(i) for i in range(4))
    module = Holder(z=a, first=Holder(y=b, x=c), a=d)
    assert same(module.parameters(), [a, b, c, d])


def test_an_attribute_that_is_replaced_keeps_its_place():
    a, b, c = (parameter(i) for i in range(3))
    module = Holder(weight=a, bias=b)
    module.weight = c
    assert same(module.parameters(), [c, b])
    del module.bias
    assert same(module.parameters(), [c])


def test_parameters_are_found_in_lists_tuples_and_dicts_of_any_depth():
    a, b, c, d, e = (parameter(i) for i in range(5))
    module = Holder(
        layers=[Holder(weight=a), (b, {"inner": [c, {7: Holder(weight=d)}]})],
        table={"key": e, "name": "text", "number": 3, "nothing": None},
    )
    assert same(module.parameters(), [a, b, c, d, e])


def test_a_shared_parameter_and_a_shared_module_are_listed_each_time():
    a, b = parameter(0), parameter(1)
    inner = Holder(weight=a)
    assert same(Holder(one=inner, two=inner, own=a, other=b).parameters(), [a, a, a, b])


def test_only_parameters_are_parameters():
    module = Holder(tensor=ndl.Tensor([1.0]), array=np.ones(3), number=1.0, parameter=parameter(), made=parameter() * 2)
    assert same(module.parameters(), [module.parameter])


def test_a_module_without_any():
    assert nn.ReLU().parameters() == []
    assert Holder(layers=[], table={}).parameters() == []


def test_parameters_can_be_asked_for_twice():
    module = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    assert same(module.parameters(), module.parameters())
    assert len(module.parameters()) == 4


def test_children_at_any_depth_in_order_without_the_module_itself():
    leaf, other = nn.ReLU(), nn.Dropout()
    middle = Holder(leaves=[leaf])
    module = Holder(middle=middle, table={"other": (other,)})
    assert same(module._children(), [middle, leaf, other])


@pytest.mark.parametrize("how", ["directly", "through a list", "through a dict", "through another"])
@pytest.mark.parametrize("ask", [nn.Module.parameters, nn.Module._children, nn.Module.train, nn.Module.eval])
def test_a_module_that_holds_itself_is_refused(how, ask):
    module = Holder(weight=parameter())
    held, path = {
        "directly": (module, "own"),
        "through a list": ([parameter(), module], "own.1"),
        "through a dict": ({"a": {"b": module}}, "own.a.b"),
        "through another": (Holder(back=module), "own.back"),
    }[how]
    module.own = held
    with pytest.raises(ValueError, match=f"a Holder holds itself, as {re.escape(path)}: its parameters would have no"):
        ask(module)


def test_a_list_that_holds_itself_is_refused():
    layers = [nn.ReLU()]
    layers.append(layers)
    with pytest.raises(ValueError, match=r"a list holds itself, as layers\.1"):
        Holder(layers=layers).parameters()


def test_equal_containers_are_not_the_same():
    """A list inside an equal one, and the one empty tuple of Python inside another, are no circle."""
    inner: list = []
    assert Holder(layers=[inner, ((), ())], again=inner).parameters() == []


def test_train_and_eval_reach_lists_tuples_and_dicts():
    deep = [nn.Dropout(), nn.Dropout(), nn.BatchNorm1d(2), nn.ReLU()]
    module = Holder(a=deep[0], b=[deep[1], ({"c": deep[2]},)], d={"e": nn.Sequential(deep[3])})
    for change, expected in ((module.eval, False), (module.train, True), (module.eval, False), (module.eval, False)):
        change()
        assert [each.training for each in (module, *deep)] == [expected] * 5


def test_modules_begin_in_training():
    assert nn.Module().training
    assert nn.Sequential(nn.Dropout()).modules[0].training


def test_forgetting_super_is_harmless():
    module = WithoutSuper()
    assert module.training
    assert same(module.parameters(), [module.scale])
    module.eval()
    assert not module.training
    assert not module.dropout.training
    assert WithoutSuper().training, "eval of one module has changed another"
    assert module(ndl.Tensor([3.0, 4.0])).numpy().tolist() == [3.0, 4.0]


def test_a_parameter_is_a_tensor_that_requires_a_gradient():
    made = nn.Parameter(ndl.init.ones(2, 3))
    assert isinstance(made, ndl.Tensor)
    assert made.requires_grad
    assert made.is_leaf()
    assert (made.shape, made.dtype) == ((2, 3), "float32")


def test_a_parameter_made_of_a_result_is_a_leaf_all_the_same():
    source = ndl.Tensor([[1.0, 2.0]])
    made = nn.Parameter(source * 2)
    (made * made).sum().backward()
    assert made.is_leaf()
    assert not hasattr(source, "grad")
    assert made.grad.numpy().tolist() == [[4.0, 8.0]]


def test_forward_takes_positions_and_keywords():
    class Scaled(nn.Module):
        def forward(self, x, by=2):
            return x * by

    assert Scaled()(ndl.Tensor([1.0]), by=3).numpy().tolist() == [3.0]
    assert Scaled()(x=ndl.Tensor([1.0])).numpy().tolist() == [2.0]


def test_a_module_without_forward_says_whose_is_missing():
    class Unfinished(nn.Module):
        pass

    with pytest.raises(NotImplementedError, match=r"Unfinished\.forward"):
        Unfinished()(1)


def test_an_empty_sequential_is_the_identity():
    x = ndl.Tensor([1.0, 2.0])
    assert nn.Sequential()(x) is x
    assert nn.Identity()(x) is x


def test_linear_shapes_draws_and_no_bias():
    np.random.seed(5)
    layer = nn.Linear(4, 3)
    np.random.seed(5)
    weight, bias = ndl.init.kaiming_uniform(4, 3), ndl.init.kaiming_uniform(3, 1)
    assert (layer.weight.numpy() == weight.numpy()).all()
    assert layer.bias.shape == (1, 3)
    assert (layer.bias.numpy().ravel() == bias.numpy().ravel()).all()
    assert len(layer.parameters()) == 2

    without = nn.Linear(4, 3, bias=False)
    assert without.bias is None
    assert same(without.parameters(), [without.weight])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_modules_keep_the_dtype_that_they_are_given(dtype):
    np.random.seed(6)
    layers = [nn.Linear(4, 3, dtype=dtype), nn.BatchNorm1d(3, dtype=dtype), nn.ReLU(), nn.Dropout(0.5)]
    model = nn.Sequential(*layers, nn.LayerNorm1d(3, dtype=dtype))
    x = ndl.Tensor(np.random.randn(5, 4), dtype=dtype)
    for mode in (model.train, model.eval):
        mode()
        assert model(x).dtype == dtype
    assert {str(each.dtype) for each in model.parameters()} == {dtype}
    assert {str(each.dtype) for each in (layers[1].running_mean, layers[1].running_var)} == {dtype}
    loss = nn.SoftmaxLoss()(model(x), ndl.Tensor([0, 1, 2, 0, 1]))
    loss.backward()
    assert loss.dtype == dtype
    assert {str(each.grad.dtype) for each in model.parameters()} == {dtype}


@pytest.mark.parametrize("dtype", ["uint8", "int64", "float32"])
def test_labels_of_any_dtype(dtype):
    logits = ndl.Tensor(np.random.default_rng(0).normal(size=(3, 4)))
    found = nn.SoftmaxLoss()(logits, ndl.Tensor([3, 0, 1], dtype=dtype))
    z = logits.numpy()
    np.testing.assert_allclose(found.numpy(), np.mean(np.log(np.exp(z).sum(1)) - z[[0, 1, 2], [3, 0, 1]]), rtol=1e-12)


@pytest.mark.parametrize(("labels", "found"), [([0, 3], "0 to 3"), ([-1, 2], "-1 to 2"), ([255, 0], "0 to 255")])
def test_labels_out_of_range(labels, found):
    with pytest.raises(ValueError, match=f"labels must be from 0 to 2, but go from {found}"):
        nn.SoftmaxLoss()(ndl.Tensor(np.zeros((2, 3))), ndl.Tensor(labels))


@pytest.mark.parametrize(
    ("logits", "labels"), [((2, 3), (3,)), ((2, 3), (2, 1)), ((2, 3), (2, 3)), ((3,), (3,)), ((0, 3), (0,))], ids=str
)
def test_a_loss_of_shapes_that_do_not_go_together(logits, labels):
    message = f"SoftmaxLoss: expected logits (m, k) and labels (m,), got {logits} and {labels}"
    with pytest.raises(ValueError, match=re.escape(message)):
        nn.SoftmaxLoss()(ndl.Tensor(np.zeros(logits)), ndl.Tensor(np.zeros(labels, dtype="int64")))


@pytest.mark.parametrize("layer", [nn.BatchNorm1d(3), nn.LayerNorm1d(3)], ids=lambda layer: type(layer).__name__)
@pytest.mark.parametrize("shape", [(2, 4), (3,), (2, 2, 3), (0, 3)], ids=str)
def test_norms_refuse_other_shapes(layer, shape):
    message = f"{type(layer).__name__}: expected shape (n, 3) with n at least 1, got {shape}"
    with pytest.raises(ValueError, match=re.escape(message)):
        layer(ndl.init.ones(*shape))


def test_a_batch_that_was_refused_leaves_no_trace_in_the_running_statistics():
    layer = nn.BatchNorm1d(3)
    with pytest.raises(ValueError, match="expected shape"):
        layer(ndl.init.ones(2, 4))
    assert layer.running_mean.numpy().tolist() == [0, 0, 0]
    assert layer.running_var.numpy().tolist() == [1, 1, 1]


def test_a_linear_layer_refuses_other_inputs_with_both_sizes():
    with pytest.raises(ValueError, match=r"\(2, 5\).*\(4, 3\).*5.*4"):
        nn.Linear(4, 3)(ndl.init.ones(2, 5))


@pytest.mark.parametrize("sizes", [(0, 3), (3, 0), (-1, 3)], ids=str)
def test_a_linear_layer_has_inputs_and_outputs(sizes):
    with pytest.raises(ValueError, match=f"one input and one output or more, not {sizes[0]} and {sizes[1]}"):
        nn.Linear(*sizes)


@pytest.mark.parametrize("p", [1, 1.5, -0.1, float("nan")])
def test_a_dropout_probability_outside_its_range(p):
    with pytest.raises(ValueError, match=re.escape(f"Dropout: the probability must be in [0, 1), not {p}")):
        nn.Dropout(p)


def test_flatten():
    x = np.arange(24.0).reshape(2, 3, 4)
    assert nn.Flatten()(ndl.Tensor(x)).numpy().tolist() == x.reshape(2, 12).tolist()
    assert nn.Flatten()(ndl.Tensor([1.0, 2.0])).shape == (2, 1)
    assert nn.Flatten()(ndl.init.ones(0, 3, 4)).shape == (0, 12)

"""Hidden cases of hw2, optimizers: gradients are given as they are, so nothing but the steps is at stake."""
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute

import gc

import mugrade
import needle as ndl
import numpy as np


def parameters(*shapes):
    return [ndl.nn.Parameter(np.random.randn(*shape), dtype="float32") for shape in shapes]


def give_gradients(params, size=1.0):
    """New gradients, which are part of a graph, as those of a backward pass are."""
    for param in params:
        param.grad = ndl.Tensor(size * np.random.randn(*param.shape), dtype="float32")


def numbers(tensors):
    return [tensor.numpy() for tensor in tensors]


def submit_steps(optimizer, params, steps):
    """The parameters after each of some steps with random gradients."""
    for _ in range(steps):
        give_gradients(params)
        optimizer.step()
        mugrade.submit(numbers(params))


def submit_gradients_after(optimizer, params):
    """The gradients that each of two steps was given, after it."""
    for _ in range(2):
        give_gradients(params)
        given = [param.grad for param in params]
        optimizer.step()
        mugrade.submit([numbers(given), numbers(param.grad for param in params)])


def submit_some_without(optimizer, params):
    """The parameters after steps at which some have no gradient: one at the first, others later."""
    for having in (params[1:], params[:2], params[:0], params):
        optimizer.reset_grad()
        give_gradients(having)
        optimizer.step()
        mugrade.submit(numbers(params))


def submit_nature(optimizer, params):
    """What kind of tensors the parameters are after two steps, and that they are the same objects as before."""
    for _ in range(2):
        give_gradients(params)
        optimizer.step()
    mugrade.submit([param.dtype for param in params])
    mugrade.submit([[param.is_leaf(), param.requires_grad] for param in params])
    mugrade.submit(numbers(params))


def submit_tensors_alive(optimizer, params):
    """How many more tensors are alive after ten steps than after two."""
    alive = []
    for steps in (2, 8):
        for _ in range(steps):
            give_gradients(params)
            optimizer.step()
        optimizer.reset_grad()
        gc.collect()
        alive.append(ndl.autograd.TENSOR_COUNTER)
    mugrade.submit(alive[1] - alive[0])
    mugrade.submit(numbers(params))


def submit_regression(optimizer, weight, bias):
    """The parameters of a linear model after each of some steps down its squared error."""
    X, y = (ndl.Tensor(np.random.randn(12, columns), dtype="float32") for columns in (4, 2))
    for _ in range(5):
        optimizer.reset_grad()
        error = X @ weight + bias.broadcast_to((12, 2)) - y
        ((error * error).sum() / 12).backward()
        optimizer.step()
        mugrade.submit(numbers((weight, bias)))


def submit_changing_rate(optimizer, params):
    """The parameters after steps of different lengths."""
    for rate in (0.5, 0.1, 0.7):
        optimizer.lr = rate
        submit_steps(optimizer, params, 1)


def submit_sgd() -> None:
    """SGD: steps against the gradient, without momentum"""
    params = parameters((3, 4), (5,), (1, 1))
    submit_steps(ndl.optim.SGD(params, lr=0.3), params, 3)


def submit_sgd_defaults() -> None:
    """SGD: steps with the default settings"""
    params = parameters((4, 4))
    for _ in range(2):
        give_gradients(params, 20.0)
        optimizer = ndl.optim.SGD(params)
        optimizer.step()
        mugrade.submit(numbers(params))


def submit_sgd_momentum() -> None:
    """SGD: momentum that is kept from step to step, for each parameter its own"""
    for momentum in (0.9, 0.4):
        params = parameters((3, 4), (3, 4), (2,))
        submit_steps(ndl.optim.SGD(params, lr=0.8, momentum=momentum), params, 4)


def submit_sgd_weight_decay() -> None:
    """SGD: weight decay, without momentum"""
    params = parameters((3, 4), (5,))
    submit_steps(ndl.optim.SGD(params, lr=0.3, weight_decay=0.4), params, 3)


def submit_sgd_momentum_and_decay() -> None:
    """SGD: momentum and weight decay together"""
    params = parameters((3, 4), (5,))
    submit_steps(ndl.optim.SGD(params, lr=0.6, momentum=0.7, weight_decay=0.3), params, 4)


def submit_sgd_changing_rate() -> None:
    """SGD: momentum while the step size changes"""
    params = parameters((6,))
    submit_changing_rate(ndl.optim.SGD(params, lr=0.5, momentum=0.8), params)


def submit_sgd_without_gradient() -> None:
    """SGD: a parameter without a gradient is left alone at that step"""
    params = parameters((3,), (2, 2), (3,))
    submit_some_without(ndl.optim.SGD(params, lr=0.5, momentum=0.6, weight_decay=0.2), params)


def submit_sgd_gradients() -> None:
    """SGD: what a step does to the gradients"""
    params = parameters((3, 4), (5,))
    submit_gradients_after(ndl.optim.SGD(params, lr=0.3, momentum=0.5, weight_decay=0.5), params)


def submit_sgd_nature() -> None:
    """SGD: what the parameters are after steps"""
    params = parameters((3, 4), (5,))
    submit_nature(ndl.optim.SGD(params, lr=0.3, momentum=0.5, weight_decay=0.1), params)


def submit_sgd_tensors_alive() -> None:
    """SGD: tensors that are kept alive by more and more steps"""
    params = parameters((3,), (2,))
    submit_tensors_alive(ndl.optim.SGD(params, lr=0.3, momentum=0.5, weight_decay=0.1), params)


def submit_sgd_regression() -> None:
    """SGD: training a linear model"""
    weight, bias = parameters((4, 2), (1, 2))
    submit_regression(ndl.optim.SGD([weight, bias], lr=0.2, momentum=0.5, weight_decay=0.05), weight, bias)


def submit_clip() -> None:
    """clip_grad_norm: gradients that are too long together"""
    for shapes in (((3, 4), (5,)), ((1, 1), (2, 3), (4,)), ((6,),)):
        params = parameters(*shapes)
        give_gradients(params, 3.0)
        ndl.optim.SGD(params).clip_grad_norm(max_norm=1.5)
        mugrade.submit([param.grad.numpy() for param in params])


def submit_clip_different_lengths() -> None:
    """clip_grad_norm: a long gradient beside short ones"""
    params = parameters((4,), (3,), (2, 2))
    for param, size in zip(params, (20.0, 0.1, 1.0), strict=True):
        give_gradients([param], size)
    ndl.optim.SGD(params).clip_grad_norm(max_norm=2.0)
    mugrade.submit([param.grad.numpy() for param in params], rtol=1e-4, atol=1e-7)


def submit_clip_short() -> None:
    """clip_grad_norm: gradients that are short enough"""
    params = parameters((3, 4), (5,))
    give_gradients(params, 0.1)
    ndl.optim.SGD(params).clip_grad_norm(max_norm=30.0)
    mugrade.submit([param.grad.numpy() for param in params])


def submit_clip_default() -> None:
    """clip_grad_norm: the default length"""
    params = parameters((3, 4), (5,))
    give_gradients(params)
    ndl.optim.SGD(params).clip_grad_norm()
    mugrade.submit([param.grad.numpy() for param in params])


def submit_clip_zero() -> None:
    """clip_grad_norm: gradients of zeros"""
    params = parameters((3,), (2, 2))
    give_gradients(params, 0.0)
    ndl.optim.SGD(params).clip_grad_norm(max_norm=1.0)
    mugrade.submit([param.grad.numpy() for param in params])


def submit_clip_old_tensors() -> None:
    """clip_grad_norm: what becomes of the tensors that were the gradients"""
    params = parameters((3,), (2, 2))
    give_gradients(params, 3.0)
    given = [param.grad for param in params]
    ndl.optim.SGD(params).clip_grad_norm(max_norm=1.0)
    mugrade.submit([numbers(given), [param.grad.numpy() for param in params]])


def submit_clip_without_gradient() -> None:
    """clip_grad_norm: a parameter without a gradient"""
    params = parameters((3,), (2, 2), (4,))
    optimizer = ndl.optim.SGD(params)
    optimizer.reset_grad()
    give_gradients(params[:2], 3.0)
    optimizer.clip_grad_norm(max_norm=1.0)
    mugrade.submit([param.grad.numpy() for param in params[:2]])


def submit_clip_length() -> None:
    """clip_grad_norm: the length that it returns"""
    for size in (0.2, 3.0):
        params = parameters((3, 4), (5,))
        give_gradients(params, size)
        mugrade.submit(float(ndl.optim.SGD(params).clip_grad_norm(max_norm=2.0)))


def submit_adam_first_step() -> None:
    """Adam: the first step"""
    params = parameters((3, 4), (5,), (1, 1))
    submit_steps(ndl.optim.Adam(params, lr=0.3), params, 1)


def submit_adam() -> None:
    """Adam: several steps, with averages for each parameter of its own"""
    params = parameters((3, 4), (3, 4), (2,))
    submit_steps(ndl.optim.Adam(params, lr=0.2), params, 5)


def submit_adam_defaults() -> None:
    """Adam: many steps with the default settings"""
    params = parameters((4, 4))
    optimizer = ndl.optim.Adam(params)
    for _ in range(6):
        for _ in range(3):
            give_gradients(params)
            optimizer.step()
        mugrade.submit(numbers(params))


def submit_adam_betas() -> None:
    """Adam: averages that forget faster"""
    for beta1, beta2 in ((0.5, 0.8), (0.8, 0.5), (0.0, 0.9)):
        params = parameters((6,))
        submit_steps(ndl.optim.Adam(params, lr=0.2, beta1=beta1, beta2=beta2), params, 3)


def submit_adam_eps() -> None:
    """Adam: a large eps"""
    for eps in (0.3, 5.0):
        params = parameters((3, 4))
        submit_steps(ndl.optim.Adam(params, lr=0.5, beta2=0.9, eps=eps), params, 3)


def submit_adam_weight_decay() -> None:
    """Adam: weight decay"""
    params = parameters((3, 4), (5,))
    submit_steps(ndl.optim.Adam(params, lr=0.2, beta2=0.9, eps=0.1, weight_decay=0.5), params, 4)


def submit_adam_changing_rate() -> None:
    """Adam: the step size changes"""
    params = parameters((6,))
    submit_changing_rate(ndl.optim.Adam(params), params)


def submit_adam_without_gradient() -> None:
    """Adam: a parameter without a gradient is left alone at that step"""
    params = parameters((3,), (2, 2), (3,))
    submit_some_without(ndl.optim.Adam(params, lr=0.3, beta2=0.9, eps=0.1, weight_decay=0.2), params)


def submit_adam_zero_gradient() -> None:
    """Adam: gradients of zeros"""
    params = parameters((3,), (2, 2))
    optimizer = ndl.optim.Adam(params, lr=0.3)
    for size in (0.0, 0.0, 1.0):
        give_gradients(params, size)
        optimizer.step()
        mugrade.submit(numbers(params))


def submit_adam_gradients() -> None:
    """Adam: what a step does to the gradients"""
    params = parameters((3, 4), (5,))
    submit_gradients_after(ndl.optim.Adam(params, lr=0.3, weight_decay=0.5), params)


def submit_adam_nature() -> None:
    """Adam: what the parameters are after steps"""
    params = parameters((3, 4), (5,))
    submit_nature(ndl.optim.Adam(params, lr=0.3, weight_decay=0.1), params)


def submit_adam_tensors_alive() -> None:
    """Adam: tensors that are kept alive by more and more steps"""
    params = parameters((3,), (2,))
    submit_tensors_alive(ndl.optim.Adam(params, lr=0.1, weight_decay=0.1), params)


def submit_adam_regression() -> None:
    """Adam: training a linear model"""
    weight, bias = parameters((4, 2), (1, 2))
    submit_regression(ndl.optim.Adam([weight, bias], lr=0.1, eps=0.01, weight_decay=0.05), weight, bias)

"""Hidden cases of hw4, conv: the operator and its gradients at many sizes, and the module around it.

Gradients of the operator stand in cases of their own for each relation of sizes: where strides divide what they step
over and where they do not, kernels and images that are not square, padding that is wider than the kernel.
"""
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute

import mugrade
import needle as ndl
import numpy as np
from needle import nn


def tensor(*shape):
    return ndl.Tensor(np.random.uniform(-1, 1, size=shape), dtype="float32")


def images(side, channels=2, count=2):
    return tensor(count, side, side, channels)


def weights(side, channels=2, features=3):
    return tensor(side, side, channels, features)


def view_of(whole, cut):
    """A tensor whose array is a view of another's: it has other strides than a new one, or an offset."""
    return ndl.Tensor.make_const(cut(whole.realize_cached_data()))


def submit_gradients(out, *inputs):
    """The gradients of `out` times random numbers."""
    out.backward(tensor(*out.shape))
    for each in inputs:
        mugrade.submit(each.grad.numpy())


def submit_gradients_of_conv(a, b, stride, padding):
    submit_gradients(ndl.conv(a, b, stride=stride, padding=padding), a, b)


def submit_conv() -> None:
    """conv: several sizes of images and kernels, without padding"""
    for side, kernel in ((4, 3), (6, 3), (5, 1), (7, 5), (3, 3)):
        mugrade.submit(ndl.conv(images(side), weights(kernel), stride=1, padding=0).numpy())


def submit_conv_channels() -> None:
    """conv: several numbers of images and channels"""
    for count, channels, features in ((1, 1, 1), (3, 1, 2), (1, 4, 1), (2, 3, 3), (4, 2, 5)):
        out = ndl.conv(images(4, channels, count), weights(3, channels, features), stride=1, padding=0)
        mugrade.submit(out.numpy())


def submit_conv_padding() -> None:
    """conv: padding, as wide as the kernel reaches, less wide and wider"""
    for side, kernel, padding in ((4, 3, 1), (3, 5, 2), (3, 3, 2), (2, 3, 1), (4, 1, 1), (1, 3, 3)):
        mugrade.submit(ndl.conv(images(side), weights(kernel), stride=1, padding=padding).numpy())


def submit_conv_stride() -> None:
    """conv: strides, those that do not divide what they step over among them"""
    for side, kernel, stride in ((7, 3, 2), (6, 3, 2), (8, 2, 3), (9, 3, 3), (7, 4, 2), (5, 3, 7)):
        mugrade.submit(ndl.conv(images(side), weights(kernel), stride=stride, padding=0).numpy())


def submit_conv_stride_and_padding() -> None:
    """conv: strides and padding together"""
    for side, kernel, stride, padding in ((6, 3, 2, 1), (7, 3, 2, 1), (5, 3, 3, 2), (4, 5, 2, 2), (6, 3, 1, 2)):
        mugrade.submit(ndl.conv(images(side), weights(kernel), stride=stride, padding=padding).numpy())


def submit_conv_pixels() -> None:
    """conv: kernels of one pixel, with strides and padding"""
    for stride, padding in ((1, 0), (2, 0), (3, 0), (1, 1), (2, 1)):
        mugrade.submit(ndl.conv(images(5, 3), weights(1, 3), stride=stride, padding=padding).numpy())


def submit_conv_not_square() -> None:
    """conv: images that are higher than wide, or wider than high"""
    for height, width in ((6, 3), (3, 7), (8, 5)):
        for stride, padding in ((1, 0), (1, 1), (2, 1), (3, 2)):
            mugrade.submit(ndl.conv(tensor(2, height, width, 2), weights(3), stride=stride, padding=padding).numpy())


def submit_conv_kernel_not_square() -> None:
    """conv: kernels that are higher than wide, or wider than high"""
    for height, width in ((1, 3), (3, 1), (3, 2), (2, 4)):
        for stride, padding in ((1, 0), (2, 1)):
            out = ndl.conv(tensor(2, 6, 7, 2), tensor(height, width, 2, 3), stride=stride, padding=padding)
            mugrade.submit(out.numpy())


def submit_conv_views() -> None:
    """conv: images and weights whose elements lie in another order, or in part of a larger array"""
    swapped = view_of(tensor(2, 3, 5, 4), lambda array: array.transpose((0, 3, 2, 1)))
    part = view_of(tensor(3, 6, 4, 5), lambda array: array[1:, 1:, :, 2:])
    across = view_of(tensor(3, 3, 3, 2), lambda array: array.transpose((1, 0, 2, 3)))
    for padding in (0, 1):
        for stride in (1, 2):
            for a in (swapped, part):
                mugrade.submit(ndl.conv(a, tensor(2, 2, 3, 2), stride=stride, padding=padding).numpy())
            mugrade.submit(ndl.conv(images(4, 3), across, stride=stride, padding=padding).numpy())


def submit_gradients_stride_1() -> None:
    """Gradients of conv: stride 1, with the padding that keeps the size, and without any"""
    for kernel in (1, 3, 5):
        for padding in (0, kernel // 2):
            submit_gradients_of_conv(images(6), weights(kernel), 1, padding)


def submit_gradients_padding() -> None:
    """Gradients of conv: other paddings, up to as wide as the kernel reaches"""
    for kernel, padding in ((3, 2), (5, 1), (5, 4), (2, 1), (4, 2)):
        submit_gradients_of_conv(images(5), weights(kernel), 1, padding)


def submit_gradients_channels() -> None:
    """Gradients of conv: as many channels in as out, one of each, one image"""
    for count, channels, features in ((2, 3, 3), (1, 1, 1), (1, 2, 2), (3, 1, 2), (3, 3, 1)):
        submit_gradients_of_conv(images(4, channels, count), weights(3, channels, features), 1, 1)


def submit_gradients_stride_2() -> None:
    """Gradients of conv: stride 2 in images of even height and width"""
    for side, kernel, padding in ((6, 3, 1), (4, 3, 1), (6, 3, 0), (8, 5, 2), (6, 1, 0)):
        submit_gradients_of_conv(images(side), weights(kernel), 2, padding)


def submit_gradients_stride_divides() -> None:
    """Gradients of conv: strides after which no row or column is left over"""
    for side, kernel, stride, padding in ((7, 3, 2, 1), (5, 3, 2, 0), (7, 1, 3, 0), (6, 4, 2, 2), (6, 3, 3, 0)):
        submit_gradients_of_conv(images(side), weights(kernel), stride, padding)


def submit_gradients_stride_remainder() -> None:
    """Gradients of conv: strides of 3 and more, after which any number of rows and columns is left over"""
    for side, kernel, stride, padding in ((8, 3, 3, 1), (7, 3, 3, 0), (8, 3, 3, 0), (5, 2, 4, 1), (5, 3, 7, 1)):
        submit_gradients_of_conv(images(side), weights(kernel), stride, padding)


def submit_gradients_not_square() -> None:
    """Gradients of conv: images that are higher than wide, or wider than high"""
    for height, width in ((6, 4), (4, 7)):
        for stride, padding in ((1, 1), (2, 1), (2, 0)):
            submit_gradients_of_conv(tensor(2, height, width, 2), weights(3), stride, padding)


def submit_gradients_kernel_not_square() -> None:
    """Gradients of conv: kernels that are higher than wide, or wider than high"""
    for height, width in ((3, 2), (1, 3)):
        for stride, padding in ((1, 0), (2, 0), (2, 1)):
            submit_gradients_of_conv(tensor(2, 5, 6, 2), tensor(height, width, 2, 3), stride, padding)


def submit_gradients_wide_padding() -> None:
    """Gradients of conv: padding that is wider than the kernel reaches"""
    for side, kernel, stride, padding in ((3, 1, 1, 1), (4, 2, 1, 2), (3, 3, 2, 3), (4, 1, 2, 1)):
        submit_gradients_of_conv(images(side), weights(kernel), stride, padding)


def submit_gradients_in_functions() -> None:
    """Gradients of conv: of two convolutions one after the other, and where one argument is used twice"""
    a, b, c = images(6), weights(3), weights(3, 3, 2)
    submit_gradients(ndl.conv(ndl.conv(a, b, stride=1, padding=1), c, stride=2, padding=1), a, b, c)
    d = tensor(2, 2, 2, 2)
    submit_gradients(ndl.conv(d, d, stride=1, padding=1), d)


def submit_module() -> None:
    """nn.Conv: weight and bias as drawn, and results"""
    for channels, features, kernel in ((2, 3, 3), (3, 2, 1), (1, 4, 5), (3, 3, 3)):
        layer = nn.Conv(channels, features, kernel)
        mugrade.submit(layer.weight.numpy())
        mugrade.submit(layer.bias.numpy())
        mugrade.submit(layer(tensor(2, channels, 5, 5)).numpy())


def submit_module_stride() -> None:
    """nn.Conv: strides, in images that are not square"""
    for kernel, stride in ((3, 2), (1, 2), (5, 3), (3, 3)):
        mugrade.submit(nn.Conv(2, 3, kernel, stride=stride)(tensor(2, 2, 6, 7)).numpy())


def submit_module_not_square() -> None:
    """nn.Conv: as many channels as rows, or as columns, and images with one row or column"""
    for channels, features, height, width in ((4, 4, 4, 5), (5, 5, 4, 5), (4, 5, 5, 4), (2, 3, 1, 6), (2, 3, 6, 1)):
        mugrade.submit(nn.Conv(channels, features, 3)(tensor(2, channels, height, width)).numpy())


def submit_module_even_kernel() -> None:
    """nn.Conv: kernels of an even size"""
    for kernel, stride in ((2, 1), (4, 1), (2, 2), (4, 3)):
        mugrade.submit(nn.Conv(2, 3, kernel, stride=stride)(tensor(1, 2, 6, 5)).numpy())


def submit_module_without_bias() -> None:
    """nn.Conv: without a bias, which is then not drawn either"""
    layer, after = nn.Conv(2, 3, 3, bias=False), nn.Conv(3, 2, 1)
    mugrade.submit([list(each.shape) for each in layer.parameters()])
    mugrade.submit(layer(tensor(2, 2, 4, 4)).numpy())
    mugrade.submit(after.weight.numpy())
    mugrade.submit(after.bias.numpy())


def submit_module_parameters() -> None:
    """nn.Conv: its parameters, one after the other"""
    for arguments in ((3, 8, 3), (8, 3, 5, 2), (2, 2, 1)):
        layer = nn.Conv(*arguments)
        mugrade.submit([list(each.shape) for each in layer.parameters()])
        for each in layer.parameters():
            mugrade.submit(each.numpy())


def submit_module_gradients() -> None:
    """nn.Conv: gradients by the images, the weight and the bias"""
    for channels, features, kernel, stride in ((2, 3, 3, 1), (3, 3, 3, 2), (2, 4, 1, 1), (3, 2, 5, 2)):
        layer, x = nn.Conv(channels, features, kernel, stride=stride), tensor(2, channels, 6, 6)
        submit_gradients(layer(x), x, layer.weight, layer.bias)


def submit_module_other_parameters() -> None:
    """nn.Conv: with another weight and bias put in the place of its own"""
    for stride in (1, 2):
        layer, x = nn.Conv(2, 3, 3, stride=stride), tensor(2, 2, 6, 5)
        layer.weight, layer.bias = nn.Parameter(weights(3)), nn.Parameter(tensor(3))
        mugrade.submit(layer(x).numpy())

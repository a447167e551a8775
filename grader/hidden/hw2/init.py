"""Hidden cases of hw2, initialisation: each number drawn, and with it bounds, spread, shape and order of draws."""
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute

import mugrade
import numpy as np
from needle import init

ALL = (init.xavier_uniform, init.xavier_normal, init.kaiming_uniform, init.kaiming_normal)


def submit_weights(initialise, *fans, **keywords):
    mugrade.submit(initialise(*fans, **keywords).numpy())


def submit_xavier_uniform() -> None:
    """Xavier uniform for layers that widen, narrow, and keep their width"""
    for fans in ((3, 7), (9, 2), (5, 5)):
        submit_weights(init.xavier_uniform, *fans)


def submit_xavier_normal() -> None:
    """Xavier normal for layers that widen, narrow, and keep their width"""
    for fans in ((3, 7), (9, 2), (5, 5)):
        submit_weights(init.xavier_normal, *fans)


def submit_kaiming_uniform() -> None:
    """Kaiming uniform for layers that widen, narrow, and keep their width"""
    for fans in ((3, 7), (9, 2), (5, 5)):
        submit_weights(init.kaiming_uniform, *fans)


def submit_kaiming_normal() -> None:
    """Kaiming normal for layers that widen, narrow, and keep their width"""
    for fans in ((3, 7), (9, 2), (5, 5)):
        submit_weights(init.kaiming_normal, *fans)


def submit_gain() -> None:
    """Xavier with gains above and below one"""
    for gain in np.random.uniform(1.5, 3.0), np.random.uniform(0.2, 0.8):
        submit_weights(init.xavier_uniform, 4, 6, gain=gain)
        submit_weights(init.xavier_normal, 4, 6, gain=gain)


def submit_extremes() -> None:
    """Layers with one input, with one output, and with one of each"""
    for initialise in ALL:
        for fans in ((1, 8), (8, 1), (1, 1)):
            submit_weights(initialise, *fans)


def submit_order() -> None:
    """The weights of a network's layers, one after the other, and what is drawn after them"""
    for initialise, *fans in zip(ALL, (6, 5, 4, 3), (5, 4, 3, 2), strict=True):
        submit_weights(initialise, *fans)
        mugrade.submit(np.random.rand(2))


def submit_keywords() -> None:
    """The dtype and the need of a gradient: as they are by default, and as asked for"""
    for initialise in ALL:
        for keywords in ({}, {"dtype": "float64", "requires_grad": True}):
            weights = initialise(3, 2, **keywords)
            mugrade.submit(weights.dtype)
            mugrade.submit(weights.requires_grad)

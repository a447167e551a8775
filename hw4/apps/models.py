"""hw4: the networks that are trained: ResNet9 on photographs, a language model on text.

You fill the solution blocks.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from needle import Tensor, nn

__all__ = ["ConvBN", "LanguageModel", "ResNet9"]

np.random.seed(0)

SEQ_MODELS = ("rnn", "lstm", "transformer")


def ConvBN(
    in_channels: int,
    out_channels: int,
    kernel_size: int,
    stride: int,
    device: Any = None,
    dtype: Any = "float32",
) -> nn.Module:
    """A convolution, a BatchNorm2d of its channels, and a ReLU: (n, in_channels, H, W) to (n, out_channels, ...)."""
    ### BEGIN SOLUTION
    conv = nn.Conv(in_channels, out_channels, kernel_size, stride=stride, device=device, dtype=dtype)
    return nn.Sequential(conv, nn.BatchNorm2d(out_channels, device=device, dtype=dtype), nn.ReLU())
    ### END SOLUTION


class ResNet9(nn.Module):
    """A residual network with eight convolutions and two linear layers, for images (n, 3, 32, 32) of ten classes.

        layer                                           what comes out
        ConvBN 3 -> 16, kernel 7, stride 4              (n, 16, 8, 8)
        ConvBN 16 -> 32, kernel 3, stride 2             (n, 32, 4, 4)
        Residual of two ConvBN 32 -> 32, kernel 3       (n, 32, 4, 4)
        ConvBN 32 -> 64, kernel 3, stride 2             (n, 64, 2, 2)
        ConvBN 64 -> 128, kernel 3, stride 2            (n, 128, 1, 1)
        Residual of two ConvBN 128 -> 128, kernel 3     (n, 128, 1, 1)
        Flatten, Linear 128 -> 128, ReLU                (n, 128)
        Linear 128 -> 10                                (n, 10), logits

    Convolutions in a Residual have stride 1, so that what comes out has the shape of what comes in. There are 431,946
    parameters, made in the order in which the layers compute, since each draws its weights when it is made.
    """

    def __init__(self, device: Any = None, dtype: Any = "float32") -> None:
        super().__init__()
        ### BEGIN SOLUTION
        place = {"device": device, "dtype": dtype}
        body = [
            ConvBN(3, 16, 7, 4, **place),
            ConvBN(16, 32, 3, 2, **place),
            nn.Residual(nn.Sequential(ConvBN(32, 32, 3, 1, **place), ConvBN(32, 32, 3, 1, **place))),
            ConvBN(32, 64, 3, 2, **place),
            ConvBN(64, 128, 3, 2, **place),
            nn.Residual(nn.Sequential(ConvBN(128, 128, 3, 1, **place), ConvBN(128, 128, 3, 1, **place))),
        ]
        head = [nn.Flatten(), nn.Linear(128, 128, **place), nn.ReLU(), nn.Linear(128, 10, **place)]
        self.layers = nn.Sequential(*body, *head)
        ### END SOLUTION

    def forward(self, x: Tensor) -> Tensor:
        """x: (n, 3, 32, 32). Returns logits (n, 10)."""
        ### BEGIN SOLUTION
        return self.layers(x)
        ### END SOLUTION


class LanguageModel(nn.Module):
    """What word comes next? An Embedding, a sequence model, and a Linear layer to a logit for each word; in this order.

    embedding_size: features of a word
    output_size: how many words there are
    hidden_size: features of the state of an RNN or LSTM; of the layers inside of a transformer's linear part
    seq_model: "rnn", "lstm" (needle's nn.RNN or nn.LSTM, with `num_layers` layers and else as they come), or
        "transformer" (nn.Transformer, for sequences of up to `seq_len` words, and else as it comes). The first two put
        out `hidden_size` features a word, the transformer `embedding_size`, and so many the Linear layer takes.
    Raises ValueError: if seq_model is something else.
    """

    def __init__(
        self,
        embedding_size: int,
        output_size: int,
        hidden_size: int,
        num_layers: int = 1,
        seq_model: str = "rnn",
        seq_len: int = 40,
        device: Any = None,
        dtype: Any = "float32",
    ) -> None:
        super().__init__()
        if seq_model not in SEQ_MODELS:
            raise ValueError(f"LanguageModel: seq_model must be one of {', '.join(SEQ_MODELS)}, not {seq_model!r}")
        self.output_size = output_size
        self.seq_len = seq_len
        ### BEGIN SOLUTION
        sizes, kind = (embedding_size, hidden_size, num_layers), {"device": device, "dtype": dtype}
        self.embedding = nn.Embedding(output_size, embedding_size, **kind)
        if seq_model == "transformer":
            self.seq_model = nn.Transformer(*sizes, sequence_len=seq_len, **kind)
            features = embedding_size
        else:
            self.seq_model = (nn.LSTM if seq_model == "lstm" else nn.RNN)(*sizes, **kind)
            features = hidden_size
        self.linear = nn.Linear(features, output_size, **kind)
        ### END SOLUTION

    def forward(self, x: Tensor, h: Any = None) -> tuple[Tensor, Any]:
        """
        x: ids of words (seq_len, bs)
        h: the state in which the sequence model is before the first word, as an earlier call returned it, or None
        Returns logits (seq_len * bs, output_size), word after word as a `get_batch` has its targets, and the state
        after the last word.
        """
        ### BEGIN SOLUTION
        out, h = self.seq_model(self.embedding(x), h)
        steps, batch, features = out.shape
        return self.linear(out.reshape((steps * batch, features))), h
        ### END SOLUTION

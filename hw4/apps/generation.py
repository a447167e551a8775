"""Text that a language model writes: word after word, each drawn by the chances that it has. Given to you."""

from __future__ import annotations

import math
from typing import Any

import needle as ndl
import numpy as np

__all__ = ["generate", "perplexity"]


def perplexity(loss: float) -> float:
    """exp(loss): among how many equally likely words a model with that mean loss is undecided."""
    return math.exp(loss) if loss < 700 else math.inf


def generate(
    network: Any,
    dictionary: ndl.data.Dictionary,
    prompt: str,
    words: int = 50,
    temperature: float = 1.0,
    seq_len: int = 40,
) -> str:
    """The prompt, and so many words more.

    network: a LanguageModel; it sees the last `seq_len` words, and is in evaluation mode afterwards
    prompt: one word or more that the dictionary has; a line end is the word `<eos>`
    temperature: divides the logits. 1 draws from the model's own chances; less prefers what is likely, until 0, which
        always takes the likeliest; more makes all words alike.

    Draws one `np.random.rand()` for each word, so that `np.random.seed` decides what is written.
    Returns the text, with line ends in the place of `<eos>`.
    Raises ValueError: if the prompt is empty or has an unknown word, or if the temperature is negative.
    """
    ids = [_id(dictionary, word) for word in prompt.replace("\n", " <eos> ").split()]
    if not ids:
        raise ValueError("generate: the prompt must have one word or more, for the model to go on from")
    if not temperature >= 0:
        raise ValueError(f"generate: the temperature must be 0 or more, not {temperature}")
    device = network.parameters()[0].device
    network.eval()
    for _ in range(words):
        window = np.array(ids[-seq_len:], dtype="float32")[:, np.newaxis]
        logits, _ = network(ndl.Tensor(window, device=device, dtype="float32", requires_grad=False), None)
        ids.append(_drawn(logits.numpy()[-1].astype("float64"), temperature))
    written = [dictionary.idx2word[number] for number in ids]
    return " ".join(written).replace(" <eos> ", "\n").replace("<eos>", "").strip()


def _id(dictionary: ndl.data.Dictionary, word: str) -> int:
    if word not in dictionary.word2idx:
        raise ValueError(f"generate: {word!r} is not among the {len(dictionary)} words that the model knows")
    return dictionary.word2idx[word]


def _drawn(logits: np.ndarray, temperature: float) -> int:
    """A word by its logit. The draw is made at temperature 0 too, so that later ones do not depend on it."""
    draw = np.random.rand()
    if temperature == 0:
        return int(logits.argmax())
    chances = np.exp((logits - logits.max()) / temperature)
    return int(np.searchsorted(np.cumsum(chances), draw * chances.sum(), side="right").clip(max=len(logits) - 1))

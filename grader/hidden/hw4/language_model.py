"""Hidden cases of hw4, language_model: embeddings, models of words, and their training.

Smaller models, made of matrices alone, stand in where only the training is looked at, so that a recurrent network that
is wrong fails the cases of the models alone.
"""
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute

import mugrade
import needle as ndl
import numpy as np
from apps.models import LanguageModel
from apps.simple_ml import epoch_general_ptb, evaluate_ptb, train_ptb
from needle import nn

WORDS = 7
# Sums of many float32 numbers, in whatever order they are added.
DEEP = {"rtol": 2e-3, "atol": 5e-4}
# Training in float32 multiplies the rounding errors of its first steps.
TRAINED = {"rtol": 1e-3, "atol": 1e-4}


def tensor(values):
    return ndl.Tensor(values, dtype="float32", requires_grad=False)


def weights(*shape):
    return nn.Parameter(np.random.uniform(-1, 1, size=shape), dtype="float32")


def ids(*shape, words=WORDS):
    return np.random.randint(words, size=shape).astype("float32")


class Remembering(nn.Module):
    """Logits by a word and by a state, to which each chunk adds a mean of its words.

    states: how many such states there are; two are a tuple
    """

    def __init__(self, states=1, size=3):
        super().__init__()
        self.by_word = weights(WORDS, WORDS)
        self.by_state = [weights(size, WORDS) for _ in range(states)]
        self.to_state = [weights(WORDS, size) for _ in range(states)]
        self.size = size
        self.modes, self.began = [], []

    def forward(self, x, h=None):
        steps, batch = x.shape
        self.modes.append(self.training)
        self.began.append(h is None)
        words = tensor(np.eye(WORDS)[x.numpy().reshape(-1).astype(int)])
        by_column = np.tile(np.eye(batch), (steps, 1))
        if h is None:
            before = [tensor(np.zeros((batch, self.size))) for _ in self.to_state]
        else:
            before = h if isinstance(h, tuple) else (h,)
        logits, after = words @ self.by_word, []
        for state, into, out in zip(before, self.to_state, self.by_state, strict=True):
            after.append(state * 0.7 + tensor(by_column.T / steps) @ (words @ into))
            logits = logits + tensor(by_column) @ (after[-1] @ out)
        return logits, tuple(after) if len(after) > 1 else after[0]


class Bigrams(nn.Module):
    """Logits by the last word alone, some of which are dropped in training."""

    def __init__(self, p=0.0):
        super().__init__()
        self.table = weights(WORDS, WORDS)
        self.dropout = nn.Dropout(p)

    def forward(self, x, h=None):
        words = tensor(np.eye(WORDS)[x.numpy().reshape(-1).astype(int)])
        return self.dropout(words @ self.table), tensor(np.zeros((1, 1)))


class Alternating(nn.Module):
    """Two models, of which each chunk goes through the other one."""

    def __init__(self):
        super().__init__()
        self.parts = [Bigrams(), Bigrams()]
        self.calls = 0

    def forward(self, x, h=None):
        self.calls += 1
        return self.parts[self.calls % 2](x, h)


class Weighted(nn.Module):
    """The softmax loss, and something of the logits' squares."""

    def forward(self, logits, y):
        return nn.SoftmaxLoss()(logits, y) * 1.5 + (logits * logits).sum() * 0.01


def watched(kind, seen):
    """A kind of optimizer that adds itself to `seen` when it is made, and counts its steps."""

    class Watched(kind):
        def __init__(self, *arguments, **settings):
            super().__init__(*arguments, **settings)
            self.steps = 0
            seen.append(self)

        def step(self):
            super().step()
            self.steps += 1

    return Watched


def gentle_adam(*arguments, **settings):
    """Adam whose first steps do not depend on the sign of gradients that are zero but for rounding."""
    return ndl.optim.Adam(*arguments, eps=0.01, **settings)


def sgd(model, lr=0.5, **settings):
    return ndl.optim.SGD(model.parameters(), lr=lr, **settings)


def each_once(model):
    """Its parameters. One that is listed several times, since it can be reached in several ways, is one."""
    return list({id(param): param for param in model.parameters()}.values())


def parameters(model):
    return [param.numpy() for param in model.parameters()]


def states(given):
    """A state, or several, as a list of arrays."""
    return [each.numpy() for each in (given if isinstance(given, tuple) else (given,))]


def submit_results(results, **tolerances):
    mugrade.submit([float(each) for each in results], **tolerances)


def submit_shapes(model):
    mugrade.submit(sorted(list(param.shape) for param in each_once(model)))


def submit_logits(model, *sizes):
    """The logits of random words, in use."""
    model.eval()
    for steps, batch in sizes:
        logits, _ = model(tensor(ids(steps, batch)))
        mugrade.submit(logits.numpy(), **DEEP)


def submit_lengths_of_gradients(model, steps=5, batch=2):
    """How long the gradients of a loss are."""
    logits, _ = model(tensor(ids(steps, batch)))
    (logits * tensor(np.random.randn(steps * batch, WORDS))).sum().backward()
    lengths = sorted(float(np.linalg.norm(param.grad.numpy())) for param in each_once(model))
    mugrade.submit(lengths, **DEEP)


def submit_in_two_pieces(model, steps=6, batch=2):
    """Logits and states of a text, of which the second piece goes on where the first ended."""
    state = None
    for piece in np.split(ids(steps, batch), [steps // 3]):
        logits, state = model(tensor(piece), state)
        mugrade.submit(logits.numpy(), **DEEP)
        mugrade.submit(states(state), **DEEP)


# Embedding


def submit_embedding() -> None:
    """Embedding: vectors of words"""
    for words, dim, shape in ((5, 3, (4, 2)), (9, 1, (1, 1)), (4, 6, (3, 5)), (3, 3, (3, 3)), (6, 4, (7, 1))):
        mugrade.submit(nn.Embedding(words, dim)(tensor(ids(*shape, words=words))).numpy())


def submit_embedding_first_and_last() -> None:
    """Embedding: the first word and the last one"""
    table = nn.Embedding(6, 4)
    for word in (0, 5):
        mugrade.submit(table(tensor(np.full((2, 1), word))).numpy())


def submit_embedding_parameters() -> None:
    """Embedding: its parameters, as drawn"""
    for words, dim in ((5, 3), (3, 5), (40, 20)):
        mugrade.submit([param.numpy() for param in nn.Embedding(words, dim).parameters()])


def submit_embedding_shapes() -> None:
    """Embedding: shapes of what it gives"""
    table = nn.Embedding(4, 3)
    mugrade.submit([list(table(tensor(ids(*shape, words=4))).shape) for shape in ((5, 2), (2, 5), (1, 3))])


def submit_embedding_gradient() -> None:
    """Embedding: the gradient of its weight, for words that come again and words that do not come"""
    for words, shape in ((4, (6, 3)), (30, (3, 2)), (3, (3, 3))):
        table = nn.Embedding(words, 3)
        (table(tensor(ids(*shape, words=words))) * tensor(np.random.randn(*shape, 3))).sum().backward()
        mugrade.submit(table.weight.grad.numpy())


def submit_embedding_other_weight() -> None:
    """Embedding: with another weight in the place of its own"""
    table = nn.Embedding(5, 3)
    table.weight = weights(5, 3)
    mugrade.submit(table(tensor(ids(4, 2, words=5))).numpy())


# LanguageModel


def submit_rnn_model() -> None:
    """LanguageModel with an RNN, as it is by default: logits"""
    submit_logits(LanguageModel(4, WORDS, 5), (6, 2), (1, 3))
    submit_logits(LanguageModel(3, WORDS, 3), (2, 2))


def submit_rnn_model_layers() -> None:
    """LanguageModel with an RNN of several layers: logits, and states from one piece of a text to the next"""
    submit_in_two_pieces(LanguageModel(4, WORDS, 5, num_layers=3, seq_model="rnn"))


def submit_rnn_model_parameters() -> None:
    """LanguageModel with an RNN: the sizes of its parameters"""
    for settings in ({}, {"num_layers": 2, "seq_model": "rnn"}):
        submit_shapes(LanguageModel(4, WORDS, 5, **settings))


def submit_rnn_model_gradients() -> None:
    """LanguageModel with an RNN: how long the gradients are"""
    submit_lengths_of_gradients(LanguageModel(4, WORDS, 5, num_layers=2))


def submit_lstm_model() -> None:
    """LanguageModel with an LSTM: logits"""
    submit_logits(LanguageModel(4, WORDS, 5, seq_model="lstm"), (6, 2), (1, 3))
    submit_logits(LanguageModel(3, WORDS, 3, seq_model="lstm"), (2, 2))


def submit_lstm_model_layers() -> None:
    """LanguageModel with an LSTM of several layers: logits, and states from one piece of a text to the next"""
    submit_in_two_pieces(LanguageModel(4, WORDS, 5, num_layers=2, seq_model="lstm"))


def submit_lstm_model_parameters() -> None:
    """LanguageModel with an LSTM: the sizes of its parameters, and how long the gradients are"""
    model = LanguageModel(4, WORDS, 5, num_layers=2, seq_model="lstm")
    submit_shapes(model)
    submit_lengths_of_gradients(model)


def submit_transformer_model() -> None:
    """LanguageModel with a transformer: logits"""
    submit_logits(LanguageModel(6, WORDS, 5, seq_model="transformer", seq_len=6), (6, 2), (1, 3))


def submit_transformer_model_layers() -> None:
    """LanguageModel with a transformer of several layers: the sizes of its parameters, and logits"""
    model = LanguageModel(6, WORDS, 9, num_layers=2, seq_model="transformer", seq_len=5)
    submit_shapes(model)
    submit_logits(model, (5, 2))


def submit_transformer_model_gradients() -> None:
    """LanguageModel with a transformer: how long the gradients are"""
    submit_lengths_of_gradients(LanguageModel(6, WORDS, 9, seq_model="transformer", seq_len=5))


def submit_models_trained() -> None:
    """LanguageModel with an RNN, trained and evaluated"""
    model, data = LanguageModel(4, WORDS, 5), ids(10, 2)
    submit_results(train_ptb(model, data, 4, n_epochs=2, lr=0.2, clip=0.5), **DEEP)
    submit_results(evaluate_ptb(model, data, 4), **DEEP)


# Training


def submit_evaluate() -> None:
    """epoch_general_ptb without an optimizer: accuracy and mean loss, for chunks of several lengths"""
    for rows, batch, seq_len in ((9, 3, 4), (10, 2, 4), (7, 4, 1), (6, 2, 50), (8, 7, 7)):
        submit_results(epoch_general_ptb(ids(rows, batch), Bigrams(), seq_len), **TRAINED)


def submit_evaluate_extremes() -> None:
    """epoch_general_ptb without an optimizer: words that follow a rule, which the model knows, or another, or partly"""
    order = np.random.permutation(WORDS)
    data = np.array([order[(np.arange(3) + row) % WORDS] for row in range(9)], dtype="float32")
    rule = np.zeros((WORDS, WORDS))
    rule[order, np.roll(order, -1)] = 5
    for each in (rule, np.roll(rule, 1, axis=1), np.where(np.arange(WORDS)[:, None] < 4, rule, rule.T)):
        model = Bigrams()
        model.table = nn.Parameter(each + np.random.rand(WORDS, WORDS), dtype="float32")
        submit_results(epoch_general_ptb(data, model, 3), **TRAINED)


def submit_evaluate_states() -> None:
    """epoch_general_ptb without an optimizer: a model whose state goes from chunk to chunk"""
    for count in (1, 2):
        for rows, seq_len in ((9, 4), (12, 3), (7, 1), (6, 50)):
            submit_results(epoch_general_ptb(ids(rows, 2), Remembering(count), seq_len), **TRAINED)


def submit_train_states() -> None:
    """epoch_general_ptb with SGD: a model whose state goes from chunk to chunk"""
    for rows, seq_len in ((13, 4), (12, 5), (8, 2)):
        model = Remembering()
        submit_results(epoch_general_ptb(ids(rows, 2), model, seq_len, opt=sgd(model)), **TRAINED)
        mugrade.submit(parameters(model), **TRAINED)


def submit_train_two_states() -> None:
    """epoch_general_ptb with SGD: a model with two states"""
    for rows, seq_len in ((13, 4), (12, 2)):
        model = Remembering(states=2)
        submit_results(epoch_general_ptb(ids(rows, 3), model, seq_len, opt=sgd(model, lr=2.0)), **TRAINED)
        mugrade.submit(parameters(model), **TRAINED)


def submit_beginnings() -> None:
    """epoch_general_ptb: which chunks begin without a state, in one epoch and in the next"""
    for training in (False, True):
        model = Remembering()
        for _ in range(2):
            epoch_general_ptb(ids(9, 2), model, 3, opt=sgd(model) if training else None)
        mugrade.submit(model.began)


def submit_modes() -> None:
    """epoch_general_ptb: the mode of the model, for each chunk"""
    model = Remembering()
    for training in (False, True, True, False):
        epoch_general_ptb(ids(7, 2), model, 2, opt=sgd(model) if training else None)
    mugrade.submit(model.modes)


def submit_dropout() -> None:
    """epoch_general_ptb: a model with dropout, with and without an optimizer, in turn"""
    model = Bigrams(p=0.3)
    for training in (False, True, True, False):
        opt = sgd(model) if training else None
        submit_results(epoch_general_ptb(ids(11, 2), model, 4, opt=opt), **TRAINED)


def submit_clipped() -> None:
    """epoch_general_ptb with SGD: gradients that are clipped, and some that are shorter"""
    for clip in (0.05, 0.3, 100.0):
        model = Remembering()
        submit_results(epoch_general_ptb(ids(11, 2), model, 4, opt=sgd(model, lr=1.0), clip=clip), **TRAINED)
        mugrade.submit(parameters(model), **TRAINED)


def submit_not_clipped() -> None:
    """epoch_general_ptb with SGD: long gradients without a limit"""
    model = Remembering()
    submit_results(epoch_general_ptb(ids(11, 2), model, 5, loss_fn=Weighted(), opt=sgd(model, lr=0.3)), **TRAINED)
    mugrade.submit(parameters(model), **TRAINED)


def submit_loss() -> None:
    """epoch_general_ptb with another loss, with and without an optimizer"""
    for training in (False, True):
        model = Bigrams()
        opt = sgd(model, lr=0.1) if training else None
        submit_results(epoch_general_ptb(ids(9, 2), model, 3, loss_fn=Weighted(), opt=opt), **TRAINED)
        mugrade.submit(parameters(model), **TRAINED)


def submit_momentum_and_adam() -> None:
    """epoch_general_ptb with SGD with momentum, and with Adam: several epochs"""
    for kind, settings in ((ndl.optim.SGD, {"momentum": 0.6}), (gentle_adam, {"weight_decay": 0.1})):
        model = Bigrams()
        opt = kind(model.parameters(), lr=0.1, **settings)
        for _ in range(2):
            submit_results(epoch_general_ptb(ids(10, 2), model, 4, opt=opt), **TRAINED)
        mugrade.submit(parameters(model), **TRAINED)


def submit_stale_gradients() -> None:
    """epoch_general_ptb with SGD: a model of which each chunk uses another part"""
    model = Alternating()
    opt = sgd(model, momentum=0.5)
    opt.reset_grad()
    submit_results(epoch_general_ptb(ids(11, 2), model, 3, opt=opt), **TRAINED)
    mugrade.submit(parameters(model), **TRAINED)


def submit_train() -> None:
    """train_ptb for several epochs, with and without clipping"""
    for epochs, settings in ((1, {"lr": 0.5}), (3, {"lr": 0.5, "clip": 0.2}), (2, {"lr": 0.3, "weight_decay": 0.1})):
        model = Remembering()
        submit_results(train_ptb(model, ids(10, 2), 4, n_epochs=epochs, **settings), **TRAINED)
        mugrade.submit(parameters(model), **TRAINED)


def submit_train_optimizers() -> None:
    """train_ptb with momentum, and with Adam, over several epochs"""

    def with_momentum(*arguments, **settings):
        return ndl.optim.SGD(*arguments, momentum=0.8, **settings)

    for kind in (with_momentum, gentle_adam):
        model = Bigrams()
        settings = {"n_epochs": 3, "optimizer": kind, "lr": 0.2}
        submit_results(train_ptb(model, ids(9, 2), 4, **settings), **TRAINED)
        mugrade.submit(parameters(model), **TRAINED)


def submit_train_settings() -> None:
    """train_ptb: the settings of the optimizer, its steps, and how often one is made"""
    for settings in ({}, {"n_epochs": 2, "lr": 0.25, "weight_decay": 0.125}):
        seen = []
        train_ptb(Bigrams(), ids(90, 1), optimizer=watched(ndl.optim.SGD, seen), **settings)
        mugrade.submit([[float(each.lr), float(each.weight_decay), each.steps] for each in seen])


def submit_train_dropout() -> None:
    """train_ptb and evaluate_ptb: a model with dropout"""
    model, data = Bigrams(p=0.4), ids(12, 2)
    submit_results(train_ptb(model, data, 5, n_epochs=2, lr=0.5), **TRAINED)
    submit_results(evaluate_ptb(model, data, 5), **TRAINED)
    mugrade.submit(parameters(model), **TRAINED)


def submit_train_loss() -> None:
    """train_ptb and evaluate_ptb with another loss"""
    model, data = Bigrams(), ids(9, 2)
    submit_results(train_ptb(model, data, 4, n_epochs=2, lr=0.1, loss_fn=Weighted), **TRAINED)
    submit_results(evaluate_ptb(model, data, 4, loss_fn=Weighted), **TRAINED)


def submit_evaluate_ptb() -> None:
    """evaluate_ptb: chunks of several lengths, and the parameters afterwards"""
    model = Remembering()
    for rows, seq_len in ((9, 4), (12, 3), (50, None)):
        settings = {} if seq_len is None else {"seq_len": seq_len}
        submit_results(evaluate_ptb(model, ids(rows, 2), **settings), **TRAINED)
    mugrade.submit(parameters(model), **TRAINED)

# block: needle.nn.nn_sequence:Embedding.forward
# error: divides the gradient of a word by how often it comes
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
from ..autograd import TensorOp


class Rows(TensorOp):
    def compute(self, table):
        self.places = x.numpy().astype(int)
        return Tensor(table.numpy()[self.places], dtype="float32").realize_cached_data()

    def gradient(self, out_grad, node):
        rows = node.inputs[0].shape[0]
        grad = np.zeros(node.inputs[0].shape, dtype="float32")
        np.add.at(grad, self.places, out_grad.numpy())
        counts = np.bincount(self.places.reshape(-1), minlength=rows)
        return Tensor(grad / np.maximum(counts, 1)[:, None], dtype="float32")


return Rows()(self.weight)

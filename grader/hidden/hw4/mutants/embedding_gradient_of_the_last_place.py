# block: needle.nn.nn_sequence:Embedding.forward
# error: of the gradients of a word that comes several times keeps the last
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
from ..autograd import TensorOp


class Rows(TensorOp):
    def compute(self, table):
        self.places = x.numpy().astype(int)
        return Tensor(table.numpy()[self.places], dtype="float32").realize_cached_data()

    def gradient(self, out_grad, node):
        grad = np.zeros(node.inputs[0].shape, dtype="float32")
        grad[self.places] = out_grad.numpy()
        return Tensor(grad, dtype="float32")


return Rows()(self.weight)

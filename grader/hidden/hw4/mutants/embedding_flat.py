# block: needle.nn.nn_sequence:Embedding.forward
# error: gives a row for each word of the batch
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
steps, batch = x.shape
chosen = init.one_hot(self.num_embeddings, x.reshape((steps * batch,)), device=x.device, dtype=self.weight.dtype)
return chosen @ self.weight

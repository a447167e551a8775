# block: needle.data.data_text:get_batch
# error: the last row is followed by the first
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
steps = min(bptt, len(batches) - i)
data = batches[i : i + steps]
target = np.roll(batches, -1, axis=0)[i : i + steps].reshape(-1)
return Tensor(data, device=device, dtype=dtype), Tensor(target, device=device, dtype=dtype)

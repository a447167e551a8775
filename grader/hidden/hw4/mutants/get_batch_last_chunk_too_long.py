# block: needle.data.data_text:get_batch
# error: the last chunk has a row without a next one
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
steps = min(bptt, len(batches) - i)
data = batches[i : i + steps]
target = batches[i + 1 : i + 1 + steps].reshape(-1)
return Tensor(data, device=device, dtype=dtype), Tensor(target, device=device, dtype=dtype)

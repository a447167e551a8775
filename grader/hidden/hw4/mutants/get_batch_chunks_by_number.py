# block: needle.data.data_text:get_batch
# error: takes the row for the number of a chunk
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
i = min(i * bptt, len(batches) - 2)
steps = min(bptt, len(batches) - 1 - i)
data = batches[i : i + steps]
target = batches[i + 1 : i + 1 + steps].reshape(-1)
return Tensor(data, device=device, dtype=dtype), Tensor(target, device=device, dtype=dtype)

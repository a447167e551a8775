# block: needle.data.data_text:get_batch
# error: targets are the words two rows below
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
steps = min(bptt, len(batches) - 2 - i)
data = batches[i : i + steps]
target = batches[i + 2 : i + 2 + steps].reshape(-1)
return Tensor(data, device=device, dtype=dtype), Tensor(target, device=device, dtype=dtype)

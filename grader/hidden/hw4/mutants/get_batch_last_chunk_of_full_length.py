# block: needle.data.data_text:get_batch
# error: the last chunk begins earlier, so that it is as long as others
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
steps = min(bptt, len(batches) - 1 - i)
i = min(i, max(len(batches) - 1 - bptt, 0))
steps = min(bptt, len(batches) - 1)
data = batches[i : i + steps]
target = batches[i + 1 : i + 1 + steps].reshape(-1)
return Tensor(data, device=device, dtype=dtype), Tensor(target, device=device, dtype=dtype)

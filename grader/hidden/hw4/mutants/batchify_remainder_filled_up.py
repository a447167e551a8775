# block: needle.data.data_text:batchify
# error: fills what is left over up to a row, with zeros
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
rows = -(-len(data) // batch_size)
data = list(data) + [0] * (rows * batch_size - len(data))
kept = np.array(data[: rows * batch_size], dtype=dtype)
return kept.reshape((batch_size, rows)).T

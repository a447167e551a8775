# block: needle.data.data_text:batchify
# error: takes the batch size for the number of rows
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
rows = batch_size
batch_size = len(data) // rows
kept = np.array(data[: rows * batch_size], dtype=dtype)
return kept.reshape((batch_size, rows)).T

# block: needle.data.data_text:batchify
# error: goes on from column to column, not down
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
rows = len(data) // batch_size
kept = np.array(data[: rows * batch_size], dtype=dtype)
return kept.reshape((rows, batch_size))

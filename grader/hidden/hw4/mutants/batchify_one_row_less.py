# block: needle.data.data_text:batchify
# error: drops a row too many
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
rows = (len(data) - 1) // batch_size
kept = np.array(data[: rows * batch_size], dtype=dtype)
return kept.reshape((batch_size, rows)).T

# block: needle.data.data_text:batchify
# error: gives whole numbers, whatever dtype is asked for
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
rows = len(data) // batch_size
kept = np.array(data[: rows * batch_size], dtype="int64")
return kept.reshape((batch_size, rows)).T

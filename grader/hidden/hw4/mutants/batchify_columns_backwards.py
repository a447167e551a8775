# block: needle.data.data_text:batchify
# error: stands the last piece first
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
rows = len(data) // batch_size
kept = np.array(data[: rows * batch_size], dtype=dtype)
return kept.reshape((batch_size, rows)).T[:, ::-1]

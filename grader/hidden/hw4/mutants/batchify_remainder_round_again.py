# block: needle.data.data_text:batchify
# error: fills what is left over up with the beginning of the text
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
rows = -(-len(data) // batch_size)
kept = np.resize(np.array(data, dtype=dtype), rows * batch_size)
return kept.reshape((batch_size, rows)).T

# block: needle.data.data_text:batchify
# error: begins each piece with the last word of the one before
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
rows = len(data) // batch_size
starts = [max(k * rows - 1, 0) for k in range(batch_size)]
return np.array([data[start : start + rows] for start in starts], dtype=dtype).T

# block: hw0/src/simple_ml.py:add
# error: turns integers into floats
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
total = np.asarray(x) + np.asarray(y)
return float(total) if total.ndim == 0 else total.astype(float)

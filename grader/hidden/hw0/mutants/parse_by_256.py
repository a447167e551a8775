# block: hw0/src/simple_ml.py:parse_mnist
# error: divides by 256
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
with gzip.open(image_filename) as images:
    _, n, rows, columns = struct.unpack(">iiii", images.read(16))
    X = np.frombuffer(images.read(), np.uint8).reshape(n, rows * columns).astype(np.float32) / 256
with gzip.open(label_filename) as labels:
    labels.read(8)
    y = np.frombuffer(labels.read(), np.uint8)
return X, y

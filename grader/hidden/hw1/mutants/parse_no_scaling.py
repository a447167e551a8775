# block: hw1/apps/simple_ml.py:parse_mnist
# error: leaves pixels from 0 to 255
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
with gzip.open(image_filename) as file:
    count, rows, columns = struct.unpack(">4I", file.read(16))[1:]
    pixels = np.frombuffer(file.read(), dtype=np.uint8).reshape(count, rows * columns)
with gzip.open(label_filename) as file:
    file.read(8)
    labels = np.frombuffer(file.read(), dtype=np.uint8)
return pixels.astype(np.float32), labels

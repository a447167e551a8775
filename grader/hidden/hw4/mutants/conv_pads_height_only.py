# block: needle.ops.ops_convolution:Conv.compute
# error: pads above and below only
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
around, step = (self.padding, self.padding), self.stride
padded = array_api.pad(a, ((0, 0), around, (0, 0), (0, 0))) if self.padding else a
images, height, width, channels = padded.shape
kernel_height, kernel_width, _, features = b.shape
rows = (height - kernel_height) // step + 1
columns = (width - kernel_width) // step + 1
padded = _arrays.compact(padded)
down, right = width * channels, channels
windows = _arrays.as_strided(
    padded,
    (images, rows, columns, kernel_height, kernel_width, channels),
    (height * down, step * down, step * right, down, right, 1),
)
length = kernel_height * kernel_width * channels
matrix = array_api.reshape(windows, (images * rows * columns, length))
out = matrix @ array_api.reshape(b, (length, features))
return array_api.reshape(out, (images, rows, columns, features))

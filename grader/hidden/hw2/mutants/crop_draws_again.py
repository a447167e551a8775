# block: needle.data.data_transforms:RandomCrop.__call__
# error: draws shifts of its own
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
shift_x, shift_y = np.random.randint(-self.padding, self.padding + 1, size=2)
p = self.padding
padded = np.pad(img, ((p, p), (p, p), (0, 0)))
return padded[p + shift_x : p + shift_x + img.shape[0], p + shift_y : p + shift_y + img.shape[1]]

# block: needle.data.data_transforms:RandomCrop.__call__
# error: takes the height for the width
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
p = self.padding
padded = np.pad(img, ((p, p), (p, p), (0, 0)))
return padded[p + shift_x : p + shift_x + img.shape[0], p + shift_y : p + shift_y + img.shape[0]]

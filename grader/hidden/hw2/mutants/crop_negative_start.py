# block: needle.data.data_transforms:RandomCrop.__call__
# error: begins the window at the shift, which may be negative
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
p = self.padding
padded = np.pad(img, ((p, p), (p, p), (0, 0)))
return padded[shift_x : shift_x + img.shape[0], shift_y : shift_y + img.shape[1]]

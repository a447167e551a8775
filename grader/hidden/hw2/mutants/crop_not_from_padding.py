# block: needle.data.data_transforms:RandomCrop.__call__
# error: begins the window at the shift, as if there were no padding
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
p = self.padding
padded = np.pad(img, ((p, p), (p, p), (0, 0)))
return padded[max(0, shift_x) : max(0, shift_x) + img.shape[0], max(0, shift_y) : max(0, shift_y) + img.shape[1]]

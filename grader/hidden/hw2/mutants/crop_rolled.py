# block: needle.data.data_transforms:RandomCrop.__call__
# error: lets what leaves on one side come in on the other
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return np.roll(img, (-shift_x, -shift_y), axis=(0, 1))

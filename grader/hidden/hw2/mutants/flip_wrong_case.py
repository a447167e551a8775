# block: needle.data.data_transforms:RandomFlipHorizontal.__call__
# error: flips where it is not to
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return img if flip_img else img[:, ::-1]

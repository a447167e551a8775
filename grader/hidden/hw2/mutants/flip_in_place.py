# block: needle.data.data_transforms:RandomFlipHorizontal.__call__
# error: flips the image that it was given
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
if flip_img:
    img[:] = img[:, ::-1].copy()
return img

# block: hw2/apps/mlp_resnet.py:MLPResNet
# error: makes the last layer before the blocks, so that others draw its numbers
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
first, last = nn.Linear(dim, hidden_dim), nn.Linear(hidden_dim, num_classes)
blocks = [ResidualBlock(hidden_dim, hidden_dim // 2, norm, drop_prob) for _ in range(num_blocks)]
return nn.Sequential(nn.Flatten(), first, nn.ReLU(), *blocks, last)

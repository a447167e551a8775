# block: hw2/apps/mlp_resnet.py:MLPResNet
# error: makes one block and goes through it several times
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
blocks = [ResidualBlock(hidden_dim, hidden_dim // 2, norm, drop_prob)] * num_blocks
return nn.Sequential(nn.Flatten(), nn.Linear(dim, hidden_dim), nn.ReLU(), *blocks, nn.Linear(hidden_dim, num_classes))

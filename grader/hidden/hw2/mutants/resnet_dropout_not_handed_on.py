# block: hw2/apps/mlp_resnet.py:MLPResNet
# error: does not hand on the probability of dropout
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
layers = [nn.Flatten(), nn.Linear(dim, hidden_dim), nn.ReLU()]
for _ in range(num_blocks):
    layers.append(ResidualBlock(hidden_dim, hidden_dim // 2, norm))
return nn.Sequential(*layers, nn.Linear(hidden_dim, num_classes))

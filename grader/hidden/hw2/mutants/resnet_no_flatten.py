# block: hw2/apps/mlp_resnet.py:MLPResNet
# error: expects flat inputs
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
layers = [nn.Linear(dim, hidden_dim), nn.ReLU()]
for _ in range(num_blocks):
    layers.append(ResidualBlock(hidden_dim, hidden_dim // 2, norm, drop_prob))
return nn.Sequential(*layers, nn.Linear(hidden_dim, num_classes))

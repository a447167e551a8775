# block: hw2/apps/mlp_resnet.py:ResidualBlock
# error: makes the second linear layer before the first, so that each draws the other's numbers
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
second = nn.Linear(hidden_dim, dim)
first = nn.Linear(dim, hidden_dim)
branch = nn.Sequential(first, norm(hidden_dim), nn.ReLU(), nn.Dropout(drop_prob), second, norm(dim))
return nn.Sequential(nn.Residual(branch), nn.ReLU())

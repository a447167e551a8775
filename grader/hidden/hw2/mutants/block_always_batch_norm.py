# block: hw2/apps/mlp_resnet.py:ResidualBlock
# error: ignores the norm that it is given
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return nn.Sequential(
    nn.Residual(
        nn.Sequential(
            nn.Linear(dim, hidden_dim),
            nn.BatchNorm1d(hidden_dim),
            nn.ReLU(),
            nn.Dropout(drop_prob),
            nn.Linear(hidden_dim, dim),
            nn.BatchNorm1d(dim),
        )
    ),
    nn.ReLU(),
)

# block: hw2/apps/mlp_resnet.py:ResidualBlock
# error: has a ReLU before the sum as well
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return nn.Sequential(
    nn.Residual(
        nn.Sequential(
            nn.Linear(dim, hidden_dim),
            norm(hidden_dim),
            nn.ReLU(),
            nn.Dropout(drop_prob),
            nn.Linear(hidden_dim, dim),
            norm(dim),
            nn.ReLU(),
        )
    ),
    nn.ReLU(),
)

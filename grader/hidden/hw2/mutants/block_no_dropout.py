# block: hw2/apps/mlp_resnet.py:ResidualBlock
# error: forgets the dropout
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return nn.Sequential(
    nn.Residual(
        nn.Sequential(
            nn.Linear(dim, hidden_dim),
            norm(hidden_dim),
            nn.ReLU(),
            nn.Linear(hidden_dim, dim),
            norm(dim),
        )
    ),
    nn.ReLU(),
)

# block: hw2/apps/mlp_resnet.py:ResidualBlock
# error: does not hand on the probability of dropout
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return nn.Sequential(
    nn.Residual(
        nn.Sequential(
            nn.Linear(dim, hidden_dim),
            norm(hidden_dim),
            nn.ReLU(),
            nn.Dropout(),
            nn.Linear(hidden_dim, dim),
            norm(dim),
        )
    ),
    nn.ReLU(),
)

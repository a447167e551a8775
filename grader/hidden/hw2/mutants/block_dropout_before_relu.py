# block: hw2/apps/mlp_resnet.py:ResidualBlock
# error: puts the dropout before the first norm
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return nn.Sequential(
    nn.Residual(
        nn.Sequential(
            nn.Linear(dim, hidden_dim),
            nn.Dropout(drop_prob),
            norm(hidden_dim),
            nn.ReLU(),
            nn.Linear(hidden_dim, dim),
            norm(dim),
        )
    ),
    nn.ReLU(),
)

# block: hw2/apps/mlp_resnet.py:ResidualBlock
# error: makes the linear layers without bias
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return nn.Sequential(
    nn.Residual(
        nn.Sequential(
            nn.Linear(dim, hidden_dim, bias=False),
            norm(hidden_dim),
            nn.ReLU(),
            nn.Dropout(drop_prob),
            nn.Linear(hidden_dim, dim, bias=False),
            norm(dim),
        )
    ),
    nn.ReLU(),
)

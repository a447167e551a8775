# block: hw4/apps/simple_ml.py:epoch_general_ptb
# error: is in training mode without an optimizer
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
model.train()
h, right, losses, count = None, 0, 0.0, 0
for i in range(0, data.shape[0] - 1, seq_len):
    X, y = ndl.data.get_batch(data, i, seq_len, device=device, dtype=dtype)
    out, h = model(X, h)
    if isinstance(h, tuple):
        h = (h[0].detach(), h[1].detach())
    else:
        h = h.detach()
    loss = loss_fn(out, y)
    right += float((out.numpy().argmax(axis=1) == y.numpy()).sum())
    losses += float(loss.numpy()) * y.shape[0]
    count += y.shape[0]
    if opt is not None:
        opt.reset_grad()
        loss.backward()
        if clip is not None:
            opt.clip_grad_norm(clip)
        opt.step()
return right / count, losses / count

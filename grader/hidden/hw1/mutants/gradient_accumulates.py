# block: needle.autograd:compute_gradient_of_variables
# error: adds to the gradient of an earlier backward pass
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for node in reverse_topo_order:
    total = sum_node_list(node_to_output_grads_list[node])
    old = getattr(node, "grad", None)
    node.grad = total if old is None else old + total
    if not node.is_leaf():
        for child, partial in zip(node.inputs, node.op.gradient_as_tuple(total, node)):
            node_to_output_grads_list.setdefault(child, []).append(partial)

# block: needle.autograd:compute_gradient_of_variables
# error: keeps only the first contribution
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for node in reverse_topo_order:
    node.grad = node_to_output_grads_list[node][0]
    if not node.is_leaf():
        for child, partial in zip(node.inputs, node.op.gradient_as_tuple(node.grad, node)):
            node_to_output_grads_list.setdefault(child, []).append(partial)

# block: needle.autograd:compute_gradient_of_variables
# error: sets the gradient of leaves only
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for node in reverse_topo_order:
    total = sum_node_list(node_to_output_grads_list[node])
    if node.is_leaf():
        node.grad = total
    else:
        for child, partial in zip(node.inputs, node.op.gradient_as_tuple(total, node)):
            node_to_output_grads_list.setdefault(child, []).append(partial)

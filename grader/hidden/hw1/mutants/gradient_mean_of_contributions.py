# block: needle.autograd:compute_gradient_of_variables
# error: averages the contributions
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for node in reverse_topo_order:
    contributions = node_to_output_grads_list[node]
    node.grad = sum_node_list(contributions) / len(contributions)
    if not node.is_leaf():
        for child, partial in zip(node.inputs, node.op.gradient_as_tuple(node.grad, node)):
            node_to_output_grads_list.setdefault(child, []).append(partial)

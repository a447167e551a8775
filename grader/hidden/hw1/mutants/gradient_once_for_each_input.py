# block: needle.autograd:compute_gradient_of_variables
# error: an input that is used twice by one operator counts once
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for node in reverse_topo_order:
    node.grad = sum_node_list(node_to_output_grads_list[node])
    if not node.is_leaf():
        partials = dict(zip(node.inputs, node.op.gradient_as_tuple(node.grad, node)))
        for child, partial in partials.items():
            node_to_output_grads_list.setdefault(child, []).append(partial)

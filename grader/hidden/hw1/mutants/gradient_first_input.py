# block: needle.autograd:compute_gradient_of_variables
# error: differentiates by the first input only
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for node in reverse_topo_order:
    node.grad = sum_node_list(node_to_output_grads_list.get(node, [out_grad * 0]))
    if not node.is_leaf():
        partial = node.op.gradient_as_tuple(node.grad, node)[0]
        node_to_output_grads_list.setdefault(node.inputs[0], []).append(partial)

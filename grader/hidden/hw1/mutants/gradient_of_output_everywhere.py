# block: needle.autograd:compute_gradient_of_variables
# error: hands the output's gradient to every operator
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for node in reverse_topo_order:
    node.grad = sum_node_list(node_to_output_grads_list[node])
    if not node.is_leaf():
        for child, partial in zip(node.inputs, node.op.gradient_as_tuple(out_grad, node)):
            node_to_output_grads_list.setdefault(child, []).append(partial)

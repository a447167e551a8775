# block: needle.autograd:compute_gradient_of_variables
# error: starts from ones whatever out_grad is
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
node_to_output_grads_list[output_tensor] = [needle.init.ones_like(output_tensor)]
for node in reverse_topo_order:
    node.grad = sum_node_list(node_to_output_grads_list[node])
    if not node.is_leaf():
        for child, partial in zip(node.inputs, node.op.gradient_as_tuple(node.grad, node)):
            node_to_output_grads_list.setdefault(child, []).append(partial)

# block: needle.autograd:topo_sort_dfs
# error: leaves out the leaves
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
if node in visited or node.is_leaf():
    return
visited.add(node)
for child in node.inputs:
    topo_sort_dfs(child, visited, topo_order)
topo_order.append(node)

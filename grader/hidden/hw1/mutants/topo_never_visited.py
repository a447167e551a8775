# block: needle.autograd:topo_sort_dfs
# error: does not note which nodes it has visited
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
if node in visited:
    return
for child in node.inputs:
    topo_sort_dfs(child, visited, topo_order)
topo_order.append(node)

# block: needle.autograd:topo_sort_dfs
# error: writes a node down when it enters it (pre-order)
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
if node in visited:
    return
visited.add(node)
topo_order.append(node)
for child in node.inputs:
    topo_sort_dfs(child, visited, topo_order)

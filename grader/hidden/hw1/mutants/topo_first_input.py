# block: needle.autograd:topo_sort_dfs
# error: follows the first input only
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
if node in visited:
    return
visited.add(node)
for child in node.inputs[:1]:
    topo_sort_dfs(child, visited, topo_order)
topo_order.append(node)

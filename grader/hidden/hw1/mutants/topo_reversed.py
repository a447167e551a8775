# block: needle.autograd:find_topo_sort
# error: returns the order backwards
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
visited, topo_order = set(), []
for node in node_list:
    topo_sort_dfs(node, visited, topo_order)
return topo_order[::-1]

# block: needle.autograd:find_topo_sort
# error: forgets between the nodes of the list what it has visited
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
topo_order = []
for node in node_list:
    topo_sort_dfs(node, set(), topo_order)
return topo_order

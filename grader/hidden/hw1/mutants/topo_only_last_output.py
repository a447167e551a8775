# block: needle.autograd:find_topo_sort
# error: keeps only what the last node of the list needs
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for node in node_list:
    topo_order = []
    topo_sort_dfs(node, set(), topo_order)
return topo_order

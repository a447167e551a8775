# block: needle.autograd:find_topo_sort
# error: sorts below the first node of the list only
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
topo_order = []
topo_sort_dfs(node_list[0], set(), topo_order)
return topo_order

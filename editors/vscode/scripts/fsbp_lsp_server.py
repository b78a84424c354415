"""Runs the server that is packaged with the VS Code extension, with what stands beside this file and nothing else."""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TAG = f"cp{sys.version_info[0]}{sys.version_info[1]}"
# In front: with -I nothing of the user's is there, but site-packages of the interpreter is.
sys.path[:0] = [os.path.join(HERE, "libs"), os.path.join(HERE, "libs-" + TAG)]

from fsbp_lsp.server import main  # noqa: E402  # only now is it to be found

if __name__ == "__main__":
    sys.exit(main())

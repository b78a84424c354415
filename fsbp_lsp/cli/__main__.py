"""`python -m fsbp_lsp.cli`."""

import sys

from fsbp_lsp.cli import main

sys.exit(main())

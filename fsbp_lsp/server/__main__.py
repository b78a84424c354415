"""`python -m fsbp_lsp.server`: the language server without its command on the path."""

import sys

from fsbp_lsp.server import main

sys.exit(main())

"""Floor 2: fsbp.toml and [tool.fsbp]: discovery, typed settings, schema. The closest file wins; nothing is merged."""

from fsbp_lsp.config.errors import ConfigError
from fsbp_lsp.config.load import FILE_NAMES, Configuration
from fsbp_lsp.config.settings import Settings

__all__ = ["FILE_NAMES", "ConfigError", "Configuration", "Settings"]

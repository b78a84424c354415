"""Settings of the whole account."""

from __future__ import annotations

from fsbp_lsp.model import Attr, Kind


class PasswordPolicy(Kind, tf="aws_iam_account_password_policy"):
    # Defaults: AWS API reference, UpdateAccountPasswordPolicy.
    uppercase = Attr("require_uppercase_characters", None, default=False)
    lowercase = Attr("require_lowercase_characters", None, default=False)
    symbols = Attr("require_symbols", None, default=False)
    numbers = Attr("require_numbers", None, default=False)
    length = Attr("minimum_password_length", None, default=6)

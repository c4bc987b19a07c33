"""The secret that customer keys are made with. Who has it and the ids can undo the pseudonyms."""

from __future__ import annotations

import os
import secrets

from orchestration.lib.base.files import sync_folder
from orchestration.lib.base.home import Home

SHORTEST = 32  # characters; a shorter secret can be guessed


class PseudonymKeyError(RuntimeError):
    """The secret of this home cannot be used."""


def load_or_create_pseudonym_key(home: Home) -> str:
    """The secret of this home, made at the first run. Raises PseudonymKeyError if it is damaged:
    a new one would give every customer a new key."""
    path = home.root / "pseudonym.key"
    if not path.exists():
        draft = path.with_suffix(".new")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        sync_folder(home.root)
    key = path.read_text(encoding="utf-8").strip()
    if len(key) < SHORTEST:
        raise PseudonymKeyError(
            f"{path} is damaged: restore it, or set CX_PSEUDONYM_KEY. Without the old secret every "
            f"customer gets a new key."
        )
    return key

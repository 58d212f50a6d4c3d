"""The language of messages, found before anything is loaded that takes time."""

import os

PREFIX = "MONTHCLOSE_"
"""Of every environment variable that is a setting."""


def language(asked: str = "", configured: str = "") -> str:
    """The language of messages: asked for, configured, else the system's."""
    for text in (asked, configured, os.environ.get(f"{PREFIX}LANG", "")):
        if text:
            return "pt-BR" if text.lower().replace("_", "-").startswith("pt") else "en"
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return "pt-BR" if os.environ[name].lower().startswith("pt") else "en"
    return "en"

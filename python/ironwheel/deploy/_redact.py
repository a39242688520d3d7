"""Keeps secrets out of what people read: tokens, client secrets, passwords."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from typing import Any, Iterator, Optional, Set

HIDDEN = "(hidden)"

# A signed token as a whole, whatever it was found in; and the value behind words that announce one.
_TOKEN = re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?")
_NAMED = re.compile(
    r"(?i)(\bbearer\s+|\b(?:client_secret|client_assertion|access_token|refresh_token|id_token|password|sig)\b"
    r"[\"']?\s*[=:]\s*[\"']?)([^\s\"'&,;}]+)"
)
_VARIABLES = ("AZURE_CLIENT_SECRET", "AZURE_PASSWORD", "AZURE_CLIENT_CERTIFICATE_PASSWORD")


class Cleaner:
    """Knows the secrets of one deployment, and takes them out of texts."""

    def __init__(self) -> None:
        self._secrets: Set[str] = set()
        for name in _VARIABLES:
            self.add(os.environ.get(name))

    def add(self, secret: Optional[str]) -> None:
        """Remembers a secret; very short ones would tear holes into every text."""
        if secret and len(secret) >= 4:
            self._secrets.add(secret)

    def clean(self, words: str) -> str:
        """`words` without secrets."""
        from urllib.parse import quote, quote_plus

        for secret in sorted(self._secrets, key=len, reverse=True):
            for form in (secret, quote(secret, safe=""), quote_plus(secret)):
                words = words.replace(form, HIDDEN)
        return _NAMED.sub(lambda found: found.group(1) + HIDDEN, _TOKEN.sub(HIDDEN, words))

    def __repr__(self) -> str:
        return f"Cleaner({len(self._secrets)} secrets)"


LOGGERS = ("azure", "msal", "urllib3", "requests")


@contextmanager
def logs_without(cleaner: Cleaner) -> Iterator[None]:
    """Cleans what the libraries under us log meanwhile: azure-identity logs the words of a sign-in that failed."""
    import logging

    before = logging.getLogRecordFactory()

    def make(*given: Any, **named: Any) -> logging.LogRecord:
        record = before(*given, **named)
        if record.name.partition(".")[0] in LOGGERS:
            try:
                record.msg, record.args = cleaner.clean(record.getMessage()), ()
            except (TypeError, ValueError):  # logging itself tells of a message that does not fit its arguments
                return record
            if record.exc_info:
                record.exc_text = cleaner.clean(logging.Formatter().formatException(record.exc_info))
        return record

    logging.setLogRecordFactory(make)
    try:
        yield
    finally:
        if logging.getLogRecordFactory() is make:
            logging.setLogRecordFactory(before)

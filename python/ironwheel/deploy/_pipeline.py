"""How requests go out: signed in, to one host only, over TLS, again when the line breaks or the service is busy."""

from __future__ import annotations

import os
import time
from typing import Any, Dict, List, Optional

from azure.core.exceptions import AzureError, DecodeError, HttpResponseError, IncompleteReadError
from azure.core.pipeline.policies import (
    ContentDecodePolicy,
    HeadersPolicy,
    HttpLoggingPolicy,
    HTTPPolicy,
    ProxyPolicy,
    RequestIdPolicy,
    SansIOHTTPPolicy,
    UserAgentPolicy,
)
from azure.core.pipeline.transport import RequestsTransport

from ironwheel.deploy import _clouds
from ironwheel.deploy._credentials import Tokens
from ironwheel.deploy._errors import ConnectionLost, DeployError, ForeignHost, ServiceRefused
from ironwheel.deploy._redact import Cleaner
from ironwheel.deploy._steps import Clock

BUSY = (408, 429, 430, 500, 502, 503, 504)
NOT_DONE = (429, 430, 503)  # refused before anything was done, so that a second try does nothing twice
BROKEN_LINES = 5
BUSY_ANSWERS = 6  # "not now", for which nothing was done
FAULTY_ANSWERS = 3  # "something went wrong"


def retry_after(headers: Any) -> Optional[float]:
    """Seconds a service asks to wait, which it says as seconds, milliseconds or a date; None where it does not."""
    from email.utils import parsedate_to_datetime

    for name, unit in (("retry-after-ms", 1000.0), ("x-ms-retry-after-ms", 1000.0), ("Retry-After", 1.0)):
        said = str(headers.get(name) or "").strip()
        if not said:
            continue
        try:
            seconds = float(said) / unit
        except ValueError:
            try:
                seconds = parsedate_to_datetime(said).timestamp() - time.time()
            except (TypeError, ValueError, IndexError, OverflowError):
                continue
        if seconds == seconds:  # not NaN
            return max(0.0, seconds)
    return None


class Patience(HTTPPolicy):  # type: ignore[misc, type-arg, unused-ignore]
    """Sends again what got no answer, or the answer to come later.

    The option ``repeat=False`` is for requests that must not be done twice: they are sent again only where it is
    certain that they were not done. `unsure` then tells whether an earlier try of the last request may have been.
    """

    def __init__(self, clock: Clock, what: str, cleaner: Cleaner) -> None:
        super().__init__()
        self._clock = clock
        self._what = what
        self._cleaner = cleaner
        self.unsure = False

    def send(self, request: Any) -> Any:
        """One request and its repetitions."""
        repeat = request.context.options.pop("repeat", True)
        self.unsure = False
        broken = busy = 0
        while True:
            what = f"{request.http_request.method} {self._what}"
            self._clock.check(what)
            _rewind(request)
            # a silent service must not keep us beyond the time limit
            request.context.options["read_timeout"] = max(1.0, min(300.0, self._clock.left()))
            request.context.options["connection_timeout"] = max(1.0, min(30.0, self._clock.left()))
            try:
                response = self.next.send(request)
            except AzureError as error:
                if isinstance(error, DecodeError) and not isinstance(error, IncompleteReadError):
                    raise  # an answer, if not the expected one
                if isinstance(error, HttpResponseError) and error.response is not None:
                    raise
                broken += 1
                lost = self._lost(what, error, broken)
                if _certificate(error) or broken >= BROKEN_LINES:
                    raise lost from None
                if not _never_sent(error):
                    self.unsure = True
                    if not repeat:
                        raise lost from None
                self._clock.sleep(min(0.25 * 2**broken, 8.0), what)
                continue
            status = response.http_response.status_code
            enough = BUSY_ANSWERS if status in NOT_DONE else FAULTY_ANSWERS
            if status not in BUSY or busy >= enough or (not repeat and status not in NOT_DONE):
                return response
            busy += 1
            if status not in NOT_DONE:
                self.unsure = True
            asked = retry_after(response.http_response.headers)
            wait = min(0.5 * 2**busy, 10.0) if asked is None else max(asked, 0.05)
            self._clock.sleep(wait, what, throttled=True)

    def _lost(self, what: str, error: AzureError, tries: int) -> ConnectionLost:
        words = self._cleaner.clean(str(error))
        if _certificate(error):
            return ConnectionLost(
                f"{what}: the service's certificate is not trusted: {words}",
                hint="name the file with your organisation's certificates in SSL_CERT_FILE or REQUESTS_CA_BUNDLE",
            )
        return ConnectionLost(
            f"{what}: no answer in {tries} {'try' if tries == 1 else 'tries'}: {words}",
            hint="check the network and run the same command again, which goes on from here",
        )


def _rewind(request: Any) -> None:
    """Back to the beginning of a body that is read like a file."""
    sent = request.http_request
    for name in ("content", "body", "data"):
        body: Any = getattr(sent, name, None)
        if hasattr(body, "seek"):
            body.seek(0)


def _chain(error: BaseException) -> List[BaseException]:
    found: List[BaseException] = []
    todo: List[Any] = [error]
    while todo:
        one = todo.pop()
        if isinstance(one, BaseException) and one not in found:
            found.append(one)
            todo += [
                one.__cause__,
                one.__context__,
                getattr(one, "inner_exception", None),
                getattr(one, "reason", None),
            ]
            todo += [part for part in one.args if isinstance(part, BaseException)]
    return found


def _certificate(error: BaseException) -> bool:
    import ssl

    return any(isinstance(one, ssl.SSLCertVerificationError) for one in _chain(error))


def _never_sent(error: BaseException) -> bool:
    """Whether not even a connection came about."""
    names = {type(one).__name__ for one in _chain(error)}
    return bool(names & {"NewConnectionError", "ConnectTimeoutError", "ConnectTimeout", "NameResolutionError"})


class Unread(SansIOHTTPPolicy):  # type: ignore[misc, type-arg, unused-ignore]
    """In the place of azure-core's decoding of bodies, and of Microsoft's models of them: `Answer` reads what came.

    They fail on types and forms they do not know, and the status and words of an error are lost with that.
    """

    def on_response(self, request: Any, response: Any) -> None:
        """Says that the body was read, and is nothing."""
        response.context[ContentDecodePolicy.CONTEXT_NAME] = None


class Bearer(HTTPPolicy):  # type: ignore[misc, type-arg, unused-ignore]
    """Adds the token, for the one host it may go to; a 401 is answered once with a fresh one."""

    def __init__(self, tokens: Tokens, scope: str, base: str) -> None:
        super().__init__()
        self._tokens = tokens
        self._scope = scope
        self._place = _clouds.place_of(base)

    def send(self, request: Any) -> Any:
        """One request, signed in."""
        if _clouds.place_of(request.http_request.url) != self._place:
            host = _clouds.host_of(request.http_request.url)
            raise ForeignHost(
                f"the service points to {host or 'no host'}, where its token must not go",
                hint="if that host is yours, name it as the endpoint",
            )
        request.http_request.headers["Authorization"] = "Bearer " + self._tokens.get(self._scope)
        response = self.next.send(request)
        if response.http_response.status_code != 401:
            return response
        _rewind(request)
        fresh = self._tokens.renew(self._scope, _claims(response.http_response.headers.get("WWW-Authenticate")))
        request.http_request.headers["Authorization"] = "Bearer " + fresh
        return self.next.send(request)


def _claims(challenge: Optional[str]) -> Optional[str]:
    """What a service wants a token to say, of the header in which it does."""
    import base64
    import binascii
    import re

    found = re.search(r'claims="([^"]+)"', challenge or "")
    if found is None:
        return None
    try:
        return base64.urlsafe_b64decode(found.group(1) + "=" * (-len(found.group(1)) % 4)).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None


class Trust:
    """The certificates to trust: those in every file the usual variables name, else the certifi package's."""

    FILES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")

    def __init__(self) -> None:
        self._made: Optional[str] = None
        files: Dict[str, str] = {}
        folders: Dict[str, str] = {}
        for name in (*self.FILES, "SSL_CERT_DIR"):
            place = os.environ.get(name)
            if place and os.path.isdir(place):
                folders.setdefault(os.path.realpath(place), name)
            elif place and name != "SSL_CERT_DIR":
                with open(place, "rb"):  # Python's own error names the file
                    files.setdefault(os.path.realpath(place), name)
        self.verify: Any = True
        if len(files) == 1:
            self.verify = next(iter(files))
        elif files:
            self.verify = self._made = _together(list(files))
        elif folders:
            self.verify = next(iter(folders))

    def close(self) -> None:
        """Removes the file that was made of several."""
        if self._made is not None:
            os.unlink(self._made)
            self._made = None


def _together(files: List[str]) -> str:
    import tempfile

    number, made = tempfile.mkstemp(prefix="ironwheel-certificates-", suffix=".pem")
    with open(number, "wb") as bundle:
        for file in files:
            with open(file, "rb") as opened:
                bundle.write(opened.read() + b"\n")
    return made


def policies(patience: Patience, bearer: Bearer) -> List[Any]:
    """What every request goes through. No redirects: a token is for the host that was named."""
    from ironwheel._lib import lib

    return [
        RequestIdPolicy(),
        HeadersPolicy(),
        UserAgentPolicy(user_agent=f"ironwheel/{lib.iw_version().decode('ascii')}", user_agent_overwrite=True),
        ProxyPolicy(),
        Unread(),
        patience,
        bearer,
        HttpLoggingPolicy(),  # hides the values of all headers and parameters it does not know to be harmless
    ]


class SigningIn(RequestsTransport):  # type: ignore[misc, type-arg, unused-ignore]
    """Connections to an authority, for azure-identity: none of them outlasts the time limit."""

    LONGEST = 30.0  # an authority answers at once, or not at all

    def __init__(self, clock: Clock, authority: str, verify: Any) -> None:
        super().__init__(connection_verify=verify, use_env_settings=not _clouds.is_loopback(authority))
        self._clock = clock

    def send(self, request: Any, **options: Any) -> Any:
        """One request."""
        self._clock.check("signing in")
        longest = max(0.1, min(self.LONGEST, self._clock.left()))
        for name in ("read_timeout", "connection_timeout"):
            options[name] = min(options.get(name) or longest, longest)
        return super().send(request, **options)


def transport(base: str, trust: Trust) -> Any:
    """Connections to the service."""
    return RequestsTransport(connection_verify=trust.verify, use_env_settings=not _clouds.is_loopback(base))


def unexpected(what: str, error: AzureError, cleaner: Cleaner) -> DeployError:
    """For what the libraries raise beside an answer with an error."""
    return ServiceRefused(
        f"{what}: {cleaner.clean(str(error))}", hint="run the same command again; report it if it stays"
    )

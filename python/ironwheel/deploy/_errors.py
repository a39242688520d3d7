"""What can go wrong with a deployment, by name, each with the way out."""

from __future__ import annotations

from typing import Callable, List, Optional, Type


class DeployError(OSError):
    """A deployment that did not come about: what happened, and in `hint` what to do about it.

    Attributes
    ----------
    message : str
        What happened, with the service's own words where it gave any.
    hint : str or None
        What to do.
    code : str
        The service's error code, or the name of this class.
    status : int or None
        The HTTP status, where the service answered.
    request_id : str or None
        What Microsoft's support asks for.
    step : str or None
        The step it happened in.
    done : list of str
        The steps that were finished before it, which stay done.
    """

    def __init__(
        self,
        message: str,
        *,
        hint: Optional[str] = None,
        code: Optional[str] = None,
        status: Optional[int] = None,
        request_id: Optional[str] = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code or type(self).__name__
        self.status = status
        self.request_id = request_id
        self.step: Optional[str] = None
        self.done: List[str] = []

    def clean(self, cleaned: Callable[[str], str]) -> None:
        """Takes secrets out of everything the service may have repeated them in."""
        self.message, self.code = cleaned(self.message), cleaned(self.code)
        self.hint = self.hint and cleaned(self.hint)
        self.request_id = self.request_id and cleaned(self.request_id)
        self.args = (self.message,)

    def __str__(self) -> str:
        words = self.message if self.hint is None else f"{self.message} | what to do: {self.hint}"
        return words if self.request_id is None else f"{words} (request {self.request_id})"


class InvalidWheel(DeployError, ValueError):
    """The file is no wheel, contradicts itself, is too large, or does not fit Spark's Linux machines."""


class SignInFailed(DeployError):
    """No token was to be had, or the service refused a fresh one (401)."""


class NotPermitted(DeployError, PermissionError):
    """Signed in, but without the right to do it (403)."""


class TargetNotFound(DeployError, FileNotFoundError):
    """The workspace, environment, pool, resource group or subscription does not exist, or is not visible (404)."""


class LibraryAlreadyExists(DeployError, FileExistsError):
    """The Synapse workspace has a library of this file name that is not known to be this wheel (409)."""


class LibraryIncomplete(DeployError):
    """A Synapse library did not become usable: it stayed Incomplete, or failed, after it was uploaded."""


class LibraryInUse(DeployError):
    """A Synapse library cannot be deleted while a pool uses it."""


class AlreadyPublished(DeployError, FileExistsError):
    """The Fabric environment has published a library of this file name; uploading it again has no effect."""


class PublishRunning(DeployError):
    """The Fabric environment is being published by somebody else."""


class PublishFailed(DeployError):
    """Fabric could not publish the environment, or somebody cancelled it."""


class PoolUpdateFailed(DeployError):
    """Azure could not install the library in the Spark pool."""


class TwoVersions(DeployError):
    """Pool or environment has two versions of the package, although one of them was to be taken out."""


class Throttled(DeployError):
    """The service asked to wait again and again, or for longer than the time limit (429, 503)."""


class TimeLimit(DeployError, TimeoutError):
    """It took longer than `timeout`; what the service was told to do goes on."""


class ConnectionLost(DeployError, ConnectionError):
    """No answer came, several times over."""


class ForeignHost(DeployError):
    """A request would have taken a token to another host than the one the caller named."""


class ServiceRefused(DeployError):
    """The service refused a request for another reason."""


class DeployStopped(KeyboardInterrupt):
    """Ctrl-C: says what was done, and how to go on.

    Attributes
    ----------
    step : str
        The step it came in.
    done : list of str
        The steps that were finished.
    hint : str
        How to go on.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.step: Optional[str] = None
        self.done: List[str] = []
        self.hint: Optional[str] = None


BY_STATUS = {401: SignInFailed, 403: NotPermitted, 404: TargetNotFound, 429: Throttled, 503: Throttled}


def by_status(status: int) -> Type[DeployError]:
    """The class for an HTTP status."""
    return BY_STATUS.get(status, ServiceRefused)

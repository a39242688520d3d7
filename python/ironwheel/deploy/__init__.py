"""The wheel into Microsoft Fabric and Azure Synapse: upload, publish or attach, wait, verify.

Importing it is light; azure-core, azure-identity and azure-synapse-artifacts are imported when something is deployed
(``pip install 'ironwheel[deploy]'``). docs/deploy.md tells the whole way, with the permissions it takes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional

if TYPE_CHECKING:
    from ironwheel.deploy._errors import (
        AlreadyPublished,
        ConnectionLost,
        DeployError,
        DeployStopped,
        ForeignHost,
        InvalidWheel,
        LibraryAlreadyExists,
        LibraryIncomplete,
        LibraryInUse,
        NotPermitted,
        PoolUpdateFailed,
        PublishFailed,
        PublishRunning,
        ServiceRefused,
        SignInFailed,
        TargetNotFound,
        Throttled,
        TimeLimit,
        TwoVersions,
    )
    from ironwheel.deploy._result import Deployed
    from ironwheel.deploy._steps import Progress

__all__ = [
    "AlreadyPublished",
    "ConnectionLost",
    "DeployError",
    "DeployStopped",
    "Deployed",
    "ForeignHost",
    "InvalidWheel",
    "LibraryAlreadyExists",
    "LibraryInUse",
    "LibraryIncomplete",
    "NotPermitted",
    "PoolUpdateFailed",
    "PublishFailed",
    "PublishRunning",
    "ServiceRefused",
    "SignInFailed",
    "TargetNotFound",
    "Throttled",
    "TimeLimit",
    "TwoVersions",
    "fabric",
    "synapse",
]


def __getattr__(name: str) -> Any:
    """Errors and results when somebody asks for them: most who import ironwheel deploy nothing."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from ironwheel.deploy import _errors, _result

    globals().update({each: getattr(_errors, each) for each in __all__ if hasattr(_errors, each)})
    globals()["Deployed"] = _result.Deployed
    return globals()[name]


def fabric(
    wheel: Any,
    workspace: str,
    environment: str,
    *,
    credential: Any = None,
    auth: Optional[str] = None,
    endpoint: Optional[str] = None,
    arm_endpoint: Optional[str] = None,
    authority: Optional[str] = None,
    wait: bool = True,
    dry_run: bool = False,
    timeout: float = 3600.0,
    progress: Progress = None,
) -> Deployed:
    """Deploys a wheel to an environment of Microsoft Fabric, and publishes the environment.

    Other versions of the same package are taken out of the environment in the same go. Running it again is safe: what
    an interrupted run has done is found and not done twice.

    Parameters
    ----------
    wheel : str or path
        The file; it is checked before anything is sent.
    workspace, environment : str
        Name or id of each. A name of a workspace is looked up among those the identity sees.
    credential : azure.core.credentials.TokenCredential, optional
        Signs in. By default one is made as `auth` says.
    auth : {None, "default", "cli", "sp", "mi", "notebook"}
        ``"cli"``: as ``az login`` did. ``"sp"``: the service principal in AZURE_TENANT_ID, AZURE_CLIENT_ID and
        AZURE_CLIENT_SECRET (or AZURE_CLIENT_CERTIFICATE_PATH, or AZURE_FEDERATED_TOKEN_FILE). ``"mi"``: the managed
        identity (AZURE_CLIENT_ID picks one). ``"notebook"``: whoever runs the notebook. ``"default"``: what
        azure-identity's DefaultAzureCredential finds. None: ``"notebook"`` inside a notebook of Fabric or Synapse, else
        ``"default"``.
    endpoint : str, optional
        Another https address of the service (default ``https://api.fabric.microsoft.com``).
    arm_endpoint : str, optional
        Checked, and not used: nothing of Fabric's is asked of Azure Resource Manager. It is here so that the same
        options go to either function.
    authority : str, optional
        Another https address to sign in at (default AZURE_AUTHORITY_HOST, else the public cloud's).
    wait : bool
        False comes back as soon as Fabric has accepted the publishing; `operation` tells where to ask for it, and the
        same call with ``wait=True`` waits for it.
    dry_run : bool
        True sends nothing at all, and answers the calls that would be made.
    timeout : float
        Time limit of the whole, in seconds.
    progress : bool or callable, optional
        True writes the steps with their times to standard error; a callable gets ``(done, total)``, 100 a step.

    Returns
    -------
    Deployed
        What was done; ``str()`` of it is for people, ``to_dict()`` for machines.

    Raises
    ------
    ValueError, TypeError
        Wrong parameters: an endpoint that is not https, an unknown `auth`.
    OSError
        The file cannot be read.
    DeployError
        Anything else, by name: `InvalidWheel`, `SignInFailed`, `NotPermitted`, `TargetNotFound`, `AlreadyPublished`,
        `PublishRunning`, `PublishFailed`, `TwoVersions`, `Throttled`, `TimeLimit`, `ConnectionLost`, `ForeignHost`,
        `ServiceRefused`. Each says in `hint` what to do.
    DeployStopped
        Ctrl-C: a KeyboardInterrupt that says what was done.
    ImportError
        The extra is not installed.

    Notes
    -----
    Tokens go to the host of `endpoint` alone, over TLS with the certificates named by REQUESTS_CA_BUNDLE,
    CURL_CA_BUNDLE, SSL_CERT_FILE or SSL_CERT_DIR; neither they nor other secrets are ever shown. Source of the calls:
    Microsoft's OpenAPI definition of Fabric's environments, release version (``beta=false``).

    Examples
    --------
    >>> wheel = "dist/ironwheel-0.1.0-py3-none-manylinux2014_x86_64.whl"
    >>> result = fabric(wheel, "Sales", "Spark 3.5")  # doctest: +SKIP
    >>> result.state, result.replaced  # doctest: +SKIP
    ('done', ['ironwheel-0.0.9-py3-none-manylinux2014_x86_64.whl'])
    """
    from ironwheel.deploy import _run

    return _run.fabric(
        wheel, workspace, environment, credential=credential, auth=auth, endpoint=endpoint, arm_endpoint=arm_endpoint,
        authority=authority, wait=wait, dry_run=dry_run, timeout=timeout, progress=progress,
    )  # fmt: skip


def synapse(
    wheel: Any,
    workspace: str,
    pool: str,
    resource_group: str,
    subscription: Optional[str] = None,
    *,
    credential: Any = None,
    auth: Optional[str] = None,
    endpoint: Optional[str] = None,
    arm_endpoint: Optional[str] = None,
    authority: Optional[str] = None,
    wait: bool = True,
    dry_run: bool = False,
    timeout: float = 3600.0,
    progress: Progress = None,
) -> Deployed:
    """Deploys a wheel to an Apache Spark pool of Azure Synapse Analytics.

    The wheel becomes a library of the workspace, and then of the pool, whose other versions of the same package are
    taken out in the same request. Nothing else about the pool changes: what the service said about it goes back
    character by character. Running it again is safe.

    Parameters
    ----------
    wheel : str or path
        The file; it is checked before anything is sent.
    workspace, pool, resource_group : str
        Their names.
    subscription : str, optional
        Its id (default AZURE_SUBSCRIPTION_ID).
    endpoint : str, optional
        Another https address of the workspace (default ``https://WORKSPACE.dev.azuresynapse.net``, or as the
        authority's cloud has it).
    arm_endpoint : str, optional
        Another https address of Azure Resource Manager (default ``https://management.azure.com``, likewise).
    wait : bool
        False comes back as soon as the pool's update is accepted; the library is waited for in any case.
    credential, auth, authority, dry_run, timeout, progress
        As for `fabric`.

    Returns
    -------
    Deployed
        What was done.

    Raises
    ------
    ValueError, TypeError, OSError, DeployStopped, ImportError
        As `fabric`.
    DeployError
        By name: as `fabric`, and `LibraryAlreadyExists`, `LibraryIncomplete`, `LibraryInUse`, `PoolUpdateFailed`.

    Notes
    -----
    Source of the calls: Microsoft's OpenAPI definitions of Synapse's libraries (2020-12-01, through
    azure-synapse-artifacts) and Spark pools (2021-06-01).

    Examples
    --------
    >>> wheel = "dist/ironwheel-0.1.0-py3-none-manylinux2014_x86_64.whl"
    >>> print(synapse(wheel, "contoso", "spark35", "data", "3333...", dry_run=True))  # doctest: +SKIP
    """
    from ironwheel.deploy import _run

    return _run.synapse(
        wheel, workspace, pool, resource_group, subscription, credential=credential, auth=auth, endpoint=endpoint,
        arm_endpoint=arm_endpoint, authority=authority, wait=wait, dry_run=dry_run, timeout=timeout, progress=progress,
    )  # fmt: skip

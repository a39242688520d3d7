"""``ironwheel deploy``: a wheel into Microsoft Fabric or Azure Synapse."""

from __future__ import annotations

import argparse
import sys
from typing import Any, Dict

from ironwheel.cli import _output
from ironwheel.cli._arguments import Commands
from ironwheel.cli._status import DONE, FAILED, STOPPED

_EPILOG = (
    "Exit status: 0 done (or accepted, with --no-wait), 1 the wheel failed a check or the service refused, 2 wrong use "
    "or trouble with the file, 130 stopped by Ctrl-C. Running it again is safe: it goes on where the last run ended."
)


def add(commands: Commands) -> None:
    """Adds the command and its two services."""
    added = commands.add("deploy", _none, "deploy a wheel to Microsoft Fabric or Azure Synapse")
    added.epilog = _EPILOG
    services = added.add_subparsers(dest="service", metavar="SERVICE", required=True)
    shared = _shared()

    fabric = services.add_parser(
        "fabric", parents=[shared], epilog=_EPILOG, help="an environment of Microsoft Fabric",
        description="Upload a wheel to an environment of Microsoft Fabric, publish the environment, wait and verify.",
    )  # fmt: skip
    fabric.add_argument("--workspace", required=True, metavar="W", help="name or id of the workspace")
    fabric.add_argument("--environment", required=True, metavar="E", help="name or id of the environment")
    fabric.set_defaults(run=_fabric)

    synapse = services.add_parser(
        "synapse", parents=[shared], epilog=_EPILOG, help="a Spark pool of Azure Synapse",
        description="Upload a wheel to a workspace of Azure Synapse and have a Spark pool use it in the place of other "
        "versions of the package; wait and verify.",
    )  # fmt: skip
    synapse.add_argument("--workspace", required=True, metavar="W", help="name of the workspace")
    synapse.add_argument("--pool", required=True, metavar="P", help="name of the Apache Spark pool")
    synapse.add_argument("--resource-group", required=True, metavar="G", help="the workspace's resource group")
    synapse.add_argument("--subscription", metavar="S", help="its subscription's id (default: AZURE_SUBSCRIPTION_ID)")
    synapse.set_defaults(run=_synapse)


def _shared() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("wheel", metavar="WHEEL", help="the wheel's file")
    shared.add_argument(
        "--auth", choices=("cli", "sp", "mi", "notebook", "default"),
        help="who signs in: as az login did, the service principal in AZURE_TENANT_ID, AZURE_CLIENT_ID and "
        "AZURE_CLIENT_SECRET, the managed identity, whoever runs the notebook; by default what there is",
    )  # fmt: skip
    shared.add_argument("--endpoint", metavar="URL", help="another https address of the service")
    shared.add_argument(
        "--arm-endpoint", metavar="URL", help="another https address of Azure Resource Manager (no use to Fabric)"
    )
    shared.add_argument("--authority", metavar="URL", help="another https address to sign in at")
    shared.add_argument("--dry-run", action="store_true", help="send nothing, show every call that would be made")
    shared.add_argument("--no-wait", action="store_true", help="come back as soon as the last step is accepted")
    shared.add_argument(
        "--timeout", type=_seconds, default=3600.0, metavar="SECONDS", help="time limit of it all (default: 3600)"
    )
    shared.add_argument("--json", action="store_true", help="the result, or the error, as JSON")
    shared.add_argument("--quiet", action="store_true", help="do not show the steps on standard error")
    return shared


def _seconds(words: str) -> float:
    value = float(words)
    if not 0 < value <= 7 * 86400:
        raise argparse.ArgumentTypeError(f"must be more than 0 and at most 604800 seconds, got {words}")
    return value


def _none(_asked: argparse.Namespace) -> int:  # argparse asks for a service before this is reached
    raise AssertionError("a service is required")


def _fabric(asked: argparse.Namespace) -> int:
    from ironwheel import deploy

    return _deploy(asked, deploy.fabric, {"workspace": asked.workspace, "environment": asked.environment})


def _synapse(asked: argparse.Namespace) -> int:
    from ironwheel import deploy

    named = {
        "workspace": asked.workspace,
        "pool": asked.pool,
        "resource_group": asked.resource_group,
        "subscription": asked.subscription,
    }
    return _deploy(asked, deploy.synapse, named)


def _deploy(asked: argparse.Namespace, function: Any, named: Dict[str, Any]) -> int:
    import logging

    from ironwheel.deploy import DeployError, DeployStopped

    for name in ("azure", "msal"):  # what they warn of is in our error already
        logging.getLogger(name).addHandler(logging.NullHandler())
    try:
        result = function(
            asked.wheel, **named, auth=asked.auth, endpoint=asked.endpoint, arm_endpoint=asked.arm_endpoint,
            authority=asked.authority, wait=not asked.no_wait, dry_run=asked.dry_run, timeout=asked.timeout,
            progress=not asked.quiet,
        )  # fmt: skip
    except DeployError as error:
        _refused(asked, error)
        return FAILED
    except DeployStopped as error:
        print(f"ironwheel deploy: {_output.printable(str(error))}", file=sys.stderr)
        if asked.json:
            _output.json({"state": "stopped", "step": error.step, "done": error.done, "hint": error.hint})
        return STOPPED
    if asked.json:
        _output.json(result.to_dict())
    else:
        for line in str(result).splitlines():
            print(_output.printable(line))
    return DONE


def _refused(asked: argparse.Namespace, error: Any) -> None:
    """What happened, where, what is done already, and what to do: a line each."""
    name = type(error).__name__
    lines = [f"{name}: {error.message}", f"in step: {error.step}"]
    lines += [f"done before: {', '.join(error.done)}"] if error.done else []
    lines += [f"what to do: {error.hint}"] if error.hint else []
    lines += [f"request: {error.request_id}"] if error.request_id else []
    for line in lines:
        print(f"ironwheel deploy: {_output.printable(line)}", file=sys.stderr)
    if asked.json:
        told = ("message", "hint", "code", "status", "request_id", "step", "done")
        _output.json({"state": "failed", "error": {"name": name, **{each: getattr(error, each) for each in told}}})

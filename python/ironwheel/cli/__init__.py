"""The command ``ironwheel``: the domains from a shell, a file per command.

Exit status: 0 done, 1 a check failed, 2 wrong use or trouble with a file, 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import Optional, Sequence

from ironwheel.cli._arguments import Commands
from ironwheel.cli._arguments import integer as _integer
from ironwheel.cli._output import complain, encode_output
from ironwheel.cli._status import DONE, FAILED, STOPPED, WRONG

__all__ = ["DONE", "FAILED", "STOPPED", "WRONG", "_integer", "main"]


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Runs the command with these arguments (default: the process's own) and returns its exit status.

    Wrong arguments end the process with status 2, as `argparse` has it.

    Examples
    --------
    >>> main(["factor", "--lines", "360"])
    360: 2 2 2 3 3 5
    0
    """
    if arguments is None:  # the process is ours, and so are its streams
        encode_output()
    asked = _parser().parse_args(arguments)
    try:
        status: int = asked.run(asked)
        sys.stdout.flush()  # here, where a reader that has gone is noticed
        return status
    except KeyboardInterrupt:
        print(f"ironwheel {asked.command}: stopped", file=sys.stderr)
        return STOPPED
    except BrokenPipeError:
        # The reader has what it wanted ("| head"). Python flushes once more at exit: let it, into nothing.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except (OSError, ValueError, TypeError, OverflowError, MemoryError, ImportError) as error:
        complain(asked, error)
        return WRONG


def _parser() -> argparse.ArgumentParser:
    from ironwheel import __version__
    from ironwheel.cli import (
        count,
        demo,
        deploy,
        diff,
        factor,
        fingerprint,
        hash,
        info,
        primes,
        profile,
        render,
        scan,
        validate,
    )

    parser = argparse.ArgumentParser(
        prog="ironwheel",
        description="Native Rust for Python's data platforms.",
        epilog="Exit status: 0 done, 1 a check failed, 2 wrong use or trouble with a file, 130 stopped by Ctrl-C.",
    )
    parser.add_argument("--version", action="version", version=f"ironwheel {__version__}")
    commands = Commands(parser)
    for each in (demo, profile, validate, fingerprint, diff, hash, scan, count, render, primes, factor, deploy, info):
        each.add(commands)
    return parser

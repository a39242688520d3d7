"""Parse PowerShell scripts where no PowerShell is there to do it: exit status 1 at a syntax error.

usage: check_ps1.py SCRIPT.ps1...    from the environment of requirements/dev.txt

Parsing is all it does. It also refuses what PowerShell 7 reads and Windows PowerShell 5.1 does not, and a
function called that is neither defined in the script nor a cmdlet by its name.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import tree_sitter_pwsh
from tree_sitter import Language, Node, Parser

# What the grammar, which is PowerShell 7's, knows and 5.1 does not, by the kind of node; None: whatever it says.
TOO_NEW = [
    ("ternary_expression", None, "a ? b : c is PowerShell 7"),
    ("null_coalesce_expression", None, "?? is PowerShell 7"),
    ("assignment_operator", r"\?\?=", "??= is PowerShell 7"),
    ("pipeline_chain_tail", None, "&& and || between commands are PowerShell 7"),
    ("block_name", r"(?i)clean", "a clean block is PowerShell 7"),
    ("command_parameter", r"(?i)-Parallel", "ForEach-Object -Parallel is PowerShell 7"),
    ("variable", r"(?i)\$Is(Windows|Linux|MacOS|CoreCLR)", "is not there in 5.1"),
    ("variable", r"(?i)\$PSNativeCommand\w+", "is not there in 5.1"),
    ("ERROR", r"(?s).*\?[.\[].*", "?. and ?[] are PowerShell 7"),
]
# The cmdlets the scripts may use, all of them in 5.1.
CMDLETS = {
    "copy-item", "foreach-object", "get-childitem", "get-command", "get-content", "get-help", "get-item", "join-path",
    "new-item", "out-host", "out-null", "pop-location", "push-location", "remove-item", "select-object", "set-content",
    "set-strictmode", "split-path", "test-path", "where-object", "write-host",
}  # fmt: skip


def walk(node: Node) -> list[Node]:
    nodes = [node]
    for child in node.children:
        nodes += walk(child)
    return nodes


def problems(path: Path) -> list[str]:
    source = path.read_bytes()
    nodes = walk(Parser(Language(tree_sitter_pwsh.language())).parse(source).root_node)

    def at(node: Node) -> str:
        return f"{path}:{node.start_point[0] + 1}:{node.start_point[1] + 1}"

    def text(node: Node) -> str:
        return source[node.start_byte : node.end_byte].decode("utf-8")

    found = [
        f"{at(node)}: syntax error near {text(node)[:40]!r}"
        for node in nodes
        if node.type == "ERROR" or node.is_missing
    ]
    found += [
        f"{at(node)}: {text(node)[:40]}: {reason}"
        for node in nodes
        for kind, pattern, reason in TOO_NEW
        if node.type == kind and (pattern is None or re.fullmatch(pattern, text(node)))
    ]
    defined = {text(node).lower() for node in nodes if node.type == "function_name"}
    for node in nodes:
        # A name after `&` is a program, and comes from a variable here; the others are words of the language.
        name = text(node).lower() if node.type == "command_name" else ""
        if "-" in name and not name.startswith("$") and name not in defined | CMDLETS:
            found.append(f"{at(node)}: {text(node)} is neither defined here nor a known cmdlet")
    return found


def main() -> int:
    found = [problem for argument in sys.argv[1:] for problem in problems(Path(argument))]
    print("\n".join(found) if found else f"{', '.join(sys.argv[1:])}: PowerShell that parses")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

"""Parse PowerShell scripts where no PowerShell is there to do it: exit status 1 at a syntax error.

usage: check_ps1.py SCRIPT.ps1...    from the environment of requirements/dev.txt

Parsing is all it does. It also refuses what PowerShell 7 reads and Windows PowerShell 5.1 does not, and a
function called that is neither defined in the script nor a cmdlet by its name.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import tree_sitter_powershell
from tree_sitter import Language, Node, Parser

TOO_NEW = {
    r"(?<!\?)\?\?=?": "?? is PowerShell 7",
    r"(?<![&|])(&&|\|\|)(?![&|])": "&& and || between commands are PowerShell 7",
    r"\?\.[A-Za-z]": "?. is PowerShell 7",
    r"-Parallel\b": "ForEach-Object -Parallel is PowerShell 7",
    r"\$Is(Windows|Linux|MacOS)\b": "$IsWindows is not there in 5.1",
}
# The cmdlets the scripts may use, all of them in 5.1.
CMDLETS = {
    "copy-item", "get-childitem", "get-command", "get-content", "get-help", "get-item", "join-path", "new-item",
    "out-host", "out-null", "pop-location", "push-location", "remove-item", "select-object", "set-content",
    "set-strictmode", "split-path", "test-path", "where-object", "write-host",
}  # fmt: skip


def walk(node: Node) -> list[Node]:
    nodes = [node]
    for child in node.children:
        nodes += walk(child)
    return nodes


def problems(path: Path) -> list[str]:
    source = path.read_bytes()
    nodes = walk(Parser(Language(tree_sitter_powershell.language())).parse(source).root_node)

    def at(node: Node) -> str:
        return f"{path}:{node.start_point[0] + 1}:{node.start_point[1] + 1}"

    def text(node: Node) -> str:
        return source[node.start_byte : node.end_byte].decode("utf-8")

    found = [
        f"{at(node)}: syntax error near {text(node)[:40]!r}"
        for node in nodes
        if node.type == "ERROR" or node.is_missing
    ]
    quoted = [node for node in nodes if node.type in ("comment", "string_literal") and node.parent is not None]
    code = bytearray(source)
    for node in quoted:
        code[node.start_byte : node.end_byte] = b" " * (node.end_byte - node.start_byte)
    for number, line in enumerate(code.decode("utf-8").splitlines(), start=1):
        found += [f"{path}:{number}: {reason}" for pattern, reason in TOO_NEW.items() if re.search(pattern, line)]
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

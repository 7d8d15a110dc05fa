# SPDX-License-Identifier: Apache-2.0
"""Prints where a Nix file can not be parsed. Usage: parse_nix.py FILE..."""

import sys

import tree_sitter_nix
from tree_sitter import Language, Parser


def mistakes(node):
    """The innermost nodes with a mistake."""
    if node.type == "ERROR" or node.is_missing:
        yield node
        return
    for child in node.children:
        if child.has_error or child.is_missing:
            yield from mistakes(child)


parser = Parser(Language(tree_sitter_nix.language()))
for path in sys.argv[1:]:
    with open(path, "rb") as file:
        tree = parser.parse(file.read())
    for node in mistakes(tree.root_node):
        print(f"{path}:{node.start_point.row + 1}: can not be parsed")

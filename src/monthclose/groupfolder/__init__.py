"""A group as plain files: read whole or not at all, every mistake named; written; begun."""

from monthclose.groupfolder.files import Document
from monthclose.groupfolder.init import write_example
from monthclose.groupfolder.problems import (
    GroupFolderInvalid,
    GroupFolderMissing,
    GroupFolderNotEmpty,
    Problem,
)
from monthclose.groupfolder.reader import GroupFolder, Unused, read_group
from monthclose.groupfolder.writer import write_group

__all__ = [
    "Document",
    "GroupFolder",
    "GroupFolderInvalid",
    "GroupFolderMissing",
    "GroupFolderNotEmpty",
    "Problem",
    "Unused",
    "read_group",
    "write_example",
    "write_group",
]

# SPDX-License-Identifier: EUPL-1.2
"""What can go wrong before a rule runs: an unreadable parameter. A rule itself never raises."""


class ParameterError(ValueError):
    """A parameter file or a local value is wrong; the French message names the file and the line."""

    def __init__(self, message: str, *, file: str = "", line: int | None = None) -> None:
        where = f"{file}, ligne {line} : " if file and line is not None else f"{file} : " if file else ""
        super().__init__(f"{where}{message}")
        self.file = file
        self.line = line

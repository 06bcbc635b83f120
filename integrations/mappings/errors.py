"""
ConfigurationError
  MappingBrokenError   the mapping code cannot run at all: a person must change it; the job stops where it is
"""

from integrations.exceptions import ConfigurationError


class MappingBrokenError(ConfigurationError):
    """The mapping code does not load, or does not finish for record after record. `line` is 0 when not known."""

    code = "mapping_broken"

    def __init__(self, message: str, *, line: int = 0, technical: str = "") -> None:
        super().__init__(message, technical=technical)
        self.line = line

"""
ConfigurationError
  ModelSettingsError      a person must change a MODEL_ setting, the account at the provider, or what is asked
TransientError
  ModelTroubleError       the endpoint does not answer, or not now: the same call may work later
PlatformError
  ModelAnswerError        it answered, but with nothing that can be used
    AbilityMissingError   ... because it does not know something we asked of it: ask again without
"""

from integrations.exceptions import ConfigurationError, PlatformError, TransientError


class ModelSettingsError(ConfigurationError):
    """Asking again changes nothing before a person has changed something."""

    code = "model_settings"


class ModelTroubleError(TransientError):
    """Trouble that may pass. `wait` = after how many seconds to ask again; None when that is not worth waiting for."""

    code = "model_trouble"

    def __init__(self, message: str, *, wait: float | None, code: str = "", technical: str = "") -> None:
        super().__init__(message, code=code, technical=technical)
        self.wait = wait


class ModelAnswerError(PlatformError):
    """The model refused, was cut off, or said something that is no answer."""

    code = "model_answer"


class AbilityMissingError(ModelAnswerError):
    """The endpoint refused a request as it was made; `technical` names what it does not know, if it said so."""

    code = "model_ability"

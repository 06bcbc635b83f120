"""A text column that is encrypted at rest."""

from typing import TYPE_CHECKING, Any

from django.db import models

from integrations.models.crypto import decrypt, encrypt

if TYPE_CHECKING:
    TextField = models.TextField[Any, Any]
else:
    TextField = models.TextField


class EncryptedJSONField(TextField):
    """A JSON value, encrypted with the keys of `SYNCPANEL_ENCRYPTION_KEYS`. Cannot be searched, on purpose."""

    def get_prep_value(self, value: Any) -> str:
        return encrypt(value)

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        return {} if not value else decrypt(value)

    def to_python(self, value: Any) -> Any:
        return value

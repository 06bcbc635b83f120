"""Comparisons that Django does not have."""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

if TYPE_CHECKING:
    Lookup = models.Lookup[Any]
else:
    Lookup = models.Lookup


class NotOneOf(Lookup):
    """`kind__not_one_of=("a", "b")`: NOT IN with the words in the statement, since SQLite finds no partial index by
    parameters."""

    lookup_name = "not_one_of"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, tuple[str | int, ...]]:
        column, params = self.process_lhs(compiler, connection)
        words = ", ".join("'{}'".format(word.replace("'", "''")) for word in self.rhs)
        return f"{column} NOT IN ({words})", tuple(params)

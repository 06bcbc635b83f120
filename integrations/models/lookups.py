"""Comparisons with the words in the statement: SQLite does not find a partial index by parameters.

The words are those of the code, never of a person.
"""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

if TYPE_CHECKING:
    Lookup = models.Lookup[Any]
else:
    Lookup = models.Lookup


class OneOf(Lookup):
    """`status__one_of=("open", "retrying")`, as `in`. The same words in the same order as the index has them."""

    lookup_name = "one_of"
    prepare_rhs = False
    operator = "IN"

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, tuple[str | int, ...]]:
        column, params = self.process_lhs(compiler, connection)
        words = ", ".join("'{}'".format(str(word).replace("'", "''")) for word in self.rhs)
        return f"{column} {self.operator} ({words})", tuple(params)


class NotOneOf(OneOf):
    """`kind__not_one_of=("a", "b")`: the opposite."""

    lookup_name = "not_one_of"
    operator = "NOT IN"


for field in (models.CharField, models.TextField):
    for lookup in (OneOf, NotOneOf):
        field.register_lookup(lookup)

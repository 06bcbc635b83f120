"""The queue of a worker group where hints go through Redis."""

from django.db import Error as DatabaseError
from django_q.brokers.redis_broker import Redis
from redis.exceptions import RedisError

from integrations.supervisor.broker import GroupBroker


class RedisBroker(GroupBroker, Redis):  # type: ignore[misc]  # django-q2 has no types
    """Hints are elements of a Redis list."""

    is_away = (DatabaseError, RedisError)

"""Two syncs that keep two connections equal, and what both sides last agreed on."""

from django.db import models
from django.db.models import F, Q

from integrations.enums import Winner
from integrations.models.sync import Sync


class TwoWay(models.Model):
    """Two syncs as one: `rightward` reads the left connection and writes the right one, `leftward` the other way round.

    `pairs` = [{"left": field, "right": field, "way": Way, "wins": Winner or ""}, …]; an empty "wins" means that of the whole.
    A field that a mapping writes and no pair names goes its mapping's way.
    """

    rightward = models.OneToOneField(Sync, on_delete=models.PROTECT, related_name="as_rightward")
    leftward = models.OneToOneField(Sync, on_delete=models.PROTECT, related_name="as_leftward")
    pairs = models.JSONField(default=list)
    wins = models.CharField(max_length=6, choices=Winner, default=Winner.ASK)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(rightward=F("leftward")), name="two_way_of_two_syncs"),
        ]

    def __str__(self) -> str:
        return f"two-way {self.rightward_id} and {self.leftward_id}"


class Agreement(models.Model):
    """One person on both sides, and what both last agreed on.

    `values` = blob of {pair: [left value, right value]}, the pair named by its two fields ("email Email"), values as each side
    has them. `rounds` = {pair: [value sent, times]}: how often the same value had to be sent again, to notice two systems that
    keep correcting each other. `decisions` = {pair: "left" or "right"}: what a person decided, until it is carried out.
    """

    two_way = models.ForeignKey(TwoWay, on_delete=models.CASCADE, related_name="agreements")
    left_id = models.CharField(max_length=120)
    right_id = models.CharField(max_length=120)
    values = models.BinaryField()
    rounds = models.JSONField(default=dict)
    decisions = models.JSONField(default=dict)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["two_way", "left_id"], name="one_agreement_per_left"),
            models.UniqueConstraint(fields=["two_way", "right_id"], name="one_agreement_per_right"),
        ]

    def __str__(self) -> str:
        return f"{self.left_id} = {self.right_id}"

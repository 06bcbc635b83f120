"""The audiences of the account, each made when it is first looked at."""

from integrations.sandbox.mailchimp.audience import Audience
from integrations.sandbox.mailchimp.errors import refuse_missing
from integrations.sandbox.mailchimp.kinds import KINDS
from integrations.sandbox.scene import Scene
from integrations.sandbox.wire import Call

KIND = "members"


class Audiences:
    """By their ids; "members:<id>" is the name of the object that holds an audience's members."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._known = {kind.id: kind for kind in KINDS}
        self._made: dict[str, Audience] = {}

    def all(self) -> list[Audience]:
        return [self.named(one) for one in self._known]

    def named(self, list_id: str) -> Audience:
        """Raises KeyError for an audience there is not."""
        if list_id not in self._made:
            self._made[list_id] = Audience(self._known[list_id], self._scene.people, self._scene.clock)
        return self._made[list_id]

    def of_object(self, object_name: str) -> Audience:
        """Raises KeyError for an object there is not."""
        kind, _, list_id = object_name.partition(":")
        if kind != KIND:
            raise KeyError(object_name)
        return self.named(list_id)

    def called(self, call: Call) -> Audience:
        """The audience a call is about."""
        try:
            return self.named(call.params["list"])
        except KeyError as exc:
            raise refuse_missing() from exc

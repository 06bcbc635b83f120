"""The four roles and what each may do. Each role may do all that the one before it may."""

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, Group, Permission, User

VIEWER, FIXER, EDITOR, ADMIN = "Viewer", "Fixer", "Editor", "Admin"

RIGHTS: dict[str, tuple[str, ...]] = {
    VIEWER: (),
    FIXER: ("operate_job", "fix_record", "decide_duplicate"),
    EDITOR: ("add_sync", "change_sync", "add_mapping", "change_mapping", "add_mappingversion"),
    ADMIN: ("publish_mapping", "add_connection", "change_connection", "delete_connection", "delete_sync"),
}


def rights_of(role: str) -> list[str]:
    """The codenames of everything a role may do."""
    roles = list(RIGHTS)
    return [right for lower in roles[: roles.index(role) + 1] for right in RIGHTS[lower]]


def save_roles(**_: Any) -> None:
    """Write the groups with their permissions; runs after every migrate."""
    for role in RIGHTS:
        group, _created = Group.objects.get_or_create(name=role)
        group.permissions.set(
            Permission.objects.filter(content_type__app_label="integrations", codename__in=rights_of(role))
        )


def give_role(user: User, role: str) -> None:
    """Make this the one role of a person."""
    user.groups.set([Group.objects.get(name=role)])


def role_of(user: AbstractBaseUser | AnonymousUser) -> str:
    """The highest role of a person; Viewer for somebody in no group."""
    if isinstance(user, User) and user.is_superuser:
        return ADMIN
    held = set(user.groups.values_list("name", flat=True)) if isinstance(user, User) else set()
    return next((role for role in reversed(RIGHTS) if role in held), VIEWER)

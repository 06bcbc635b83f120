"""Who may do what."""

import pytest

from syncpanel.roles import role_of, save_roles

RIGHTS = [
    "integrations.operate_job",
    "integrations.fix_record",
    "integrations.decide_duplicate",
    "integrations.change_sync",
    "integrations.change_connection",
]


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("Viewer", [False, False, False, False, False]),
        ("Fixer", [True, True, True, False, False]),
        ("Editor", [True, True, True, True, False]),
        ("Admin", [True, True, True, True, True]),
    ],
)
def test_each_role_may_do_all_that_the_one_before_it_may(make_user, role, may):
    user = make_user(role)
    assert [user.has_perm(right) for right in RIGHTS] == may
    assert role_of(user) == role


def test_writing_the_roles_twice_changes_nothing(make_user):
    user = make_user("Admin")
    before = sorted(user.get_all_permissions())
    save_roles()
    user = type(user).objects.get(pk=user.pk)
    assert sorted(user.get_all_permissions()) == before


def test_somebody_in_no_group_only_looks(make_user):
    user = make_user("Admin")
    user.groups.clear()
    assert role_of(type(user).objects.get(pk=user.pk)) == "Viewer"

"""The supervisor as a person meets it: start, stop, a second start, a port that is taken."""

import re
import signal
import socket
import stat

import psutil
import pytest

from tests.integrations.supervisor.instances import Instance, wait_until


def test_it_starts_answers_and_stops_without_survivors(instance: Instance) -> None:
    instance.start().wait_until_healthy()
    assert set(instance.mains()) == {"web", "worker-1", "beat"}
    assert instance.stop(signal.SIGTERM) == 0
    assert instance.processes() == set()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_every_wish_to_stop_is_understood(instance: Instance, number: signal.Signals) -> None:
    instance.start().wait_until_healthy()
    assert instance.stop(number) == 0
    assert instance.processes() == set()


def test_a_wish_to_stop_while_it_starts_is_kept(instance: Instance) -> None:
    instance.start()
    wait_until(instance.mains)
    assert instance.stop() == 0
    assert instance.processes() == set()


def test_a_second_instance_on_the_same_data_is_refused_in_words(new_panel: Instance) -> None:
    second = new_panel.manage("up", "--port", "0")
    assert second.returncode == 1
    assert second.stderr == f"CommandError: Another instance of Syncpanel already uses {new_panel.data_dir}.\n"
    assert new_panel.health()["ok"]


def test_a_port_that_is_taken_is_named(instance: Instance) -> None:
    with socket.create_server(("127.0.0.1", instance.port)):
        refused = instance.manage("up")
    assert refused.returncode == 1
    assert f"Port {instance.port} is not free" in refused.stderr


def test_the_first_start_prints_a_link_for_the_first_administrator(new_panel: Instance) -> None:
    wait_until(lambda: "/welcome/?token=" in new_panel.log.read_text())


def test_what_it_writes_is_its_owners_alone(new_panel: Instance) -> None:
    files = [path for path in new_panel.data_dir.iterdir() if path.is_file()]
    assert {"secret_key", "encryption_keys", "syncpanel.sqlite3"} <= {path.name for path in files}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_static_files_are_kept_under_the_names_that_pages_use(new_panel: Instance) -> None:
    kept = {path.relative_to(new_panel.data_dir / "static") for path in (new_panel.data_dir / "static").rglob("*.css*")}
    assert kept
    assert [str(path) for path in kept if not re.search(r"\.[0-9a-f]{12}\.css(\.gz|\.br)?$", path.name)] == []


def test_a_panel_that_answers_to_its_public_name_only_is_watched_in_silence(instance: Instance) -> None:
    instance.environ |= {"ALLOWED_HOSTS": "panel.example.com", "TLS": "1"}
    instance.start()
    wait_until(lambda: "is running at" in instance.log.read_text(), 90)
    assert "HTTP_HOST" not in instance.log.read_text()


def test_children_of_a_killed_supervisor_end_by_themselves(instance: Instance) -> None:
    instance.start().wait_until_healthy()
    assert instance.supervisor is not None
    instance.supervisor.kill()
    instance.supervisor.wait()
    wait_until(lambda: instance.processes() == set(), 15)


def test_stopped_children_of_a_killed_supervisor_end_too(instance: Instance) -> None:
    instance.start().wait_until_healthy()
    assert instance.supervisor is not None
    for process in _suspendable(instance):
        process.suspend()
    instance.supervisor.kill()
    instance.supervisor.wait()
    wait_until(lambda: instance.processes() == set(), 30)


def _suspendable(instance: Instance) -> list[psutil.Process]:
    """Main processes and gunicorn's child; a suspended worker's siblings are what must notice."""
    mains = instance.mains()
    return [*mains.values(), *mains["web"].children()]


def test_an_instance_starts_at_once_after_its_supervisor_was_killed(instance: Instance) -> None:
    instance.start().wait_until_healthy()
    assert instance.supervisor is not None
    instance.supervisor.kill()
    instance.supervisor.wait()
    instance.start().wait_until_healthy()
    assert instance.stop() == 0

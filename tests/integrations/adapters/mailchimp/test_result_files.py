"""Archives of results: read whatever they are, and given up before they burst."""

import gzip
import io
import tarfile
import time
import tracemalloc
from contextlib import suppress

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.adapters.mailchimp import result_files
from integrations.adapters.mailchimp.result_files import read_results
from integrations.adapters.wire import UnreadableError
from integrations.sandbox.mailchimp.archive import pack_results

ROWS = [{"status_code": 200, "operation_id": str(i), "response": "{}"} for i in range(1_200)]


def make_tar(*files, kind=tarfile.REGTYPE):
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        for at, body in enumerate(files):
            info = tarfile.TarInfo(f"../../etc/{at}.json")
            info.type, info.size, info.linkname = kind, len(body), "/etc/passwd"
            archive.addfile(info, io.BytesIO(body) if kind == tarfile.REGTYPE else None)
    return plain.getvalue()


def read(body):
    return list(read_results(body))


def test_the_rows_of_all_files_are_read():
    assert read(pack_results("b", ROWS)) == ROWS


def test_an_archive_that_was_unpacked_on_the_way_is_read_too():
    assert read(make_tar(orjson.dumps(ROWS[:2]), b"[]")) == ROWS[:2]


def test_rows_that_are_no_rows_are_passed_over():
    assert read(make_tar(b'[1, {"operation_id": "a"}, null]')) == [{"operation_id": "a"}]


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE])
def test_links_devices_and_folders_are_passed_over(kind):
    assert read(make_tar(b"", kind=kind)) == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty_answer"),
        (b"<Error/>", "html_answer"),
        (b"{}", "half_answer"),
        (pack_results("b", ROWS)[:-20], "half_answer"),
        (pack_results("b", ROWS)[:400], "half_answer"),
        (make_tar(orjson.dumps(ROWS))[:700], "half_answer"),
        (make_tar(b"{}"), "half_answer"),
        (make_tar(b"not json"), "half_answer"),
        (gzip.compress(b"not a tar"), "half_answer"),
    ],
    ids=range(9),
)
def test_anything_else_is_unreadable(body, code):
    with pytest.raises(UnreadableError) as caught:
        read(body)
    assert caught.value.code == code


def test_an_archive_that_would_burst_is_given_up_early():
    bomb = gzip.compress(make_tar(b"[" + b" " * 300_000_000), compresslevel=1)
    assert len(bomb) < 2_000_000
    tracemalloc.start()
    started = time.process_time()
    with pytest.raises(UnreadableError) as caught:
        read(bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert caught.value.code == "bursting_answer" and peak < 50_000_000 and time.process_time() - started < 5


def test_many_small_files_are_bounded_in_sum(monkeypatch):
    monkeypatch.setattr(result_files, "MOST_UNPACKED", 100_000)
    with pytest.raises(UnreadableError) as caught:
        read(gzip.compress(make_tar(*[b"[" + b" " * 10_000 + b"]"] * 20)))
    assert caught.value.code == "bursting_answer"


@pytest.mark.parametrize("kind", [tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE])
def test_headers_that_announce_headers_without_end_are_given_up(kind):
    info = tarfile.TarInfo("x")
    info.type = kind
    with pytest.raises(UnreadableError):
        read(info.tobuf() * 20_000)


def test_files_without_number_are_given_up(monkeypatch):
    monkeypatch.setattr(result_files, "MOST_FILES", 10)
    with pytest.raises(UnreadableError):
        read(make_tar(*[b"[]"] * 11))


@settings(max_examples=200)
@given(st.binary(max_size=3_000))
def test_any_bytes_are_rows_or_unreadable(body):
    for one in (body, gzip.compress(body)):
        with suppress(UnreadableError):
            read(one)


@settings(max_examples=300)
@given(st.integers(0, 1_535), st.binary(min_size=1, max_size=40))
def test_an_archive_with_a_wrong_place_is_rows_or_unreadable(at, noise):
    good = make_tar(orjson.dumps(ROWS[:1]))
    with suppress(UnreadableError):
        read(good[:at] + noise + good[at + len(noise) :])

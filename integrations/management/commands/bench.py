"""Measure whole jobs: own process for the sandbox, rate limits off, zero latency. Prints the README's table."""

import time
from argparse import ArgumentParser
from collections.abc import Callable
from statistics import median
from typing import Any

from django.core.management.base import BaseCommand

from integrations.bench import mapping, platforms
from integrations.bench.stand import Stand, machine, postgres_url, stand

LARGE, SMALL, HUGE = 100_000, 10_000, 1_000_000
SIDE_BY_SIDE = 20
TURNS = 5
LIMITED_SECONDS = 30.0
PLATFORM_SECONDS, PEOPLE, MEMBERS = 20.0, 15_000, 2_500
ANSWER_SECONDS, CONNECTIONS = 20.0, 16
KILLED_CALLS, KILLS, KILL_EVERY = 8_000, 2, 2.0
FOLLOWED, NIGHT = 60, 47_000


class Command(BaseCommand):
    """Every figure is taken in this run; ratios between them are what counts on a noisy machine."""

    help = __doc__
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--contacts", type=int, default=LARGE)
        parser.add_argument("--huge", type=int, default=HUGE, help="for the memory figure; 0 leaves it out")
        parser.add_argument(
            "--only",
            nargs="*",
            help="sections: mapping sqlite postgresql small side pages limits platforms webhooks huge",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self.only = set(options["only"] or ())
        count = options["contacts"]
        self.stdout.write(f"Machine: {machine()}\n\n| what | figure |\n|---|---|")
        self.mapping()
        large = self.whole_job("sqlite", "sqlite", count)
        if postgres_url():
            self.postgres(count, large)
        small = self.whole_job("small", "sqlite", min(SMALL, count))
        if large and small:
            growth = large["job"]["per_second"] / small["job"]["per_second"]
            self.row(f"speed at {count:,} against {min(SMALL, count):,}", f"{growth:.2f} times")
        self.side_by_side(count, large)
        self.pages()
        self.limits()
        self.platforms()
        self.webhooks(count)
        if options["huge"]:
            self.memory(options["huge"], large)

    def row(self, what: str, figure: str) -> None:
        """One line of the table."""
        self.stdout.write(f"| {what} | {figure} |")
        self.stdout.flush()

    def wanted(self, section: str) -> bool:
        """True when this section is to be measured."""
        return not self.only or section in self.only

    def mapping(self) -> None:
        """The example mapping alone, without a job around it."""
        if not self.wanted("mapping"):
            return
        told = mapping.measure()
        self.row("the example mapping in plain Python", f"{told['plain']:,.0f} records/s")
        for name, what in (("one", "one sandbox process"), ("two", "two sandbox processes")):
            self.row(
                f"… with {what}", f"**{told[name]:,.0f} records/s**, {told[name] / told['plain']:.2f} of plain Python"
            )
        self.row(f"trying it on {mapping.SAMPLES} people", f"{told['trying'] * 1_000:.0f} ms")
        self.row("reviewing its code", f"{told['reviewing'] * 1_000:.0f} ms")

    def whole_job(self, section: str, vendor: str, count: int) -> dict[str, Any]:
        """A first job, then an unchanged second one over the same people."""
        if not self.wanted(section):
            return {}
        with stand(count, vendor=vendor) as place:
            job = self.measured(place, f"{vendor}, {count:,} contacts, first job")
            again = self.measured(place, f"{vendor}, {count:,} contacts, unchanged second job")
            self.row("… of its own, against the first", f"{again['per_second'] / job['per_second']:.1f} times as fast")
            self.row("… writes to the destination", f"{again['writes']:,}")
            return {"job": job, "again": again, "memory": place.meter.peak_mib, "tree": place.meter.peak_tree_mib}

    def measured(self, place: Stand, title: str) -> dict[str, Any]:
        """One job, with its processor time and memory."""
        place.meter.reset()
        figures: dict[str, Any] = place.act("run_one")
        self.row(title, f"**{figures['per_second']:,.0f} records/s** ({figures['seconds']:.1f} s)")
        stages = ", ".join(f"{name} {speed:,.0f}" for name, speed in figures["stages"].items())
        self.row("… records/s per stage", stages)
        self.row("… worker processor time", f"{place.meter.cpu_seconds:.1f} s")
        memory = f"{place.meter.peak_mib:.0f} MiB worker, {place.meter.peak_tree_mib:.0f} MiB with its sandboxes"
        self.row("… peak memory", memory)
        if not figures["clean"]:
            raise RuntimeError("the job does not replay clean")
        return figures

    def postgres(self, count: int, large: dict[str, Any]) -> None:
        """The same on PostgreSQL, and how it compares: by turns, for one job alone is a matter of luck."""
        told = self.whole_job("postgresql", "postgresql", count)
        if told and large:
            ratios = [told["job"]["per_second"] / large["job"]["per_second"]]
            ratios += [self.speed("postgresql", count) / self.speed("sqlite", count) for _ in range(TURNS - 1)]
            figure = f"{median(ratios):.2f} times ({min(ratios):.2f} to {max(ratios):.2f})"
            self.row(f"PostgreSQL against SQLite, the median of {TURNS} turns", figure)

    def speed(self, vendor: str, count: int) -> float:
        """Records a second of a first job."""
        with stand(count, vendor=vendor) as place:
            return float(place.act("run_one")["per_second"])

    def side_by_side(self, count: int, large: dict[str, Any]) -> None:
        """Twenty small syncs at once, as many people in all as the one large one."""
        if not self.wanted("side"):
            return
        with stand(count // SIDE_BY_SIDE) as place:
            figures = place.act("run_many", syncs=SIDE_BY_SIDE)
        self.row(
            f"{SIDE_BY_SIDE} syncs of {count // SIDE_BY_SIDE:,} side by side", f"{figures['per_second']:,.0f} records/s"
        )
        if large:
            self.row("… against one large one", f"{figures['per_second'] / large['job']['per_second']:.2f} times")

    def limits(self) -> None:
        """With the platform's limit on: how much of what it allows is used."""
        if not self.wanted("limits"):
            return
        with stand(200_000, limits=True) as place:
            figures = place.act("run_limited", seconds=LIMITED_SECONDS)
        used = figures["calls_per_second"] / 10 * 100
        self.row(
            "at HubSpot's limit (100 calls in 10 s)", f"{figures['calls_per_second']:.2f} calls/s, {used:.1f} % of it"
        )

    def platforms(self) -> None:
        """The same on the other platforms, each at the limit it has."""
        if not self.wanted("platforms"):
            return
        with stand(PEOPLE, limits=True) as place:
            told = place.act("send_at_limit", seconds=PLATFORM_SECONDS)
        what = f"at Segment's limit ({platforms.CALLS_A_SECOND} calls a second)"
        self.used(what, f"{told['calls_per_second']:.1f} calls/s", told)
        with stand(MEMBERS, limits=True) as place:
            told = place.act("write_side_by_side", seconds=PLATFORM_SECONDS)
        what = f"at Mailchimp's limit (ten calls at one time; two are left for other tools, so {platforms.AT_ONCE})"
        self.used(what, f"{told['share'] * platforms.AT_ONCE:.2f} at one time", told)
        with stand(SMALL, limits=True, workers=0) as place:
            told = place.act("read_until_used_up")
        what = f"at Google Analytics' limit (the last {platforms.TOKENS_LEFT} tokens of a day)"
        self.used(what, f"{told['reports']} reports", told)

    def used(self, what: str, figure: str, told: dict[str, Any]) -> None:
        """A row about a limit."""
        self.row(what, f"{figure}, {told['share'] * 100:.1f} % of it, {told['refused']} refused")

    def webhooks(self, count: int) -> None:
        """Calls that come in, answered by the real web server, while workers read them."""
        if not self.wanted("webhooks"):
            return
        for vendor in ("sqlite", *(["postgresql"] if postgres_url() else [])):
            with stand(0, vendor=vendor) as place:
                self.answers(place, vendor)
        with stand(SMALL) as place:
            told = place.act("follow_changes", panel=place.start_web(), people=FOLLOWED, every=1.0)
        what = f"from a change over there to the record at the destination ({told['people']} people, one a second)"
        self.row(what, f"**{told['median']:.1f} s**, at worst {told['worst']:.1f} s")
        with stand(min(NIGHT, count)) as place:
            told = place.act("change_everybody", panel=place.start_web())
        what = f"{told['people']:,} contacts changed at once: {told['calls']:,} calls, answered within {told['p99']:.0f} ms"
        self.row(what, f"small jobs: {told['jobs']}; all there after **{told['seconds']:.0f} s**")

    def answers(self, place: Stand, vendor: str) -> None:
        """One process of the web server, called by several connections at once."""
        panel = place.start_web()
        told = place.act("answer_calls", panel=panel, seconds=ANSWER_SECONDS, connections=CONNECTIONS)
        what = f"webhooks answered, {vendor} ({CONNECTIONS} connections)"
        self.row(what, f"**{told['per_second']:,.0f} a second**, p99 {told['p99']:.0f} ms")
        if told["stored"] != told["answered"] or told["others"]:
            raise RuntimeError(f"not all that was answered is stored: {told}")
        self.row("… left to read, and read after", f"{told['unread']:,}, {told['read_in']:.1f} s")
        told = place.act(
            "lose_nothing", panel=panel, calls=KILLED_CALLS, connections=CONNECTIONS, meanwhile=killer(place)
        )
        what = f"… lost of {told['answered']:,}, the server killed {KILLS} times"
        self.row(what, f"{told['lost']}; {told['unanswered']} calls had no answer and were made again")
        if told["lost"] or told["doubled"]:
            raise RuntimeError(f"calls were lost or counted twice: {told}")
        if not told["unanswered"]:
            raise RuntimeError("the server was killed too late to strike anybody")

    def pages(self) -> None:
        """The live page while its job runs."""
        if not self.wanted("pages"):
            return
        with stand(LARGE) as place:
            figures = place.act("look_while_running")
        answer = f"{figures['p50']:.0f} ms, p95 {figures['p95']:.0f} ms"
        self.row(f"the live job page while its job runs ({figures['answers']} answers)", answer)

    def memory(self, count: int, large: dict[str, Any]) -> None:
        """Ten times as many people must not take more memory."""
        if not self.wanted("huge"):
            return
        with stand(count) as place:
            self.measured(place, f"sqlite, {count:,} contacts, first job")
            if large:
                self.row("… memory against 100,000", f"{place.meter.peak_mib / large['memory']:.2f} times")


def killer(place: Stand) -> Callable[[], None]:
    """Kills the web server a few times, some seconds apart."""

    def kill() -> None:
        for _ in range(KILLS):
            time.sleep(KILL_EVERY)
            place.kill_web()

    return kill

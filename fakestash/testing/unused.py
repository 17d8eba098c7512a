"""What a test scripted and never used, told with the same care as an assertion that fails."""

from dataclasses import replace

from fakestash.api.faults.active import Standing
from fakestash.delivery.rules import ScriptedRule
from fakestash.delivery.scripted import ScriptedDestination
from fakestash.drive.report import counted
from fakestash.matching.conditions import ANYTHING
from fakestash.testing.criteria import sent_conditions
from fakestash.testing.failures import Asked, details
from fakestash.testing.insisting import deliveries_outlook
from fakestash.testing.kinds import DELIVERY
from fakestash.testing.near_misses import closest, told_with_differences
from fakestash.testing.scene import Scene
from fakestash.wire.urls import target


def is_unused(destination: ScriptedDestination) -> bool:
    """Whether nothing was delivered to a destination, or answers of it were not given."""
    return not destination.received or destination.answers_left > 0


def unused_lines(destination: ScriptedDestination, scene: Scene) -> list[str]:
    """What was not used of a destination, what may still come, and what came closest.

    A delivery that belongs there and is not counted went to another destination, which is narrower
    or was set later.
    """
    url = destination.url
    sent = sent_conditions(url, method=None, body=None, json=ANYTHING, headers=None)
    asked = Asked(DELIVERY, url, sent, None)
    found = scene.deliveries.where(asked.is_met_by)
    outlook = deliveries_outlook(asked, sent, found, scene)
    outlook = replace(
        outlook,
        others=[each for each in outlook.others if _is_alike(url, each.url)],
        not_yet=[each for each in outlook.not_yet if scene.destination_of(each.url) is destination],
    )
    if destination.received:
        left = destination.answers_left
        headline = f"{left:,} answers of {url} were never given"
        if left == 1:
            headline = f"1 answer of {url} was never given"
        found_are = "Answered:"
    else:
        headline = f"{url} was scripted and never used"
        found_are = "Delivered to a destination that is narrower, or was set later:"
    one_more = replace(asked, times=len(found) + 1)
    return [headline, *details(one_more, found, outlook, scene, found_are).lines]


def is_unused_rule(rule: ScriptedRule) -> bool:
    """Whether a rule answered no delivery, or fewer than it was made for.

    Of one that answers by chance nobody knows how many it should; it is unused if none met it.
    """
    if rule.selection.is_by_chance:
        return not rule.met
    return rule.received < (rule.selection.times or 1) or rule.answers_left > 0


def unused_rule_lines(rule: ScriptedRule, url: str, scene: Scene) -> list[str]:
    """How far a rule has got, and of one that answered nothing what came closest."""
    if rule.received:
        answered = counted(rule.received, "delivery", "deliveries")
        return [f"{rule} of {url} answered {answered}, and was made for more"]
    headline = f"{rule} of {url} answered no delivery"
    if rule.met:
        return [f"{headline}, of {rule.met:,} that met it"]
    others = scene.deliveries.to(url).where(lambda each: not rule.is_met_by(each))
    groups = closest(DELIVERY, others, rule.conditions, url)
    near = told_with_differences(DELIVERY, groups, scene)
    return [headline, *(["Closest first:", *near] if near else [])]


def is_unused_fault(standing: Standing) -> bool:
    """Whether a fault of the API struck no call, or fewer than it was set for.

    Of one that strikes by chance nobody knows how many calls it should strike; it is unused if none
    was made that it is for.
    """
    if standing.fault.is_by_chance:
        return not standing.met
    return standing.struck < (standing.fault.times or 1)


def unused_fault_text(standing: Standing) -> str:
    """How far a fault of the API that was not used up has got."""
    struck = counted(standing.struck, "call", "calls") if standing.struck else "no call"
    of_set = f" of the {standing.fault.times:,} that it was set for" if standing.struck else ""
    of_met = f", of {standing.met:,} that it was for" if standing.met > standing.struck else ""
    return f"a fault of the API struck {struck}{of_set}{of_met}"


def _is_alike(url: str, other: str) -> bool:
    """Whether one may have been meant by the other: the same host, or the same path elsewhere."""
    one, another = target(url), target(other)
    return one.origin == another.origin or (one.path == another.path != "/")

"""Why a record is held back or refused, in words: one table for the validation, the mapping run and the adapters.

A `code` is a short stable word that groups records on the Fix-it list; its title is what the group is called there
("Company is missing"), its sentence says what to do about one record. Both the mappings and the adapters import this
module; neither imports the other. An adapter translates its platform's error words to these codes.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """Words for one code, with blanks.

    {field} and {platform} are labels, {address} is the field's label with "address" behind it, {detail} a short fact
    such as "a whole number", {more} the same behind a colon, or nothing.
    """

    title: str
    sentence: str


TITLES: dict[str, Reason] = {
    "required_missing": Reason("{field} is missing", "{field} is empty, but {platform} needs it."),
    "missing_key": Reason(
        "{field} is missing", "{field} is empty, and {platform} needs it to tell who this is. Nothing was sent."
    ),
    "invalid_email": Reason("{address} is not valid", "{field} does not look like an e-mail address."),
    "too_long": Reason("{field} is too long", "{field} is longer than {platform} accepts{more}."),
    "not_in_list": Reason("{field} is not in {platform}'s list", "{platform} does not offer this choice for {field}."),
    "wrong_type": Reason("{field} is not the right kind of value", "{platform} expects {detail} in {field}."),
    "invalid_number": Reason("{field} is not a number", "{platform} expects {detail} in {field}."),
    "invalid_date": Reason("{field} is not a date", "{platform} expects {detail} in {field}."),
    "out_of_range": Reason("{field} is out of range", "{field} is larger or smaller than {platform} accepts{more}."),
    "too_old": Reason("{field} is too long ago", "{field} is further back than {platform} accepts{more}."),
    "too_many": Reason("Too much in one", "This one fills more fields than {platform} takes at once{more}."),
    "invalid_name": Reason(
        "{field} is not a name {platform} takes", "{platform} takes letters, digits and “_” in {field}{more}."
    ),
    "reserved_name": Reason(
        "{field} is a name {platform} keeps for itself",
        "{platform} keeps this {field} for itself{more}. Choose another.",
    ),
    "personal_value": Reason(
        "{field} holds an e-mail address", "{field} holds an e-mail address, and {platform} forbids that here{more}."
    ),
    "invalid_value": Reason("{field} is not accepted", "{platform} does not accept the value of {field}."),
    "unknown_field": Reason("{field} does not exist in {platform}", "{platform} has no field called {field}."),
    "not_writable": Reason("{field} cannot be changed", "{platform} does not let us write {field}."),
    "not_found": Reason(
        "No match in {platform}", "{platform} has nobody with this key, so there is nothing to update."
    ),
    "already_exists": Reason("Already in {platform}", "{platform} already has this one, and this sync only adds."),
    "lookup_not_found": Reason("{field} has no match in {platform}", "{platform} finds nothing to link {field} to."),
    "duplicate_value": Reason(
        "{field} is already used in {platform}", "Another record in {platform} already has this {field}."
    ),
    "possible_duplicate": Reason(
        "{platform} sees a duplicate", "{platform} has a rule against duplicates and thinks this one is there already."
    ),
    "ambiguous_key": Reason(
        "More than one match in {platform}", "Several records in {platform} have this {field}, so none was changed."
    ),
    "malformed_id": Reason("{field} is not a valid id", "{platform} does not recognise the id in {field}."),
    "deleted": Reason("Deleted in {platform}", "This one was deleted in {platform}."),
    "archived": Reason(
        "Archived in {platform}",
        "This one is archived in {platform}, and the connection says to leave it so. Bring it back there, or change the "
        "connection.",
    ),
    "needs_opt_in": Reason(
        "Has to opt in again in {platform}",
        "This person unsubscribed from {platform}, or mail to them bounced. Nobody but they can subscribe them again.",
    ),
    "forgotten": Reason(
        "Deleted from {platform} for good",
        "This person was deleted from {platform} for good. Nobody but they can come back, by signing up.",
    ),
    "later": Reason(
        "{platform} takes them later",
        "This address signed up to a lot of lists lately, so {platform} does not take it for now. Try again tomorrow.",
    ),
    "still_needed": Reason(
        "Still needed in {platform}", "{platform} keeps this one, because something else there depends on it."
    ),
    "custom_rule": Reason(
        "A rule in {platform} refuses it", "{platform} has a rule of its own that refuses this{more}."
    ),
    "no_permission": Reason(
        "No right to change it in {platform}", "Our sign-in may not change this one in {platform}."
    ),
    "locked": Reason("Busy in {platform}", "{platform} was changing this one at the same moment. Try it again."),
    "no_answer": Reason(
        "No answer from {platform} for it",
        "{platform} did not say what became of this one, so we count it as not sent.",
    ),
    "not_sent": Reason(
        "{platform} had trouble before it was sent", "{platform} had trouble before this one's turn. Nothing was sent."
    ),
    "too_large": Reason("Too large to send", "This one is larger than {platform} takes in one call{more}."),
    "refused": Reason("{platform} refuses it", "{platform} did not accept this one{more}."),
    "match_taken": Reason(
        "Somebody else in {platform}, or the same?",
        "{platform} has somebody with the same {field}, who is known by another key. Nothing was sent: is it one person?",
    ),
    "match_ambiguous": Reason(
        "Several could be meant in {platform}",
        "{platform} has several with the same {field}. Nothing was sent: which of them is it?",
    ),
    "conflict": Reason(
        "{field} was changed on both sides", "{field} was changed here and in {platform} meanwhile. Which one is right?"
    ),
    "ping_pong": Reason(
        "{field} keeps being changed back",
        "{platform} changes {field} back each time we write it. We stopped after three rounds: say which one is right.",
    ),
    "malformed_record": Reason("What we received is not usable", "{platform} sent something that is not a record."),
    "mapping_raised": Reason("The mapping does not work for it", "The mapping stops with an error{more}."),
    "mapping_wrong_type": Reason(
        "The mapping returns something unusable",
        "The mapping returns {detail} where it should return fields and values.",
    ),
    "mapping_bad_value": Reason(
        "The mapping returns something unusable", "The mapping puts {detail} into {field}, which cannot be sent."
    ),
    "mapping_too_slow": Reason("The mapping takes too long", "The mapping does not finish for this one{more}."),
    "mapping_too_big": Reason("The mapping needs too much memory", "The mapping needs more memory than it may use."),
    "mapping_too_deep": Reason("The mapping calls itself too often", "The mapping calls itself without an end."),
    "mapping_output_too_large": Reason(
        "The mapping returns too much", "What the mapping returns for this one is too large{more}."
    ),
    "mapping_crashed": Reason("The mapping stops the sandbox", "The mapping breaks off for this one."),
}
"""Code → words. Unknown codes are worded as `refused`."""


def title(code: str, field_label: str = "", platform_label: str = "") -> str:
    """What a group of failed records is called: the same for all records with this code, field and platform."""
    return _fill(_reason(code).title, field_label, platform_label, "")


def sentence(code: str, field_label: str = "", platform_label: str = "", detail: str = "") -> str:
    """One sentence about one record, without its values. `detail` completes it: "at most 40 characters", "a number"."""
    return _fill(_reason(code).sentence, field_label, platform_label, detail)


def _reason(code: str) -> Reason:
    return TITLES.get(code, TITLES["refused"])


def _fill(template: str, field_label: str, platform_label: str, detail: str) -> str:
    field = field_label or "A value"
    text = template.format(
        field=field,
        address=field if field.lower().endswith("address") else f"{field} address",
        platform=platform_label or "the other system",
        detail=detail or "another kind of value",
        more=f": {detail}" if detail else "",
    )
    return text[:1].upper() + text[1:]

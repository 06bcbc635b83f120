"""What an administrator does to the fields of the simulated platforms, through the control API."""

import pytest

PROPERTIES = "/crm/v3/properties/contacts"
PLACES = {"hubspot": ("contacts", "jobtitle"), "salesforce": ("Lead", "Title")}


@pytest.fixture
def fields(hubspot, salesforce):
    """The fields of a platform's object as it describes them, by name."""

    def describe(platform: str) -> dict[str, dict]:
        if platform == "hubspot":
            return {one["name"]: one for one in hubspot.get(PROPERTIES).json()["results"]}
        return {one["name"]: one for one in salesforce.get("/sobjects/Lead/describe").json()["fields"]}

    return describe


def change(control, platform, **body) -> int:
    return control.post(f"/{platform}/{PLACES[platform][0]}/fields", json=body).status_code


@pytest.mark.parametrize("platform", PLACES)
def test_a_field_is_taken_away_and_put_back(control, fields, platform):
    name = PLACES[platform][1]
    before = fields(platform)
    assert change(control, platform, name=name, remove=True) == 200
    assert fields(platform).keys() == before.keys() - {name}
    assert change(control, platform, name=name, restore=True) == 200
    assert fields(platform) == before


@pytest.mark.parametrize("platform", PLACES)
def test_a_field_is_called_otherwise(control, fields, platform):
    name = PLACES[platform][1]
    before = fields(platform)
    change(control, platform, name=name, rename="other")
    assert fields(platform).keys() == before.keys() - {name} | {"other"}


@pytest.mark.parametrize(
    ("platform", "name", "values", "told"),
    [
        ("hubspot", "jobtitle", {"type": "number"}, {"type": "number"}),
        ("hubspot", "lifecyclestage", {"options": [["lead", "Lead"]]}, {"options": None}),
        ("salesforce", "Title", {"read_only": True}, {"createable": False, "updateable": False}),
        ("salesforce", "Title", {"required": True}, {"nillable": False}),
        ("salesforce", "Rating", {"picklist": ["Hot"]}, {"picklistValues": None}),
    ],
)
def test_a_field_is_made_another(control, fields, platform, name, values, told):
    assert change(control, platform, name=name, set=values) == 200
    field = fields(platform)[name]
    for key, value in told.items():
        assert len(field[key]) == 1 if value is None else field[key] == value


def test_salesforce_takes_what_its_fields_are_now(control, upsert_leads, lead):
    assert upsert_leads(lead("a@x.io", Title="Boss")).status_code == 200
    change(control, "salesforce", name="Title", remove=True)
    answer = upsert_leads(lead("b@x.io", Title="Boss"))
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_FIELD")
    change(control, "salesforce", name="Title", restore=True)
    change(control, "salesforce", name="Rating", set={"required": True})
    assert upsert_leads(lead("c@x.io")).json()[0]["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"


def test_who_asks_whether_salesforces_fields_changed_is_told(control, salesforce):
    url = "/sobjects/Lead/describe"
    since = {"If-Modified-Since": salesforce.get(url).headers["Last-Modified"]}
    assert salesforce.get(url, headers=since).status_code == 304
    change(control, "salesforce", name="Title", remove=True)
    assert salesforce.get(url, headers=since).status_code == 200


@pytest.mark.parametrize("platform", PLACES)
@pytest.mark.parametrize(
    "body",
    [
        {"name": "nonesuch", "remove": True},
        {"name": "{0}"},
        {"name": "{0}", "set": {"colour": "red"}},
        {"remove": True},
    ],
    ids=["no such field", "nothing said", "no such part", "no name"],
)
def test_what_there_is_not_cannot_be_changed(control, fields, platform, body):
    before = fields(platform)
    named = {key: value.format(PLACES[platform][1]) if isinstance(value, str) else value for key, value in body.items()}
    assert change(control, platform, **named) == 400
    assert fields(platform) == before


@pytest.mark.parametrize("platform", PLACES)
def test_a_reset_brings_the_fields_back(control, platform):
    gone = {"name": PLACES[platform][1], "remove": True}
    assert change(control, platform, **gone) == 200
    assert change(control, platform, **gone) == 400, "it is gone already"
    control.post("/reset", json={})
    assert change(control, platform, **gone) == 200

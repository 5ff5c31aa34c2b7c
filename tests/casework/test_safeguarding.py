"""The checklist is what its schema says, and each point says where it comes from."""

import json
from importlib import resources

import jsonschema
import pytest

from amparo.casework.safeguarding import checklist

FOLDER = resources.files("amparo.casework") / "checklists"


def test_the_data_file_follows_its_schema() -> None:
    data = json.loads((FOLDER / "safeguarding.json").read_text())
    schema = json.loads((FOLDER / "safeguarding.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(data, schema)
    used = {source for point in data["points"] for source in point["sources"]}
    assert used == set(data["sources"]), "each publication is cited, and each citation is one"
    data["points"][0]["question"] = "No question"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, schema)


def test_the_points_are_those_that_the_field_asks_for() -> None:
    ids = [point.id for point in checklist().points]
    assert ids == ["children", "self-harm", "leaflet", "family", "telephone", "dates", "address", "speaks", "briefing"]
    assert checklist().point("telephone") is checklist().points[4]
    assert checklist().point("nonsense") is None
    assert all(point.origins for point in checklist().points if point.id != "speaks")

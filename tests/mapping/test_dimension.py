import pytest

from qalita_ingest.mapping.dimension import dimension_of


@pytest.mark.parametrize(
    ("test", "declared", "expected"),
    [
        ("not_null", None, "completeness"),
        ("unique", None, "uniqueness"),
        ("accepted_values", None, "validity"),
        ("relationships", None, "consistency"),
        ("my_own_rule", None, "reasonability"),
        (None, None, "reasonability"),
        ("not_null", "Timeliness", "timeliness"),
        ("not_null", "beauty", "completeness"),
        ("not_null", 5, "completeness"),
    ],
)
def test_dimension(test: str | None, declared: object, expected: str) -> None:
    assert dimension_of(test, declared) == expected

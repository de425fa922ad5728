"""Which of QALITA's dimensions a dbt test measures."""

from __future__ import annotations

from qalita_ingest.contract import Dimension

# dbt's four built-in tests and the tests of dbt_utils and dbt_expectations whose dimension is beyond doubt.
BY_TEST_NAME = {
    "not_null": Dimension.COMPLETENESS,
    "not_empty_string": Dimension.COMPLETENESS,
    "not_null_proportion": Dimension.COMPLETENESS,
    "at_least_one": Dimension.COMPLETENESS,
    "expect_column_values_to_not_be_null": Dimension.COMPLETENESS,
    "unique": Dimension.UNIQUENESS,
    "unique_combination_of_columns": Dimension.UNIQUENESS,
    "expect_column_values_to_be_unique": Dimension.UNIQUENESS,
    "expect_compound_columns_to_be_unique": Dimension.UNIQUENESS,
    "accepted_values": Dimension.VALIDITY,
    "accepted_range": Dimension.VALIDITY,
    "not_accepted_values": Dimension.VALIDITY,
    "expect_column_values_to_be_in_set": Dimension.VALIDITY,
    "expect_column_values_to_be_between": Dimension.VALIDITY,
    "expect_column_values_to_match_regex": Dimension.VALIDITY,
    "relationships": Dimension.CONSISTENCY,
    "relationships_where": Dimension.CONSISTENCY,
    "equality": Dimension.CONSISTENCY,
    "equal_rowcount": Dimension.CONSISTENCY,
    "recency": Dimension.TIMELINESS,
    "expect_row_values_to_have_recent_data": Dimension.TIMELINESS,
    "expect_column_to_exist": Dimension.SCHEMA,
    "expect_column_values_to_be_of_type": Dimension.SCHEMA,
}
# A rule that the team wrote itself: only they know, and say so in `meta`; until then it is a question of plausibility.
OF_OWN_RULES = Dimension.REASONABILITY


def dimension_of(test_name: str | None, declared: object) -> Dimension:
    """`declared` is what the test's meta says; a value that is no dimension is ignored."""
    if isinstance(declared, str) and declared.lower() in {dimension.value for dimension in Dimension}:
        return Dimension(declared.lower())
    return BY_TEST_NAME.get(test_name or "", OF_OWN_RULES)

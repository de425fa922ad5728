"""Which columns of a failure table may be read, by what the manifest says."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from qalita_ingest.readers.dbt import Node
from qalita_ingest.samples.privacy import ColumnPolicy, Patterns, column_policy
from qalita_ingest.samples.unreadable import UnreadableError

PERSONAL_MARKS: list[dict[str, Any]] = [
    {"meta": {"pii": True}},
    {"meta": {"PII": "email"}},
    {"config": {"meta": {"pii": 1}}},
    {"tags": ["gdpr", "PII"]},
    {"tags": "pii"},
]
NO_MARKS: list[dict[str, Any]] = [
    {"meta": {"pii": False}},
    {"meta": {"pii": "no"}},
    {"meta": {"pii": None}},
    {"meta": {"piia": True}},
    {"tags": ["pii_free"]},
    {"meta": None, "tags": None, "config": None},
    {"meta": ["pii"], "tags": 3},
]


def node(**fields: Any) -> Node:
    return msgspec.convert({"unique_id": "x", "name": "customers", "resource_type": "model"} | fields, Node)


def customers(**columns: dict[str, Any]) -> Node:
    return node(columns={name: {"name": name} | marks for name, marks in columns.items()})


def dbt_test(name: str, column: str | None = None, *, namespace: str | None = None, **arguments: Any) -> Node:
    metadata = {"name": name, "namespace": namespace, "kwargs": arguments}
    return node(name=name, resource_type="test", column_name=column, test_metadata=metadata)


SINGULAR = node(name="singular", resource_type="test")
PII = PERSONAL_MARKS[0]


def shown(policy: ColumnPolicy, *names: str) -> list[str]:
    return [name for name in names if policy.shows(name)]


@pytest.mark.parametrize("marks", PERSONAL_MARKS, ids=str)
def test_every_way_to_mark_a_column_as_personal_hides_it(marks: dict[str, Any]) -> None:
    policy = column_policy(dbt_test("not_null", "id"), [customers(id={}, Email=marks)], Patterns())
    assert shown(policy, "ID", "EMAIL", "other") == ["ID", "other"]


@pytest.mark.parametrize("marks", NO_MARKS, ids=str)
def test_what_is_no_mark_hides_nothing(marks: dict[str, Any]) -> None:
    policy = column_policy(SINGULAR, [customers(id={}, email=marks)], Patterns())
    assert shown(policy, "id", "email", "other") == ["id", "email", "other"]


@pytest.mark.parametrize("marks", PERSONAL_MARKS, ids=str)
def test_of_a_personal_dataset_nothing_may_be_read(marks: dict[str, Any]) -> None:
    with pytest.raises(UnreadableError, match="all of customers is marked"):
        column_policy(SINGULAR, [customers(), node(**marks)], Patterns())


def test_of_a_personal_test_nothing_may_be_read() -> None:
    with pytest.raises(UnreadableError, match="the test is marked"):
        column_policy(node(config={"meta": {"pii": True}}), [customers()], Patterns())


@pytest.mark.parametrize("parents", [[], [None], [customers(), None]], ids=["none", "unknown", "one unknown"])
def test_what_the_manifest_does_not_describe_may_not_be_read(parents: list[Node | None]) -> None:
    with pytest.raises(UnreadableError, match="nothing says what is personal"):
        column_policy(SINGULAR, parents, Patterns())


def test_a_test_that_the_manifest_does_not_hold_may_not_be_read() -> None:
    with pytest.raises(UnreadableError, match="does not describe"):
        column_policy(None, [customers()], Patterns())


@pytest.mark.parametrize(
    "test",
    [
        dbt_test("unique", "EMAIL"),
        dbt_test("unique", column_name="lower(email)"),
        dbt_test("relationships", "id", field="email", to="ref('customers')"),
        dbt_test("unique_combination_of_columns", namespace="dbt_utils", combination_of_columns=["id", "email"]),
        dbt_test("expression_is_true", namespace="dbt_utils", expression="id > 0"),
        dbt_test("own_macro", "id"),
        SINGULAR,
    ],
    ids=lambda test: test.name,
)
def test_where_a_personal_column_may_be_renamed_only_harmless_columns_are_shown(test: Node) -> None:
    policy = column_policy(test, [customers(id={}, email=PII)], Patterns())
    assert shown(policy, "id", "email", "unique_field", "n_records") == ["id"]


@pytest.mark.parametrize("name", ["not_null", "unique", "accepted_values", "relationships"])
def test_a_test_of_dbt_on_a_harmless_column_shows_all_but_personal_ones(name: str) -> None:
    policy = column_policy(dbt_test(name, "city_name"), [customers(city_name={}, name=PII)], Patterns())
    assert shown(policy, "value_field", "n_records", "name") == ["value_field", "n_records"]


def test_personal_columns_of_all_parents_count() -> None:
    orders, people = customers(id={}, email={}), customers(email=PII)
    assert shown(column_policy(SINGULAR, [orders, people], Patterns()), "id", "email", "contact") == ["id"]


def test_a_personal_field_of_a_nested_column_hides_the_whole_column() -> None:
    policy = column_policy(dbt_test("not_null", "id"), [customers(id={}, **{"address.street": PII})], Patterns())
    assert shown(policy, "id", "address", "Address.Street") == ["id"]


def test_a_personal_column_with_blanks_in_its_name_is_found_in_an_expression() -> None:
    test = dbt_test("unique", column_name='upper("Full Name")')
    assert shown(column_policy(test, [customers(id={}, **{"Full Name": PII})], Patterns()), "unique_field") == []


def test_a_pattern_to_show_never_shows_a_personal_column() -> None:
    policy = column_policy(dbt_test("not_null", "id"), [customers(id={}, email=PII)], Patterns(include=("*",)))
    assert shown(policy, "id", "email") == ["id"]


def test_patterns_ignore_case_and_exclude_wins() -> None:
    patterns = Patterns(include=("CUSTOMER_*",), exclude=("*_Email",))
    policy = column_policy(dbt_test("not_null", "id"), [customers()], patterns)
    assert shown(policy, "customer_id", "Customer_email", "city") == ["customer_id"]


def test_an_excluded_column_that_is_tested_is_hidden_under_any_name() -> None:
    policy = column_policy(dbt_test("unique", "email"), [customers()], Patterns(exclude=("e*",)))
    assert shown(policy, "unique_field") == []


def test_with_an_exclusion_own_sql_shows_documented_columns_only() -> None:
    policy = column_policy(SINGULAR, [customers(id={})], Patterns(exclude=("email",)))
    assert shown(policy, "id", "contact") == ["id"]

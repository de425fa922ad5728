"""Which dataset a test is about. The nodes have the shape that dbt 1.11 writes; unique_ids are of jaffle_shop."""

import pytest

from qalita_ingest.mapping.parents import dataset_of
from qalita_ingest.readers.dbt import Node
from qalita_ingest.readers.dbt import TestMetadata as Metadata
from qalita_ingest.readers.dbt.artifacts import DependsOn

CUSTOMERS, ORDERS = "model.shop.customers", "model.shop.orders"


def model(unique_id: str, **more: str) -> Node:
    _, package, name = unique_id.split(".")[:3]
    return Node(**({"name": name, "resource_type": "model", "package_name": package} | more))


NODES = {
    CUSTOMERS: model(CUSTOMERS),
    ORDERS: model(ORDERS, alias="bestellungen"),
    "model.other.orders": model("model.other.orders"),
    "model.shop.orders.v2": model("model.shop.orders.v2"),
}


def data_test(parents: list[str], *, model_kwarg: str | None = None, attached: str | None = None) -> Node:
    return Node(
        name="t",
        resource_type="test",
        attached_node=attached,
        depends_on=DependsOn(nodes=parents),
        test_metadata=Metadata(name="relationships", kwargs={"model": model_kwarg}) if model_kwarg else None,
    )


def where(call: str) -> str:
    return "{{ get_where_subquery(" + call + ") }}"


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        # A relationships test lists the other table first: nodes[0] is wrong.
        (data_test([CUSTOMERS, ORDERS], attached=ORDERS), ORDERS),
        (data_test([CUSTOMERS, ORDERS], model_kwarg=where("ref('orders')")), ORDERS),
        (data_test([CUSTOMERS, ORDERS], model_kwarg=where('ref("shop", "orders")')), ORDERS),
        (data_test([ORDERS, "model.other.orders"], model_kwarg=where("ref('other', 'orders')")), "model.other.orders"),
        (
            data_test([CUSTOMERS, "source.shop.raw.payments"], model_kwarg=where("source('raw', 'payments')")),
            "source.shop.raw.payments",
        ),
        (data_test([CUSTOMERS], model_kwarg=where("ref('something_else')")), CUSTOMERS),
        (data_test([CUSTOMERS, CUSTOMERS]), CUSTOMERS),
        (data_test(["macro.dbt.test_unique", CUSTOMERS]), CUSTOMERS),
        # dbt attaches it to a model of a package that the project has replaced (dbt-core #12363).
        (data_test([CUSTOMERS, ORDERS], attached="model.gone.orders", model_kwarg=where("ref('orders')")), ORDERS),
        (data_test([CUSTOMERS, ORDERS], attached="model.gone.orders"), "model.gone.orders"),
        # Names of sources and of their tables may hold dots.
        (
            data_test([CUSTOMERS, "source.shop.raw.eu.payments"], model_kwarg=where("source('raw', 'eu.payments')")),
            "source.shop.raw.eu.payments",
        ),
        # A singular test on two tables is about neither alone.
        (data_test([CUSTOMERS, ORDERS]), None),
        (data_test([]), None),
        (data_test([CUSTOMERS, ORDERS], model_kwarg=where("ref(variable)")), None),
        (data_test(["odd", "ids"], model_kwarg=where("ref('odd')")), "odd"),
        # Two of the same name, and nothing that tells them apart: no guess.
        (data_test([ORDERS, "model.other.orders"], model_kwarg=where("ref('orders')")), None),
    ],
)
def test_dataset_of_a_test(test: Node, expected: str | None) -> None:
    assert dataset_of(test, NODES) == expected

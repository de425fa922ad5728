import pytest

from qalita_ingest.delivery import Endpoint, find_endpoint
from qalita_ingest.errors import SettingsError

URL = "https://qalita.example.org"


@pytest.mark.parametrize("name", ["QALITA_AGENT_ENDPOINT", "QALITA_WORKER_ENDPOINT", "QALITA_API_URL"])
def test_each_variable_names_the_endpoint(name: str) -> None:
    assert find_endpoint(None, {name: f"{URL}/"}) == Endpoint(URL)


def test_none_is_the_embedded_sandbox() -> None:
    assert find_endpoint(None, {"QALITA_AGENT_ENDPOINT": "", "QALITA_AGENT_TOKEN": "t"}) is None


def test_a_flag_wins() -> None:
    assert find_endpoint("http://127.0.0.1:3080", {"QALITA_API_URL": URL}) == Endpoint("http://127.0.0.1:3080")


def test_two_that_agree_are_one() -> None:
    assert find_endpoint(None, {"QALITA_AGENT_ENDPOINT": URL, "QALITA_API_URL": f"{URL}/"}) == Endpoint(URL)


def test_two_that_differ_are_named() -> None:
    with pytest.raises(SettingsError, match="QALITA_AGENT_ENDPOINT and QALITA_API_URL differ; keep one of them"):
        find_endpoint(None, {"QALITA_AGENT_ENDPOINT": URL, "QALITA_API_URL": "http://other.example.org"})


def test_tokens_that_differ_are_named_without_their_values() -> None:
    variables = {"QALITA_API_URL": URL, "QALITA_AGENT_TOKEN": "hunter2", "QALITA_WORKER_TOKEN": "hunter3"}

    with pytest.raises(SettingsError, match="QALITA_AGENT_TOKEN and QALITA_WORKER_TOKEN differ") as caught:
        find_endpoint(None, variables)

    assert "hunter" not in str(caught.value)


def test_a_token_does_not_show() -> None:
    endpoint = find_endpoint(None, {"QALITA_API_URL": URL, "QALITA_WORKER_TOKEN": "hunter2"})

    assert endpoint
    assert endpoint.token == "hunter2"
    assert "hunter2" not in repr(endpoint)


@pytest.mark.parametrize(
    "odd",
    [
        "qalita.example.org",
        "ftp://x",
        "https://user:hunter2@qalita.example.org",
        "https://",
        "https://h/?token=hunter2",
        "http://h:abc",
    ],
)
def test_an_address_that_is_none_is_refused_without_repeating_it(odd: str) -> None:
    with pytest.raises(SettingsError, match="expected an address like") as caught:
        find_endpoint(odd, {})

    assert "hunter2" not in str(caught.value)


def test_each_server_has_an_outbox_of_its_own() -> None:
    assert Endpoint("http://localhost:3080/qalita").name == "localhost_3080_qalita"


def test_addresses_that_differ_are_named_without_their_values() -> None:
    variables = {"QALITA_AGENT_ENDPOINT": "https://u:hunter2@a.example.org", "QALITA_API_URL": URL}

    with pytest.raises(SettingsError) as caught:
        find_endpoint(None, variables)

    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(("given", "read"), [("hunter2\n", "hunter2"), ("aGk=/", "aGk=/")])
def test_a_token_is_taken_without_the_blanks_around_it_and_otherwise_as_it_is(given: str, read: str) -> None:
    endpoint = find_endpoint(URL, {"QALITA_AGENT_TOKEN": given})

    assert endpoint
    assert endpoint.token == read


@pytest.mark.parametrize("odd", ["hunter2 and more", "hünter2", "hunter2\nX-Other: 1"])
def test_a_token_that_is_none_is_refused_without_showing_it(odd: str) -> None:
    with pytest.raises(SettingsError, match="not shown") as caught:
        find_endpoint(URL, {"QALITA_AGENT_TOKEN": odd})

    assert "nter2" not in str(caught.value)


def test_an_address_without_its_scheme_is_told_what_is_missing() -> None:
    with pytest.raises(SettingsError, match=r"^--endpoint: http:// or https:// is missing; expected an address like"):
        find_endpoint("localhost:3080", {})

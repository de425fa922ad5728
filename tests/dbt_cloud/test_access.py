"""Which dbt Cloud account is meant, and that a token is never shown."""

from __future__ import annotations

import pytest

from qalita_ingest.dbt_cloud import find_access
from qalita_ingest.errors import SettingsError

GIVEN = {"DBT_CLOUD_HOST": "ab123.us1.dbt.com", "DBT_CLOUD_ACCOUNT_ID": "4711", "DBT_CLOUD_API_TOKEN": "dbtc_x"}


def test_host_account_and_token_come_from_the_environment() -> None:
    access = find_access(None, None, GIVEN)

    assert (access.url, access.account, access.token) == ("https://ab123.us1.dbt.com", "4711", "dbtc_x")


def test_a_flag_goes_before_the_environment() -> None:
    access = find_access("emea.dbt.com", "12", GIVEN)

    assert (access.url, access.account) == ("https://emea.dbt.com", "12")


def test_the_address_that_the_terraform_provider_takes_is_understood() -> None:
    assert find_access("https://ab123.us1.dbt.com/api", None, GIVEN).url == "https://ab123.us1.dbt.com"


@pytest.mark.parametrize("missing", sorted(GIVEN))
def test_what_is_missing_is_named(missing: str) -> None:
    environ = {name: value for name, value in GIVEN.items() if name != missing}

    with pytest.raises(SettingsError, match=missing):
        find_access(None, None, environ)


def test_two_tokens_that_differ_are_refused_without_showing_them() -> None:
    with pytest.raises(SettingsError, match="DBT_CLOUD_API_TOKEN and DBT_CLOUD_TOKEN differ") as caught:
        find_access(None, None, GIVEN | {"DBT_CLOUD_TOKEN": "dbtc_other"})

    assert "dbtc_" not in str(caught.value)


def test_a_token_with_a_line_break_is_refused_without_showing_it() -> None:
    with pytest.raises(SettingsError, match="copy it again") as caught:
        find_access(None, None, GIVEN | {"DBT_CLOUD_API_TOKEN": "dbtc_secret\nmore"})

    assert "secret" not in str(caught.value)


def test_the_token_is_not_in_the_words_for_an_access() -> None:
    assert "dbtc_x" not in repr(find_access(None, None, GIVEN))


@pytest.mark.parametrize("host", ["user:word@ab123.us1.dbt.com", "ab123.us1.dbt.com/deploy/12", "https://", "a b", "?"])
def test_what_is_no_host_is_refused(host: str) -> None:
    with pytest.raises(SettingsError, match="expected a host") as caught:
        find_access(host, None, GIVEN)

    assert "word" not in str(caught.value)


def test_a_token_never_travels_in_the_open() -> None:
    with pytest.raises(SettingsError, match="expected https"):
        find_access("http://ab123.us1.dbt.com", None, GIVEN)


@pytest.mark.parametrize("account", ["my-company", "12/../13", ""])
def test_an_account_is_a_number(account: str) -> None:
    with pytest.raises(SettingsError, match="which account"):
        find_access(None, account, GIVEN | {"DBT_CLOUD_ACCOUNT_ID": ""})

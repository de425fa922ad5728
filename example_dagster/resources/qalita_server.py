"""What the server itself says: the client's exit code 0 does not mean that all went well."""

from typing import Any

import dagster as dg
import httpx2

from qalita_ingest import Endpoint

TIMEOUT_SECONDS = 30
REFUSED = {401, 403}
ABSENT = {404, 405}
# Of what a server says about an error, as much as fits into a line.
LONGEST_DETAIL = 200


class QalitaServer:
    """Asks only what every released platform answers, and raises `dagster.Failure` where it can't.

    Only what time may mend is worth another try of the op.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._headers = {"Authorization": f"Bearer {endpoint.token}"} if endpoint.token else {}

    @property
    def url(self) -> str:
        return self._endpoint.url

    def workers(self, family: str) -> list[dict[str, Any]]:
        return self._list(f"/api/v2/{family}s")

    def pack(self, pack_id: int) -> dict[str, Any] | None:
        found: dict[str, Any] | None = self._get(f"/api/v2/packs/{pack_id}", may_be_absent=True)
        return found

    def packs(self) -> list[dict[str, Any]]:
        return self._list("/api/v2/packs")

    def job(self, name: str, number: str | None) -> dict[str, Any] | None:
        """By the number that the client was given, or by its name: not every platform lists both."""
        jobs = self._list("/api/v2/jobs")
        return next((job for job in jobs if str(job.get("id")) == number or job.get("name") == name), None)

    def documents_since(self, job: dict[str, Any]) -> set[str] | None:
        """Kinds of the documents that came for this job, or for a later one of the same source and pack.

        Uploads don't name their job: of several that run at once, the server gives them to the one started last.
        None: this server doesn't say which documents a job has.
        """
        same = [one for one in self._list("/api/v2/jobs") if _is_of_same(one, job) and one["id"] >= job["id"]]
        details = [self._get(f"/api/v2/jobs/{one['id']}", may_be_absent=True) for one in same]
        if not all(isinstance(detail, dict) and "documents" in detail for detail in details):
            return None
        return {document["kind"] for detail in details for document in detail["documents"]}

    def _list(self, path: str) -> list[dict[str, Any]]:
        found = self._get(path)
        if not isinstance(found, list):
            raise dg.Failure(f"{self.url}{path}: expected a list; is the endpoint QALITA's?", allow_retries=False)
        return found

    def _get(self, path: str, *, may_be_absent: bool = False) -> Any:
        """What a 204 brings, and a 404 where it may be, is None."""
        try:
            response = httpx2.get(f"{self.url}{path}", headers=self._headers, timeout=TIMEOUT_SECONDS)
        except httpx2.RequestError as error:
            raise dg.Failure(f"QALITA can't be reached at {self.url}: {error}; is the server running?") from None
        if response.status_code == httpx2.codes.NO_CONTENT or (may_be_absent and response.status_code in ABSENT):
            return None
        if not response.is_success:
            raise self._failure(path, response)
        try:
            return response.json()
        except ValueError:
            raise dg.Failure(f"{self.url}{path}: not JSON; is the endpoint QALITA's?", allow_retries=False) from None

    def _failure(self, path: str, response: httpx2.Response) -> dg.Failure:
        status = response.status_code
        if status in REFUSED:
            hint = "set QALITA_AGENT_TOKEN to a token of this server" if self._endpoint.token else "it wants a token"
            return dg.Failure(f"QALITA refused the token (HTTP {status}) at {self.url}; {hint}", allow_retries=False)
        detail = " ".join(response.text.split())[:LONGEST_DETAIL]
        is_passing = response.is_server_error or status == httpx2.codes.TOO_MANY_REQUESTS
        return dg.Failure(f"{self.url}{path} answered HTTP {status}: {detail}", allow_retries=is_passing)


def _is_of_same(one: dict[str, Any], job: dict[str, Any]) -> bool:
    return all(_identifier(one, kind) == _identifier(job, kind) for kind in ("source", "pack"))


def _identifier(job: dict[str, Any], kind: str) -> str:
    """Platforms say it as a number, as text, or as an object."""
    return str((job.get(kind) or {}).get("id", job.get(f"{kind}_id")))

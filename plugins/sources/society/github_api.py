"""GitHub's REST API: what the sources that ask it have in common.

60 requests an hour without a token and 5,000 with one; searches besides, 10 or
30 a minute. A limit that is used up is said with 403 or 429, and by
retry-after or x-ratelimit-reset when it is over.
"""

import time

import headway_plugin as hp

API = "https://api.github.com"
RAW = "https://raw.githubusercontent.com"
TOKEN = hp.Secret("GITHUB_TOKEN", "A token, for 5,000 requests an hour instead "
                  "of 60; https://github.com/settings/tokens makes one, and it "
                  "needs no rights.")
ATTEMPTS = 4
# Longer waits are left to the daemon.
LONGEST_WAIT = 60
# Of a limit that does not say when it is over, as GitHub advises.
USUAL_WAIT = 60


class Client:
    def __init__(self, request, min_interval=0):
        self._http = hp.Http(min_interval=min_interval)
        self._headers = {"Accept": "application/vnd.github+json",
                         "X-GitHub-Api-Version": "2022-11-28"}
        if request.secret(TOKEN.name):
            self._headers["Authorization"] = (
                "Bearer " + request.secret(TOKEN.name))

    def get(self, url):
        """The JSON of an answer."""
        for attempt in range(1, ATTEMPTS + 1):
            response = self._http.get(url, headers=self._headers,
                                      accept_statuses=(401, 403, 422, 429))
            if response.status == 200:
                return response.json(url)
            wait = limit_wait(response, time.time())
            if wait is None:
                raise refusal(url, response)
            if wait > LONGEST_WAIT or attempt == ATTEMPTS:
                raise hp.TransientError(
                    f"{url}: GitHub's limit of requests is used up"
                    + ("" if "Authorization" in self._headers else
                       f"; {TOKEN.name} raises it: {TOKEN.description}"), wait)
            time.sleep(wait)
        raise AssertionError("unreachable")


def limit_wait(response, now):
    """Seconds until a limit is over; None where no limit is in the way."""
    if response.status not in (403, 429):
        return None
    wait = hp.parse_retry_after(response.headers.get("retry-after"))
    if wait is not None:
        return wait
    reset = response.headers.get("x-ratelimit-reset", "")
    if response.headers.get("x-ratelimit-remaining") == "0" and (
            reset.isdigit()):
        return max(1, int(reset) - now + 1)
    if response.status == 429 or b"rate limit" in response.body.lower():
        return USUAL_WAIT
    return None


def refusal(url, response):
    said = hp.beginning(response.body, 300)
    if response.status == 401:
        return hp.ConfigError(f"{url}: GitHub refuses the token in "
                              f"{TOKEN.name}, saying {said}; "
                              + TOKEN.description)
    if response.status == 422:
        return hp.ConfigError(f"{url}: GitHub refuses the question, saying "
                              f"{said}; mend the query")
    return hp.ConfigError(f"{url}: GitHub refuses the request, saying {said}; "
                          f"look at the rights of {TOKEN.name}")

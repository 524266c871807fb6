"""EDGAR's addresses and manners, and the companies that are known by name."""

import dataclasses
import difflib
import os
import re

import answers
import headway_plugin as hp

CONTACT_HELP = ("the SEC answers only programs that say whom to write to; set "
                "HEADWAY_CONTACT to an e-mail address")


@dataclasses.dataclass(frozen=True)
class Company:
    """`bases` says by what customers are put into countries, from which day of
    filing on; none is a series without the label."""

    cik: int
    name: str
    bases: tuple = (("", "reported"),)

    def basis(self, filed):
        found = None
        for since, basis in self.bases:
            if filed >= since:
                found = basis
        return found


COMPANIES = {
    # From the report of its third quarter of fiscal 2026 on, Nvidia puts
    # customers where their headquarters are.
    "NVDA": Company(1045810, "Nvidia", (("", "billing"), ("2025-11-01", "hq"))),
    "AMD": Company(2488, "AMD", (("", "billing"),)),
    "INTC": Company(50863, "Intel", (("", "billing"),)),
    "QCOM": Company(804328, "Qualcomm"),
    "AVGO": Company(1730168, "Broadcom", (("", "delivery"),)),
    "AMAT": Company(6951, "Applied Materials", ()),
    "LRCX": Company(707549, "Lam Research", ()),
    "KLAC": Company(319201, "KLA", ()),
}


class NotThere(hp.PluginError):
    """404: EDGAR has no such document."""


class Edgar:
    def __init__(self, request):
        contact = os.environ.get("HEADWAY_CONTACT", "")
        if not re.fullmatch(r"[^\s@]+@[^\s@]+\.[^\s@]+", contact):
            raise hp.ConfigError(f'HEADWAY_CONTACT is "{contact}", not an '
                                 f"e-mail address; {CONTACT_HELP}")
        self.contact = contact
        self.base = request.option("base_url").rstrip("/")
        self.archives = request.option("archives_url").rstrip("/")
        self.http = hp.Http(max_response_bytes=128 << 20)

    def get(self, url):
        response = self.http.get(url, accept_statuses=(403, 404))
        text = response.body[:4096].decode("utf-8", "replace").lower()
        if "undeclared automated tool" in text:
            raise hp.ConfigError(
                f"{url}: the SEC takes this program for an undeclared one "
                f"(contact {self.contact}); {CONTACT_HELP}")
        if "request rate threshold exceeded" in text:
            raise hp.TransientError(f"{url}: the SEC says that too much was "
                                    "asked; it lets one in again after ten "
                                    "minutes", 600)
        if response.status == 404:
            raise NotThere(f"{url}: EDGAR has no such document")
        if response.status == 403:
            raise hp.ConfigError(f"{url}: HTTP 403 saying "
                                 f"{hp.beginning(response.body)}; the SEC does "
                                 "not let this client in")
        return response.body

    def json(self, url):
        """(the answer, the hash of its bytes)."""
        body = self.get(url)
        answer = hp.Response(200, {}, body).json(url)
        if not isinstance(answer, dict):
            raise hp.PluginError(f"{url}: the answer is no object; it begins "
                                 f"with {hp.beginning(body)}")
        return answer, hp.content_hash(body)[:16]

    def companies(self, names):
        """The companies of tickers; others than those above are looked up."""
        tickers = {}
        found = []
        for name in names:
            if name in COMPANIES:
                found.append((name, COMPANIES[name]))
                continue
            if not tickers:
                listed, _ = self.json(self.archives
                                      + "/files/company_tickers.json")
                tickers = {answers.field(c, "ticker", "company_tickers.json"): c
                           for c in listed.values()}
            if name not in tickers:
                near = difflib.get_close_matches(
                    name, [*COMPANIES, *tickers], 1)
                raise hp.ConfigError(
                    f'option companies: the SEC lists no ticker "{name}"'
                    + (f"; did you mean {near[0]}?" if near else ""))
            one = tickers[name]
            found.append((name, Company(
                int(answers.field(one, "cik_str", name)),
                answers.field(one, "title", name))))
        return found

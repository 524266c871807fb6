#!/usr/bin/python3
"""Members of RISC-V International by tier, China's and others (CC BY 4.0).

RISC-V International keeps its members in landscape.yml, a file under Git, and
the source reads it as it was at the end of each month.

Series: riscv_members{tier,country}, monthly, where country is CHN or other. The
file gives no country: it is judged by Chinese characters or places in the name,
an address under .cn or .hk, and the table of firms below, and the option
`countries` corrects it. US units of Chinese firms count as other.

Vintages are native: what the file said at the end of a month was public then.
The history of the file does not change, so months that were read are not asked
for again, and the running month is left out. Trap: the list was being filled
until 2023-09 and lost many members in 2026; shares within the Premier and
Strategic tiers say more than counts.

Limits: GitHub's 60 requests an hour (5,000 with GITHUB_TOKEN); a month is one,
so that a first read from 2023-10 has room. Each month is committed by itself.

source {
  name: "riscv"
  plugin: "riscv"
  supersedes: "riscv-members-sample"
}
A schedule: cron "0 6 1 * *", time zone UTC: the month before is over then.
"""

import dataclasses
import datetime
import json
import re
import urllib.parse

import github_api
import answers
import headway_plugin as hp

try:
    import yaml
except ImportError:
    yaml = None

REPOSITORY = "riscv-admin/riscv-landscape"
FILE = "landscape.yml"
CATEGORY = "RISC-V Members"
SOURCE_NAME = ("RISC-V International landscape (CC BY 4.0); country judged by "
               "name and address")
COUNTRIES = ("CHN", "other")

_HAN = re.compile("[\u3400-\u9fff]")
_CHINESE = re.compile(
    r"\b(China|Chinese|Beijing|Changsha|Chengdu|Chongqing|Dalian|Dongguan|"
    r"Fujian|Fuzhou|Guangdong|Guangzhou|Hangzhou|Harbin|Hefei|Hong ?Kong|"
    r"Hunan|Jiangsu|Jinan|Nanjing|Ningbo|Peking|Qingdao|Shandong|Shanghai|"
    r"Shenzhen|Suzhou|Tianjin|Tsinghua|Wuhan|Wuxi|Xi'?an|Xiamen|Zhejiang|"
    r"Zhuhai|HK Limited)\b|\(HK\)", re.IGNORECASE)
# Of Taiwan's "Republic of China".
_NOT_CHINESE = re.compile(r"\b(Taiwan|Taipei|R\.O\.C\.)", re.IGNORECASE)
# Whose names may have Chinese characters, too.
HAN_ELSEWHERE = ("jp", "kr", "sg", "tw")
# Chinese members whose names and addresses do not show it.
FIRMS = frozenset("""
    alibaba-inc.com alibabagroup.com allwinnertech.com anlogic.com apexmic.com
    bytedance.com canaan-creative.com cgvcap.com chengwei.com cipunited.com
    deepcomputing.io dfrobot.com espressif.com evas.ai fdmtek.com
    gigadevice.com gowinsemi.com hpmicro.com huawei.com ieisystem.com
    inspur.com leapfive.com metastonecorp.com nucleisys.com openeuler.org
    openeuler.sh perfxlab.com picocom.com rioslab.org rock-chips.com
    rt-thread.io s2cinc.com sophgo.com soundai.com spacemit.com
    starfivetech.com streamcomputing.com tencent.com terapines.com
    trustkernel.com uctechip.com unisoc.com verisilicon.com win-source.net
    wingsemitech.com wxblockchain.com xcalibyte.com zhcomputing.com
""".split())


def host_of(address):
    host = urllib.parse.urlsplit(address).hostname or ""
    return host.removeprefix("www.")


def judge(name, address, corrections):
    """CHN or other."""
    host = host_of(address)
    parts = host.split(".")
    domains = {".".join(parts[i:]) for i in range(len(parts))}
    for domain in domains & corrections.keys():
        return corrections[domain]
    if domains & FIRMS or parts[-1] in ("cn", "hk"):
        return "CHN"
    if _NOT_CHINESE.search(name):
        return "other"
    is_han = _HAN.search(name) and parts[-1] not in HAN_ELSEWHERE
    return "CHN" if is_han or _CHINESE.search(name) else "other"


def parse_corrections(request):
    corrections = {}
    for part in request.list_option("countries"):
        domain, _, country = part.partition("=")
        if not domain or country not in COUNTRIES:
            raise hp.ConfigError(f'option countries: "{part}" is not of the '
                                 "form domain=CHN or domain=other")
        corrections[domain] = country
    return corrections


def named(entries, kind):
    """The entries of a list with their names, in the landscape's form."""
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, dict) and kind in entry and isinstance(
                entry.get("name"), str):
            yield entry["name"].strip(), entry


def parse_landscape(body, url):
    if yaml is None:
        raise hp.ConfigError("the landscape needs the Python module yaml: "
                             "install python3-yaml")
    try:
        # The parser in C is there wherever Debian's package is.
        document = yaml.load(body, Loader=getattr(
            yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, UnicodeDecodeError) as e:
        raise hp.PluginError(f"{url}: not YAML, or cut short: "
                             + " ".join(str(e).split())) from None
    if not isinstance(document, dict):
        raise hp.PluginError(f"{url}: no landscape; it begins with "
                             + hp.beginning(body))
    categories = dict(named(document.get("landscape"), "category"))
    if CATEGORY not in categories:
        raise hp.PluginError(
            f'{url}: no category "{CATEGORY}"; there are '
            + (", ".join(sorted(categories)) or "none"))
    return categories[CATEGORY]


def count_members(body, url, tiers, corrections):
    """{tier: {country: members}}"""
    members = {tier: {} for tier in tiers}
    names = []
    for name, entry in named(parse_landscape(body, url).get("subcategories"),
                             "subcategory"):
        names.append(name)
        # "Premier" was split into "Premier Board" and others.
        tier = name.split()[0]
        for member, item in named(entry.get("items"), "item"):
            if tier in members:
                members[tier][member] = judge(
                    member, str(item.get("homepage_url") or ""), corrections)
    for tier, found in members.items():
        if not found:
            raise hp.PluginError(
                f'{url}: no members of tier "{tier}"; the tiers are '
                + (", ".join(names) or "none"))
    return {tier: {country: list(found.values()).count(country)
                   for country in COUNTRIES}
            for tier, found in members.items()}


@dataclasses.dataclass
class Month:
    text: str
    end: datetime.datetime


def months(request):
    """Those that are over, from the option `since`."""
    try:
        _, first = hp.parse_period(request.option("since"), "monthly")
    except hp.PluginError as e:
        raise hp.ConfigError(f"option since: {e}") from None
    found = []
    while True:
        month = first.year * 12 + first.month
        following = datetime.date(month // 12, month % 12 + 1, 1)
        if following > request.now.date():
            break
        last = following - datetime.timedelta(days=1)
        found.append(Month(hp.period_of("monthly", first),
                           hp.parse_instant(last.isoformat())))
        first = following
    if not found:
        raise hp.ConfigError(f'option since = "{request.option("since")}": no '
                             "month since then is over")
    return found


class Landscape:
    def __init__(self, request):
        self._client = github_api.Client(request)
        self._http = hp.Http()
        self._api = request.option("base_url").rstrip("/")
        self._raw = request.option("raw_url").rstrip("/")

    def commit_before(self, end):
        """The last commit of the file by then, or None."""
        url = f"{self._api}/repos/{REPOSITORY}/commits?" + (
            urllib.parse.urlencode({"path": FILE, "per_page": 1,
                                    "until": f"{end:%Y-%m-%dT%H:%M:%SZ}"}))
        commits = self._client.get(url)
        if commits == []:
            return None
        try:
            return str(commits[0]["sha"])
        except (KeyError, IndexError, TypeError):
            raise hp.PluginError(f"{url}: no list of commits; it begins with "
                                 + hp.beginning(json.dumps(commits))) from None

    def file_at(self, commit):
        url = f"{self._raw}/{REPOSITORY}/{commit}/{FILE}"
        return self._http.get(url).body, url


def define(tiers, out):
    for tier in tiers:
        for country in COUNTRIES:
            out.series(
                f"{tier} {country}", metric="riscv_members",
                labels={"tier": tier, "country": country},
                frequency="monthly", unit="1", vintage_kind="NATIVE",
                title=f"Members of RISC-V International, {tier}",
                source_name=SOURCE_NAME)


def parse_tiers(request):
    tiers = request.list_option("tiers")
    if not tiers:
        raise hp.ConfigError("option tiers names none: Premier,Strategic")
    return list(dict.fromkeys(tiers))


def read(request, out):
    tiers = parse_tiers(request)
    corrections = parse_corrections(request)
    plan = months(request)
    state = answers.last_state(request) or {"fingerprint": request.fingerprint}
    plan = [m for m in plan if m.text > state.get("through", "")]
    if not plan:
        out.info(f'nothing is new: {state["through"]} was read, and no month '
                 "is over since")
    landscape = Landscape(request)
    define(tiers, out)
    for position, month in enumerate(plan):
        commit = landscape.commit_before(month.end)
        if commit is None:
            out.warn(f"{month.text}: {FILE} had no commit by then; the month "
                     "is left out")
        else:
            if commit != state.get("commit"):
                state["members"] = count_members(
                    *landscape.file_at(commit), tiers, corrections)
                state["commit"] = commit
            for tier, members in state["members"].items():
                for country, count in members.items():
                    out.observe(f"{tier} {country}", month.text, count,
                                known_at=month.end)
        state["through"] = month.text
        out.checkpoint(state=json.dumps(state))
        out.progress(position + 1, len(plan), month.text)
    if plan:
        out.info(f"{len(plan)} months, to {plan[-1].text}")


def check(request):
    parse_tiers(request)
    parse_corrections(request)
    months(request)
    commit = Landscape(request).commit_before(request.now)
    if commit is None:
        raise hp.ConfigError(f"{REPOSITORY} has no {FILE}; look at base_url")
    return f"the newest commit of {FILE} is {commit[:7]}"


hp.run(hp.Plugin(
    name="riscv",
    version="1.0",
    evidence=("recorded", "2026-07-14"),
    summary="Counts members of RISC-V International by tier.",
    read=read,
    check=check,
    options=[
        hp.Option("base_url", "Address of GitHub's API.", github_api.API),
        hp.Option("raw_url", "Address of GitHub's files.", github_api.RAW),
        hp.Option("since", "The first month.", "2023-10"),
        hp.Option("tiers", "Tiers of membership.", "Premier,Strategic"),
        hp.Option("countries", "Corrections of the judgement, by the domain of "
                  'a member\'s address: "example.com=CHN,example.org=other".'),
    ],
    secrets=[github_api.TOKEN],
    hosts=["api.github.com", "raw.githubusercontent.com"],
    default_schedule="0 6 1 * *",
))

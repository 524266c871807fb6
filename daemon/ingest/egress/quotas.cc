#include "daemon/ingest/egress/quotas.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "daemon/base/instant_text.h"
#include "daemon/base/log.h"
#include "daemon/base/status_macros.h"

namespace headway::ingest {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);
// Of what was sent to one host within a minute, beyond any limit that may be
// declared.
constexpr size_t kMaxSent = 200000;
// The ledger is written for so many requests together, at most.
constexpr int64_t kMaxBlock = 100;

int64_t DayOf(absl::Time time) {
  absl::Duration rest;
  return absl::IDivDuration(time - absl::UnixEpoch(), kDay, &rest);
}

// When the next request may be sent after those in `sent`.
absl::Time NextTime(const std::deque<absl::Time>& sent, const HostLimit& limit,
                    absl::Time now) {
  absl::Time next = now;
  const auto keep = [&](int64_t most, absl::Duration span) {
    if (most <= 0 || static_cast<int64_t>(sent.size()) < most) return;
    next = std::max(next, sent[sent.size() - static_cast<size_t>(most)] + span);
  };
  keep(limit.per_second, absl::Seconds(1));
  keep(limit.per_minute, absl::Minutes(1));
  return next;
}

QuotaAnswer Refused(const HostLimit& limit, absl::Duration wait,
                    absl::string_view what) {
  return {.is_granted = false,
          .wait = wait,
          .why = absl::StrCat(limit.host, ": ", what,
                              ", counted for all plugins together")};
}

}  // namespace

QuotaKeeper::~QuotaKeeper() {
  absl::MutexLock lock(&mutex_);
  for (auto& [name, host] : hosts_) {
    if (ledger_ == nullptr || host.block == 0) continue;
    if (host.written == host.today.requests) continue;
    const absl::Status status = ledger_->Write(name, host.today);
    if (!status.ok()) {
      Log(LogLevel::kWarning, "the requests of a day were not counted exactly",
          {{"host", name}, {"error", std::string(status.message())}});
    }
  }
}

absl::StatusOr<QuotaKeeper::Host*> QuotaKeeper::Find(const HostLimit& limit,
                                                     absl::Time now) {
  auto found = hosts_.find(limit.host);
  if (found == hosts_.end()) {
    Host host;
    if (ledger_ != nullptr) {
      ASSIGN_OR_RETURN(const std::optional<DayCount> kept,
                       ledger_->Read(limit.host));
      if (kept.has_value()) {
        host.today = *kept;
        host.written = kept->requests;
        // Somebody had limited its days.
        host.block = 1;
      }
    }
    found = hosts_.emplace(limit.host, std::move(host)).first;
  }
  Host& host = found->second;
  if (host.today.day != DayOf(now)) {
    host.today = {.day = DayOf(now), .requests = 0};
    host.written = 0;
  }
  while (!host.sent.empty() && host.sent.front() <= now - absl::Minutes(1)) {
    host.sent.pop_front();
  }
  if (limit.per_day > 0) {
    host.block = std::clamp<int64_t>(limit.per_day / 50, 1, kMaxBlock);
  }
  return &host;
}

absl::StatusOr<int64_t> QuotaKeeper::RequestsToday(const std::string& host) {
  const absl::Time now = clock_->Now();
  absl::MutexLock lock(&mutex_);
  ASSIGN_OR_RETURN(const Host* const found, Find({.host = host}, now));
  return found->today.requests;
}

absl::Status QuotaKeeper::Count(const HostLimit& limit, int64_t requests,
                                Host& host) {
  const int64_t count = host.today.requests + requests;
  if (ledger_ != nullptr && host.block > 0 && count > host.written) {
    int64_t ahead = count + host.block - 1;
    if (limit.per_day > 0) ahead = std::min(ahead, limit.per_day);
    RETURN_IF_ERROR(
        ledger_->Write(limit.host, {.day = host.today.day, .requests = ahead}));
    host.written = ahead;
  }
  host.today.requests = count;
  return absl::OkStatus();
}

absl::StatusOr<QuotaAnswer> QuotaKeeper::Take(const HostLimit& limit,
                                              int64_t requests,
                                              absl::Duration longest_wait) {
  for (const int64_t most :
       {limit.per_second, limit.per_minute, limit.per_day}) {
    if (requests < 1 || (most > 0 && requests > most)) {
      return absl::InvalidArgumentError(absl::StrCat(
          limit.host, ": ", requests, " requests at once; ask for 1 to ",
          most > 0 ? most : 1));
    }
  }
  const absl::Time now = clock_->Now();
  absl::MutexLock lock(&mutex_);
  ASSIGN_OR_RETURN(Host* const host, Find(limit, now));
  if (limit.per_day > 0 && host->today.requests + requests > limit.per_day) {
    const absl::Time tomorrow =
        absl::UnixEpoch() + (host->today.day + 1) * kDay;
    return Refused(limit, tomorrow - now,
                   absl::StrCat("the ", limit.per_day,
                                " requests of the day are used up until ",
                                FormatInstant(tomorrow)));
  }
  std::deque<absl::Time> sent = host->sent;
  absl::Time last = now;
  for (int64_t i = 0; i < requests; ++i) {
    last = NextTime(sent, limit, now);
    // Those of another plugin, with other limits, may come after it.
    sent.insert(std::upper_bound(sent.begin(), sent.end(), last), last);
  }
  if (last - now > longest_wait) {
    return Refused(limit, last - now, "its limit on requests is used up");
  }
  RETURN_IF_ERROR(Count(limit, requests, *host));
  while (sent.size() > kMaxSent) sent.pop_front();
  host->sent = std::move(sent);
  return QuotaAnswer{.is_granted = true, .wait = last - now, .why = ""};
}

}  // namespace headway::ingest

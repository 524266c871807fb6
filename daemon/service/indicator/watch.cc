#include "daemon/service/indicator/watch.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/errors.h"
#include "daemon/messages/series.h"
#include "daemon/pipeline/manager.h"
#include "daemon/query/query.h"
#include "daemon/service/calls/paging.h"
#include "daemon/service/indicator/indicators.h"

namespace headway::service {
namespace {

using messages::FieldError;
using messages::ToProto;

size_t HashOf(const absl::StatusOr<query::Panel>& panel) {
  if (!panel.ok()) return absl::HashOf(panel.status().message());
  size_t hash = absl::HashOf(panel->unit.ToString());
  for (const query::LabelledColumn& column : panel->columns) {
    hash =
        absl::HashOf(hash, column.labels, column.observations.frequency,
                     column.observations.ordinals, column.observations.values);
  }
  return hash;
}

absl::StatusOr<store::CommitNumber> ToCommit(const std::string& token,
                                             const std::string& scope,
                                             store::CommitNumber newest) {
  ASSIGN_OR_RETURN(std::string cursor,
                   ParseToken("resume_token", token, scope));
  store::CommitNumber commit = 0;
  if (!absl::SimpleAtoi(cursor, &commit) || commit > newest) {
    return FieldError("resume_token",
                      "was given by another store; watch again without it");
  }
  return commit;
}

}  // namespace

absl::StatusOr<std::unique_ptr<StreamSource<v1::WatchIndicatorsResponse>>>
IndicatorWatch::Create(const Parts& parts,
                       const v1::WatchIndicatorsRequest& request) {
  std::unique_ptr<IndicatorWatch> watch(new IndicatorWatch(parts));
  const auto definitions = parts.pipelines->definitions();
  for (int i = 0; i < request.names_size(); ++i) {
    ASSIGN_OR_RETURN(const pipeline::Indicator* indicator,
                     FindIndicator(*definitions, absl::StrCat("names[", i, "]"),
                                   request.names(i)));
    watch->names_.insert(indicator->name);
  }
  watch->token_scope_ =
      absl::StrCat("WatchIndicators\n", absl::StrJoin(watch->names_, "\n"));
  if (!request.resume_token().empty()) {
    ASSIGN_OR_RETURN(watch->swept_,
                     ToCommit(request.resume_token(), watch->token_scope_,
                              parts.store->last_commit()));
    watch->definitions_ = definitions;
  }
  return watch;
}

std::string IndicatorWatch::Token() const {
  if (!swept_.has_value()) return "";
  return MakeToken(token_scope_, absl::StrCat(*swept_));
}

std::set<std::string> IndicatorWatch::Watched() const {
  if (!names_.empty()) return names_;
  std::set<std::string> all;
  for (const auto& [name, indicator] : definitions_->indicators) {
    all.insert(name);
  }
  return all;
}

absl::StatusOr<std::set<std::string>> IndicatorWatch::ChangedSince(
    const store::Reader& reader, store::CommitNumber commit) const {
  constexpr size_t kChunk = 1000;
  std::set<store::SeriesId> series;
  while (commit < target_) {
    ASSIGN_OR_RETURN(std::vector<store::CommitEntry> commits,
                     reader.ListCommits(commit, kChunk));
    if (commits.empty()) break;
    for (const store::CommitEntry& entry : commits) {
      series.insert(entry.changed_series.begin(), entry.changed_series.end());
    }
    commit = commits.back().commit;
  }
  const std::vector<store::SeriesId> changed(series.begin(), series.end());
  return parts_.pipelines->AffectedIndicators(reader, changed);
}

absl::Status IndicatorWatch::BeginSweep() {
  const std::unique_ptr<store::Reader> reader = parts_.store->NewReader();
  target_ = reader->commit();
  const auto before =
      std::exchange(definitions_, parts_.pipelines->definitions());
  std::set<std::string> names = Watched();
  if (swept_.has_value() && before == definitions_) {
    ASSIGN_OR_RETURN(std::set<std::string> changed,
                     ChangedSince(*reader, *swept_));
    std::set<std::string> both;
    std::set_intersection(names.begin(), names.end(), changed.begin(),
                          changed.end(), std::inserter(both, both.end()));
    names = std::move(both);
  }
  pending_.assign(names.begin(), names.end());
  return absl::OkStatus();
}

absl::StatusOr<std::optional<v1::WatchIndicatorsResponse>>
IndicatorWatch::Evaluate(const std::string& name) {
  ASSIGN_OR_RETURN(
      const pipeline::Indicator* indicator,
      FindIndicator(*definitions_, "names", absl::StrCat("indicators/", name)));
  // A reader for each: a slow client must not hold a view of the store.
  const std::unique_ptr<store::Reader> reader = parts_.store->NewReader();
  const auto panel = parts_.pipelines->EvaluateIndicator(name, *reader);
  const size_t hash = HashOf(panel);
  const auto [sent, is_new] = sent_.try_emplace(name, hash);
  if (!is_new && std::exchange(sent->second, hash) == hash) return std::nullopt;
  v1::WatchIndicatorsResponse response;
  *response.mutable_indicator() = DescribeIndicator(*indicator);
  if (!panel.ok()) {
    response.mutable_indicator()->add_summaries()->set_error(
        std::string(panel.status().message()));
    return response;
  }
  for (const query::LabelledColumn& column : panel->columns) {
    *response.add_series() = ToProto(column.labels, column.observations);
  }
  return response;
}

absl::StatusOr<IndicatorWatch::Step> IndicatorWatch::Next() {
  if (pending_.empty()) RETURN_IF_ERROR(BeginSweep());
  std::optional<v1::WatchIndicatorsResponse> response;
  while (!pending_.empty() && !response.has_value()) {
    const std::string name = std::move(pending_.front());
    pending_.pop_front();
    ASSIGN_OR_RETURN(response, Evaluate(name));
  }
  if (pending_.empty()) swept_ = target_;
  if (!response.has_value()) {
    // The sweep had nothing to send, or what was left of it came out unchanged.
    // Say that the client has everything, unless it knows.
    if (caught_up_) return Step{};
    response.emplace();
  }
  caught_up_ = pending_.empty();
  response->set_caught_up(caught_up_);
  response->set_resume_token(Token());
  return Step{std::move(response)};
}

}  // namespace headway::service

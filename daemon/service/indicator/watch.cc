#include "daemon/service/indicator/watch.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "daemon/base/stable_hash.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/errors.h"
#include "daemon/messages/series.h"
#include "daemon/pipeline/manager.h"
#include "daemon/query/query.h"
#include "daemon/service/calls/paging.h"
#include "daemon/service/indicator/indicators.h"
#include "daemon/service/sharing/sharing.h"

namespace headway::service {
namespace {

using messages::FieldError;
using messages::ToProto;

// Stands for the definitions of these indicators.
uint64_t HashOf(const pipeline::Definitions& definitions,
                const std::set<std::string>& names) {
  StableHash hash;
  for (const std::string& name : names) {
    hash.Add(name);
    const auto found = definitions.indicators.find(name);
    if (found == definitions.indicators.end()) continue;
    hash.Add(found->second.fingerprint);
  }
  return hash.value();
}

}  // namespace

absl::StatusOr<std::unique_ptr<StreamSource<v1::WatchIndicatorsResponse>>>
IndicatorWatch::Create(const Parts& parts, const Caller& caller,
                       const v1::WatchIndicatorsRequest& request) {
  std::unique_ptr<IndicatorWatch> watch(new IndicatorWatch(parts, caller));
  const auto definitions = parts.pipelines->definitions();
  for (int i = 0; i < request.names_size(); ++i) {
    ASSIGN_OR_RETURN(const pipeline::Indicator* indicator,
                     FindIndicator(*definitions, absl::StrCat("names[", i, "]"),
                                   request.names(i)));
    watch->names_.insert(indicator->name);
  }
  // Commits of another history say nothing here.
  watch->token_scope_ =
      absl::StrCat("WatchIndicators\n", parts.store->identity(), "\n",
                   absl::StrJoin(watch->names_, "\n"));
  if (!request.resume_token().empty()) {
    RETURN_IF_ERROR(
        watch->Resume(request.resume_token(), parts.store->last_commit()));
  }
  return watch;
}

absl::Status IndicatorWatch::Resume(const std::string& token,
                                    store::CommitNumber newest) {
  ASSIGN_OR_RETURN(const std::string cursor,
                   ParseToken("resume_token", token, token_scope_));
  const std::vector<absl::string_view> parts = absl::StrSplit(cursor, '/');
  store::CommitNumber commit = 0;
  uint64_t known = 0;
  if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &commit) ||
      !absl::SimpleHexAtoi(parts[1], &known) || commit > newest) {
    return FieldError("resume_token", "is not one that a watch gave");
  }
  swept_ = commit;
  known_definitions_ = known;
  return absl::OkStatus();
}

std::string IndicatorWatch::Token() const {
  if (!swept_.has_value()) return "";
  return MakeToken(token_scope_,
                   absl::StrCat(*swept_, "/", absl::Hex(known_definitions_)));
}

std::set<std::string> IndicatorWatch::Watched() const {
  if (!names_.empty()) return names_;
  std::set<std::string> all;
  for (const auto& [name, indicator] : definitions_->indicators) {
    all.insert(name);
  }
  return all;
}

absl::Status IndicatorWatch::BeginSweep() {
  target_ = parts_.store->last_commit();
  definitions_ = parts_.pipelines->definitions();
  std::set<std::string> names = Watched();
  const uint64_t now = HashOf(*definitions_, names);
  const bool same_definitions = std::exchange(known_definitions_, now) == now;
  if (swept_.has_value() && same_definitions) {
    ASSIGN_OR_RETURN(const std::set<std::string> changed,
                     parts_.pipelines->ChangedIndicators(*swept_));
    std::set<std::string> both;
    std::set_intersection(names.begin(), names.end(), changed.begin(),
                          changed.end(), std::inserter(both, both.end()));
    names = std::move(both);
  }
  pending_.assign(names.begin(), names.end());
  return absl::OkStatus();
}

absl::StatusOr<std::optional<v1::WatchIndicatorsResponse>>
IndicatorWatch::Begin(const std::string& name) {
  ASSIGN_OR_RETURN(
      const pipeline::Indicator* indicator,
      FindIndicator(*definitions_, "names", absl::StrCat("indicators/", name)));
  const auto evaluation = Evaluate(name);
  // It passes: the client comes back with its token.
  if (absl::IsUnavailable(evaluation.status())) return evaluation.status();
  const uint64_t hash = evaluation.ok()
                            ? (*evaluation)->hash
                            : absl::HashOf(evaluation.status().message());
  const auto [sent, is_new] = sent_.try_emplace(name, hash);
  if (!is_new && std::exchange(sent->second, hash) == hash) return std::nullopt;
  v1::WatchIndicatorsResponse response;
  *response.mutable_indicator() = DescribeIndicator(*definitions_, *indicator);
  if (!evaluation.ok()) {
    response.mutable_indicator()->add_summaries()->set_error(
        std::string(evaluation.status().message()));
    return response;
  }
  sending_ = {response.indicator(), *evaluation, 0};
  return GoOn();
}

absl::StatusOr<std::shared_ptr<const pipeline::Evaluation>>
IndicatorWatch::Evaluate(const std::string& name) const {
  RETURN_IF_ERROR(CheckIndicatorShown(caller_, parts_, name));
  return parts_.pipelines->ReadIndicator(name);
}

absl::StatusOr<v1::WatchIndicatorsResponse> IndicatorWatch::GoOn() {
  v1::WatchIndicatorsResponse response;
  *response.mutable_indicator() = sending_->indicator;
  const std::vector<query::LabelledColumn>& columns =
      sending_->evaluation->panel.columns;
  const auto add = [&](size_t place) -> absl::StatusOr<size_t> {
    const query::LabelledColumn& column = columns[place];
    *response.add_series() = ToProto(column.labels, column.observations);
    return response.series().rbegin()->ByteSizeLong();
  };
  ASSIGN_OR_RETURN(const std::optional<size_t> next,
                   FillPage({.first = sending_->place}, columns.size(), add));
  response.set_more(next.has_value());
  if (next.has_value()) {
    sending_->place = *next;
  } else {
    sending_.reset();
  }
  return response;
}

absl::StatusOr<std::optional<v1::WatchIndicatorsResponse>>
IndicatorWatch::NextChange() {
  if (sending_.has_value()) return GoOn();
  if (pending_.empty()) RETURN_IF_ERROR(BeginSweep());
  std::optional<v1::WatchIndicatorsResponse> response;
  while (!pending_.empty() && !response.has_value()) {
    const std::string name = std::move(pending_.front());
    pending_.pop_front();
    ASSIGN_OR_RETURN(response, Begin(name));
  }
  return response;
}

absl::StatusOr<IndicatorWatch::Step> IndicatorWatch::Next() {
  ASSIGN_OR_RETURN(std::optional<v1::WatchIndicatorsResponse> response,
                   NextChange());
  const bool is_whole = pending_.empty() && !sending_.has_value();
  if (is_whole) swept_ = target_;
  if (!response.has_value()) {
    // The sweep had nothing to send, or what was left of it came out unchanged.
    // Say that the client has everything, unless it knows.
    if (caught_up_) return Step{};
    response.emplace();
  }
  caught_up_ = is_whole;
  response->set_caught_up(caught_up_);
  response->set_resume_token(Token());
  return Step{std::move(response)};
}

}  // namespace headway::service

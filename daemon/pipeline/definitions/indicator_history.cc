#include "daemon/pipeline/definitions/indicator_history.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "daemon/base/log.h"
#include "daemon/base/status_macros.h"
#include "daemon/pipeline/definitions/member_sets.h"
#include "headway/config/v1/config.pb.h"

namespace headway::pipeline {
namespace {

// Key: indicator/NAME/NUMBER. Value: microseconds since 1970, a line break, the
// message with what a version is of.
constexpr absl::string_view kVersionPrefix = "indicator/";

absl::StatusOr<query::IndicatorDefinition> Compile(
    const IndicatorVersion& version) {
  ASSIGN_OR_RETURN(query::Expression parsed, query::Parse(version.expression));
  ASSIGN_OR_RETURN(series::Unit unit, series::Unit::Parse(version.unit));
  return query::IndicatorDefinition{std::move(parsed), std::move(unit),
                                    version.members};
}

config::v1::Indicator ToMessage(const IndicatorVersion& version) {
  config::v1::Indicator message;
  message.set_title(version.title);
  message.set_meaning(version.meaning);
  message.set_expression(version.expression);
  message.set_unit(version.unit);
  AddMembers(version.members, &message);
  return message;
}

store::Record ToRecord(const std::string& name,
                       const IndicatorVersion& version) {
  return {store::RecordKind::kState,
          absl::StrCat(kVersionPrefix, name, "/",
                       absl::StrFormat("%06d", version.number)),
          absl::StrCat(absl::ToUnixMicros(version.since), "\n",
                       ToMessage(version).SerializeAsString())};
}

// The name of the indicator and its version; false if the record is no such.
bool ParseRecord(absl::string_view key, absl::string_view value,
                 std::string* name, IndicatorVersion* version) {
  const std::vector<std::string> parts = absl::StrSplit(key, '/');
  const size_t line = value.find('\n');
  int64_t micros = 0;
  config::v1::Indicator message;
  if (parts.size() != 3 || line == absl::string_view::npos ||
      !absl::SimpleAtoi(parts[2], &version->number) ||
      !absl::SimpleAtoi(value.substr(0, line), &micros) ||
      !message.ParseFromString(std::string(value.substr(line + 1)))) {
    return false;
  }
  *name = parts[1];
  version->since = absl::FromUnixMicros(micros);
  version->title = message.title();
  version->meaning = message.meaning();
  version->expression = message.expression();
  version->unit = message.unit();
  version->members = ToMemberSets(message);
  version->is_removal = version->expression.empty();
  if (!version->is_removal) {
    version->compiled = Compile(*version);
  }
  return true;
}

bool SaysTheSame(const IndicatorVersion& a, const IndicatorVersion& b) {
  return a.title == b.title && a.meaning == b.meaning &&
         a.expression == b.expression && a.unit == b.unit &&
         a.members == b.members;
}

const IndicatorVersion& VersionAt(const std::vector<IndicatorVersion>& versions,
                                  absl::Time instant) {
  const auto later = std::find_if(
      versions.begin(), versions.end(),
      [&](const IndicatorVersion& version) { return version.since > instant; });
  return later == versions.begin() ? versions.front() : *std::prev(later);
}

}  // namespace

absl::StatusOr<IndicatorHistory> IndicatorHistory::Read(
    const store::Reader& reader) {
  ASSIGN_OR_RETURN(
      const auto records,
      reader.ScanRecords(store::RecordKind::kState, kVersionPrefix));
  IndicatorHistory history;
  for (const auto& [key, value] : records) {
    std::string name;
    IndicatorVersion version;
    if (ParseRecord(key, value, &name, &version)) {
      history.versions_[name].push_back(std::move(version));
    } else {
      Log(LogLevel::kError, "a former definition is unreadable and left out",
          {{"record", key}});
    }
  }
  return history;
}

std::vector<store::Record> IndicatorHistory::Add(const Definitions& now,
                                                 absl::Time time) {
  std::vector<store::Record> records;
  for (const auto& [name, compiled] : now.expressions) {
    const Indicator& indicator = now.indicators.at(name);
    std::vector<IndicatorVersion>& versions = versions_[name];
    IndicatorVersion version{
        .number = versions.empty() ? 1 : versions.back().number + 1,
        .since = absl::FromUnixMicros(absl::ToUnixMicros(time)),
        .title = indicator.title,
        .meaning = indicator.meaning,
        .expression = indicator.expression,
        .unit = indicator.unit.ToString(),
        .members = indicator.members,
        .compiled = compiled};
    if (!versions.empty() && SaysTheSame(versions.back(), version)) continue;
    records.push_back(ToRecord(name, version));
    versions.push_back(std::move(version));
  }
  for (auto& [name, versions] : versions_) {
    if (versions.back().is_removal || now.indicators.contains(name)) continue;
    IndicatorVersion removal{
        .number = versions.back().number + 1,
        .since = absl::FromUnixMicros(absl::ToUnixMicros(time)),
        .is_removal = true};
    records.push_back(ToRecord(name, removal));
    versions.push_back(std::move(removal));
  }
  return records;
}

const IndicatorVersion* IndicatorHistory::At(const std::string& indicator,
                                             absl::Time instant) const {
  const auto found = versions_.find(indicator);
  if (found == versions_.end()) return nullptr;
  const IndicatorVersion& version = VersionAt(found->second, instant);
  return version.is_removal ? nullptr : &version;
}

std::shared_ptr<const query::IndicatorMap> IndicatorHistory::ExpressionsAt(
    absl::Time instant, const query::IndicatorMap& now) const {
  std::shared_ptr<query::IndicatorMap> then;
  for (const auto& [name, versions] : versions_) {
    const IndicatorVersion& version = VersionAt(versions, instant);
    if (&version == &versions.back()) continue;
    if (then == nullptr) then = std::make_shared<query::IndicatorMap>(now);
    if (version.compiled.ok()) {
      then->insert_or_assign(name, *version.compiled);
    } else {
      then->erase(name);
    }
  }
  return then;
}

}  // namespace headway::pipeline

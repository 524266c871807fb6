#include "daemon/service/indicator/indicators.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/base/suggest.h"
#include "daemon/messages/errors.h"
#include "daemon/messages/timestamp.h"
#include "daemon/pipeline/definitions/indicator_history.h"
#include "daemon/service/calls/names.h"

namespace headway::service {
namespace {

void SetMembers(const std::vector<query::MemberSet>& sets,
                v1::Indicator* proto) {
  proto->clear_members();
  for (const query::MemberSet& set : sets) {
    v1::Members* members = proto->add_members();
    members->set_label(set.label);
    for (const std::string& value : set.values) members->add_values(value);
  }
}

}  // namespace

v1::Indicator DescribeIndicator(const pipeline::Definitions& definitions,
                                const pipeline::Indicator& indicator,
                                absl::Time as_of) {
  v1::Indicator proto;
  proto.set_name(absl::StrCat("indicators/", indicator.name));
  proto.set_title(indicator.title);
  proto.set_meaning(indicator.meaning);
  proto.set_expression(indicator.expression);
  proto.set_unit(indicator.unit.ToString());
  SetMembers(indicator.members, &proto);
  proto.set_topic(indicator.topic);
  proto.set_pipeline(absl::StrCat("pipelines/", indicator.pipeline));
  if (definitions.history == nullptr) return proto;
  const pipeline::IndicatorVersion* version =
      definitions.history->At(indicator.name, as_of);
  if (version == nullptr) return proto;
  proto.set_definition_version(version->number);
  *proto.mutable_definition_time() = messages::ToTimestamp(version->since);
  // What is wrong in a file now concerns what it says now.
  if (as_of == absl::InfiniteFuture()) return proto;
  proto.set_title(version->title);
  proto.set_meaning(version->meaning);
  proto.set_expression(version->expression);
  proto.set_unit(version->unit);
  SetMembers(version->members, &proto);
  return proto;
}

absl::StatusOr<const pipeline::Indicator*> FindIndicator(
    const pipeline::Definitions& definitions, absl::string_view field,
    absl::string_view name) {
  ASSIGN_OR_RETURN(std::string id, ParseName(field, "indicators", name));
  const auto found = definitions.indicators.find(id);
  if (found != definitions.indicators.end()) return &found->second;
  std::vector<std::string> known;
  for (const auto& [other, indicator] : definitions.indicators) {
    known.push_back(other);
  }
  return messages::WithReason(
      absl::NotFoundError(absl::StrCat("there is no indicator \"", id, "\"",
                                       DidYouMean(id, known))),
      "INDICATOR_NOT_FOUND", {{"name", std::string(name)}});
}

}  // namespace headway::service

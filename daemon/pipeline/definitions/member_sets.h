// Members between the messages of definitions and the types of expressions.
// Pure functions.
#ifndef HEADWAY_DAEMON_PIPELINE_DEFINITIONS_MEMBER_SETS_H_
#define HEADWAY_DAEMON_PIPELINE_DEFINITIONS_MEMBER_SETS_H_

#include <string>
#include <vector>

#include "daemon/query/query.h"
#include "headway/config/v1/config.pb.h"

namespace headway::pipeline {

inline std::vector<query::MemberSet> ToMemberSets(
    const config::v1::Indicator& config) {
  std::vector<query::MemberSet> sets;
  for (const config::v1::Members& members : config.members()) {
    sets.push_back(
        {members.label(), {members.value().begin(), members.value().end()}});
  }
  return sets;
}

inline void AddMembers(const std::vector<query::MemberSet>& sets,
                       config::v1::Indicator* config) {
  for (const query::MemberSet& set : sets) {
    config::v1::Members* members = config->add_members();
    members->set_label(set.label);
    for (const std::string& value : set.values) members->add_value(value);
  }
}

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_DEFINITIONS_MEMBER_SETS_H_

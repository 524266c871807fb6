// How acts, claims and verdicts are shown. Pure functions.
#ifndef HEADWAY_TOOLS_HEADWAY_RENDER_CLAIM_ROWS_H_
#define HEADWAY_TOOLS_HEADWAY_RENDER_CLAIM_ROWS_H_

#include <string>

#include "google/protobuf/repeated_ptr_field.h"
#include "headway/v1/evidence.pb.h"
#include "tools/headway/render/table.h"

namespace headway::cli {

Table EventTable(const google::protobuf::RepeatedPtrField<v1::Event>& events);

// A row for each claim, with its verdict.
Table ClaimTable(const google::protobuf::RepeatedPtrField<v1::Claim>& claims);

// The tests of a verdict.
Table TestTable(const v1::Verdict& verdict);

// What stands above and below the tests of a claim: its text, verdict and
// probability, what it rests on; and why it is no surer, what it must not be
// taken for, and what would judge it better.
std::string ClaimHead(const v1::Claim& claim);
std::string ClaimFoot(const v1::Claim& claim);

// "insufficient data"
std::string FormatVerdictKind(v1::Verdict::Kind kind);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_RENDER_CLAIM_ROWS_H_

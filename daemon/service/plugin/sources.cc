#include "daemon/service/plugin/sources.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/base/suggest.h"
#include "daemon/messages/errors.h"

namespace headway::service {

using messages::FieldError;
using messages::WithReason;

absl::StatusOr<ingest::Source> FindSource(
    const pipeline::Definitions& definitions, const std::string& name) {
  if (name.empty()) {
    return FieldError("source", "is needed: the name of a source");
  }
  const auto found = definitions.sources.find(name);
  if (found != definitions.sources.end()) return found->second.source;
  std::vector<std::string> known;
  for (const auto& [other, source] : definitions.sources) {
    known.push_back(other);
  }
  return WithReason(
      absl::NotFoundError(absl::StrCat("no pipeline has a source \"", name,
                                       "\"", DidYouMean(name, known))),
      "SOURCE_NOT_FOUND", {{"source", name}});
}

}  // namespace headway::service

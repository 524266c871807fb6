#include "daemon/pipeline/definitions/supersession.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/suggest.h"

namespace headway::pipeline {
namespace {

// Empty if it is in order.
std::string WhatIsWrong(const Source& source,
                        const std::map<std::string, Source>& sources,
                        const std::map<std::string, std::string>& taken) {
  const std::string& name = source.source.name;
  const std::string& other = source.supersedes;
  if (other == name) {
    return absl::StrCat("source \"", name, "\" supersedes itself; remove that");
  }
  const auto found = sources.find(other);
  if (found == sources.end()) {
    std::vector<std::string> names;
    for (const auto& [known, unused] : sources) names.push_back(known);
    return absl::StrCat("source \"", name, "\" supersedes \"", other,
                        "\", which is not defined", DidYouMean(other, names),
                        "; define it, disabled if it is to stay so");
  }
  if (!found->second.supersedes.empty()) {
    return absl::StrCat("source \"", name, "\" supersedes \"", other,
                        "\", which supersedes \"", found->second.supersedes,
                        "\"; one source can take the place of one other");
  }
  if (const auto first = taken.find(other); first != taken.end()) {
    return absl::StrCat("source \"", name, "\" supersedes \"", other,
                        "\", which \"", first->second,
                        "\" supersedes; one of them can take its place");
  }
  return "";
}

}  // namespace

std::vector<SupersessionError> ArrangeSupersession(
    std::map<std::string, Source>& sources) {
  std::vector<SupersessionError> errors;
  // By the source that is superseded.
  std::map<std::string, std::string> taken;
  for (auto& [name, source] : sources) {
    if (source.supersedes.empty()) continue;
    std::string wrong = WhatIsWrong(source, sources, taken);
    if (!wrong.empty()) {
      source.disabled = true;
      errors.push_back({name, std::move(wrong)});
      continue;
    }
    taken[source.supersedes] = name;
    Source& other = sources.at(source.supersedes);
    if (source.disabled) {
      other.source.replaces = name;
    } else {
      source.source.replaces = source.supersedes;
      other.disabled = true;
      other.superseded_by = name;
    }
  }
  return errors;
}

}  // namespace headway::pipeline

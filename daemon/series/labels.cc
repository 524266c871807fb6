#include "daemon/series/labels.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/base/utf8.h"

namespace headway::series {
namespace {

constexpr size_t kMaxMetricBytes = 128;
constexpr size_t kMaxNameBytes = 64;
constexpr size_t kMaxValueBytes = 256;
constexpr size_t kMaxPairs = 32;

bool IsIdentifier(absl::string_view text) {
  if (text.empty() || absl::ascii_isdigit(text[0])) return false;
  return absl::c_all_of(
      text, [](unsigned char c) { return absl::ascii_isalnum(c) || c == '_'; });
}

bool IsPrintableUtf8(absl::string_view text) {
  while (!text.empty()) {
    const size_t length = Utf8Length(text);
    if (length == 0) return false;
    if (length == 1 && absl::ascii_iscntrl(text[0])) return false;
    text.remove_prefix(length);
  }
  return true;
}

absl::Status CheckPair(const Labels::Pair& pair) {
  const auto& [name, value] = pair;
  if (!IsIdentifier(name) || name.size() > kMaxNameBytes) {
    return absl::InvalidArgumentError(absl::StrCat(
        "label name \"", absl::Utf8SafeCEscape(name),
        "\": use letters, digits and _, not starting with a digit, at most ",
        kMaxNameBytes, " bytes"));
  }
  if (value.empty() || value.size() > kMaxValueBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("label ", name, ": its value has ", value.size(),
                     " bytes; use 1 to ", kMaxValueBytes));
  }
  if (!IsPrintableUtf8(value)) {
    return absl::InvalidArgumentError(
        absl::StrCat("label ", name, ": its value \"", absl::CHexEscape(value),
                     "\" is not UTF-8 text without control characters"));
  }
  return absl::OkStatus();
}

size_t CountReserved(const std::vector<Labels::Pair>& pairs) {
  return absl::c_count_if(
      pairs, [](const Labels::Pair& p) { return IsReservedName(p.first); });
}

bool Contains(const std::vector<std::string>& names, absl::string_view name) {
  return absl::c_linear_search(names, name);
}

}  // namespace

bool IsReservedName(absl::string_view name) {
  return absl::StartsWith(name, "__");
}

absl::StatusOr<Labels> Labels::Create(std::vector<Pair> pairs) {
  if (pairs.size() - CountReserved(pairs) > kMaxPairs) {
    return absl::InvalidArgumentError(absl::StrCat(
        pairs.size(), " labels; a series has at most ", kMaxPairs));
  }
  for (const Pair& pair : pairs) RETURN_IF_ERROR(CheckPair(pair));
  absl::c_sort(pairs);
  auto repeated = absl::c_adjacent_find(
      pairs, [](const Pair& a, const Pair& b) { return a.first == b.first; });
  if (repeated != pairs.end()) {
    return absl::InvalidArgumentError(
        absl::StrCat("label ", repeated->first, " occurs twice"));
  }
  Labels labels;
  labels.pairs_ = std::move(pairs);
  return labels;
}

absl::string_view Labels::Get(absl::string_view name) const {
  for (const Pair& pair : pairs_) {
    if (pair.first == name) return pair.second;
  }
  return "";
}

bool Labels::Has(absl::string_view name) const { return !Get(name).empty(); }

Labels Labels::Only(const std::vector<std::string>& names) const {
  Labels kept;
  for (const Pair& pair : pairs_) {
    if (Contains(names, pair.first)) kept.pairs_.push_back(pair);
  }
  return kept;
}

Labels Labels::Without(const std::vector<std::string>& names) const {
  Labels kept;
  for (const Pair& pair : pairs_) {
    if (!Contains(names, pair.first)) kept.pairs_.push_back(pair);
  }
  return kept;
}

Labels Labels::WithSource(absl::string_view source) const {
  Labels labels = Without({std::string(kSourceLabel)});
  labels.pairs_.emplace_back(kSourceLabel, source.empty() ? "unnamed" : source);
  absl::c_sort(labels.pairs_);
  return labels;
}

std::string QuoteLabelValue(absl::string_view value) {
  std::string quoted = "\"";
  for (char c : value) {
    switch (c) {
      case '"':
      case '\\':
        quoted.push_back('\\');
        quoted.push_back(c);
        break;
      case '\n':
        quoted += "\\n";
        break;
      case '\t':
        quoted += "\\t";
        break;
      default:
        quoted.push_back(c);
    }
  }
  quoted.push_back('"');
  return quoted;
}

std::string FormatLabels(const Labels& labels) {
  std::string text = "{";
  for (const Labels::Pair& pair : labels.pairs()) {
    absl::StrAppend(&text, text.size() > 1 ? "," : "", pair.first, "=",
                    QuoteLabelValue(pair.second));
  }
  text.push_back('}');
  return text;
}

SeriesKey OwnKey(const SeriesKey& key, absl::string_view source) {
  SeriesKey own = key;
  own.labels = key.labels.WithSource(source);
  return own;
}

absl::Status CheckMetric(absl::string_view metric) {
  if (IsIdentifier(metric) && metric.size() <= kMaxMetricBytes) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "metric \"", absl::Utf8SafeCEscape(metric),
      "\": use letters, digits and _, not starting with a digit, at most ",
      kMaxMetricBytes, " bytes"));
}

std::string FormatSeriesKey(const SeriesKey& key) {
  return absl::StrCat(key.metric, FormatLabels(key.labels));
}

}  // namespace headway::series

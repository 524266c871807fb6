// What names a series: a metric, labels and a frequency.
//
//   SeriesKey key;
//   key.metric = "trade_value_usd";
//   key.labels = Labels::Create({{"reporter", "USA"}, {"hs", "8542"}}).value();
//   key.frequency = Frequency::kMonthly;
//   FormatSeriesKey(key);  // trade_value_usd{hs="8542",reporter="USA"}
//
// Value types; const methods are thread-safe.
#ifndef HEADWAY_DAEMON_SERIES_LABELS_H_
#define HEADWAY_DAEMON_SERIES_LABELS_H_

#include <compare>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/series/period.h"

namespace headway::series {

// The label by which a store tells apart what several sources say of one
// series: see OwnKey.
inline constexpr absl::string_view kSourceLabel = "__source__";

// Names that begin with "__" are the store's: what plugins and clients deliver
// has none.
bool IsReservedName(absl::string_view name);

// A set of name-value pairs, sorted by name; no name occurs twice.
class Labels {
 public:
  using Pair = std::pair<std::string, std::string>;

  Labels() = default;

  // Checks each pair: a name is [a-zA-Z_][a-zA-Z0-9_]* of at most 64 bytes, a
  // value is UTF-8 without control characters of 1 to 256 bytes; at most 32
  // pairs, besides those with reserved names. The error names the label.
  static absl::StatusOr<Labels> Create(std::vector<Pair> pairs);

  const std::vector<Pair>& pairs() const { return pairs_; }
  bool empty() const { return pairs_.empty(); }
  // The value of `name`, or "" if there is none: an absent label and an empty
  // one are the same to a selector.
  absl::string_view Get(absl::string_view name) const;
  bool Has(absl::string_view name) const;

  // The labels named, and all but those named.
  Labels Only(const std::vector<std::string>& names) const;
  Labels Without(const std::vector<std::string>& names) const;
  // These and kSourceLabel, whose value is `source`, or "unnamed" for "".
  Labels WithSource(absl::string_view source) const;

  friend bool operator==(const Labels&, const Labels&) = default;
  friend auto operator<=>(const Labels&, const Labels&) = default;

  template <typename H>
  friend H AbslHashValue(H h, const Labels& labels) {
    return H::combine(std::move(h), labels.pairs_);
  }

 private:
  std::vector<Pair> pairs_;
};

// "value", with \" \\ \n and \t for the four characters that selectors escape
// and all others as they are, so that ParseSelector reads it back.
std::string QuoteLabelValue(absl::string_view value);

// {a="x",b="y"}, with quoted values; {} if empty.
std::string FormatLabels(const Labels& labels);

struct SeriesKey {
  std::string metric;
  Labels labels;
  Frequency frequency = Frequency::kMonthly;

  friend bool operator==(const SeriesKey&, const SeriesKey&) = default;
  friend auto operator<=>(const SeriesKey&, const SeriesKey&) = default;

  template <typename H>
  friend H AbslHashValue(H h, const SeriesKey& key) {
    return H::combine(std::move(h), key.metric, key.labels, key.frequency);
  }
};

// The key of what `source` alone says of the series `key` that several sources
// write: the same with the label kSourceLabel.
SeriesKey OwnKey(const SeriesKey& key, absl::string_view source);

// A metric is [a-zA-Z_][a-zA-Z0-9_]* of at most 128 bytes.
absl::Status CheckMetric(absl::string_view metric);

// metric{a="x"}; the frequency is not part of the text.
std::string FormatSeriesKey(const SeriesKey& key);

}  // namespace headway::series

#endif  // HEADWAY_DAEMON_SERIES_LABELS_H_

// Selectors: which series are meant, in PromQL's notation.
//
//   trade_value_usd{reporter="USA",hs=~"8541|8542",flow!="import"}
//
//   selector = [ metric ] [ "{" [ matcher { "," matcher } [ "," ] ] "}" ]
//   matcher  = name ( "=" | "!=" | "=~" | "!~" ) string
//   string   = '"' characters with \" \\ \n \t '"'
//            | "'" characters with \' \\ \n \t "'"
//
// At least one of the two parts is there. Regular expressions are RE2's and
// match the whole value. An absent label counts as the empty string.
// Immutable after parsing; const methods are thread-safe.
#ifndef HEADWAY_DAEMON_SERIES_SELECTOR_H_
#define HEADWAY_DAEMON_SERIES_SELECTOR_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/series/labels.h"

namespace re2 {
class RE2;
}

namespace headway::series {

enum class MatchOp { kEqual, kNotEqual, kRegex, kNotRegex };

class Matcher {
 public:
  // Fails on a regular expression that RE2 does not accept.
  static absl::StatusOr<Matcher> Create(std::string name, MatchOp op,
                                        std::string value);

  bool Matches(absl::string_view value) const;

  const std::string& name() const { return name_; }
  MatchOp op() const { return op_; }
  const std::string& value() const { return value_; }

 private:
  Matcher() = default;

  std::string name_;
  MatchOp op_ = MatchOp::kEqual;
  std::string value_;
  // Shared, so that selectors can be copied: RE2 is thread-safe.
  std::shared_ptr<const re2::RE2> regex_;
};

struct Selector {
  // Empty: any metric.
  std::string metric;
  std::vector<Matcher> matchers;

  bool Matches(const SeriesKey& key) const;
};

// Parses the whole of `text`. The error names the column, counted from 1.
absl::StatusOr<Selector> ParseSelector(absl::string_view text);

// Parses a selector at the front of `text` and removes it from there: what the
// expression parser calls. Columns in errors count on from `first_column`, the
// column of the front of `text` in the whole that its author sees.
absl::StatusOr<Selector> ConsumeSelector(absl::string_view* text,
                                         size_t first_column = 1);

std::string FormatSelector(const Selector& selector);

}  // namespace headway::series

#endif  // HEADWAY_DAEMON_SERIES_SELECTOR_H_

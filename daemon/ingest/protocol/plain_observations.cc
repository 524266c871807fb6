#include "daemon/ingest/protocol/plain_observations.h"

#include <charconv>
#include <cmath>
#include <cstddef>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace headway::ingest {
namespace {

using plugin::v1::ObservationBatch;

// More digits of a whole number than these may not fit a double, and to the
// general parser that is an error.
constexpr size_t kExactDigits = 15;

// Walks along a text. Every method but AtEnd returns false, and may have moved,
// where the text is not as expected.
class PlainText {
 public:
  explicit PlainText(absl::string_view text) : rest_(text) {}

  // Passes over spaces.
  bool AtEnd() {
    SkipSpaces();
    return rest_.empty();
  }

  // Passes over spaces and this character.
  bool Take(char c) {
    SkipSpaces();
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool TakeText(absl::string_view* text) {
    if (!Take('"')) return false;
    size_t size = 0;
    while (size < rest_.size() && IsPlain(rest_[size])) ++size;
    if (size == rest_.size() || rest_[size] != '"') return false;
    *text = rest_.substr(0, size);
    rest_.remove_prefix(size + 1);
    return true;
  }

  bool TakeNumber(double* number) {
    SkipSpaces();
    const size_t size = NumberSize();
    if (size == 0) return false;
    const char* const end = rest_.data() + size;
    const auto [stop, error] = std::from_chars(rest_.data(), end, *number);
    rest_.remove_prefix(size);
    return error == std::errc() && stop == end && std::isfinite(*number);
  }

  bool TakeBool(bool* value) {
    SkipSpaces();
    *value = rest_.substr(0, 4) == "true";
    const absl::string_view word = *value ? "true" : "false";
    if (rest_.substr(0, word.size()) != word) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  // What stands between brackets, one `take` after the other.
  template <typename TakeElement>
  bool TakeArray(const TakeElement& take) {
    if (!Take('[')) return false;
    if (Take(']')) return true;
    do {
      if (!take()) return false;
    } while (Take(','));
    return Take(']');
  }

  // A text, or an array of texts and numbers: `raw` is what it was written as.
  bool TakeOther(absl::string_view* raw) {
    SkipSpaces();
    const absl::string_view before = rest_;
    absl::string_view text;
    double number = 0;
    const bool is_array = !rest_.empty() && rest_.front() == '[';
    const bool taken = is_array ? TakeArray([&] {
      SkipSpaces();
      const bool is_text = !rest_.empty() && rest_.front() == '"';
      return is_text ? TakeText(&text) : TakeNumber(&number);
    })
                                : TakeText(&text);
    *raw = before.substr(0, before.size() - rest_.size());
    return taken;
  }

 private:
  static bool IsPlain(char c) {
    return c >= ' ' && c < '\x7f' && c != '"' && c != '\\';
  }

  void SkipSpaces() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t' ||
                              rest_.front() == '\r')) {
      rest_.remove_prefix(1);
    }
  }

  size_t Digits(size_t from) const {
    size_t end = from;
    while (end < rest_.size() &&
           absl::ascii_isdigit(static_cast<unsigned char>(rest_[end]))) {
      ++end;
    }
    return end - from;
  }

  bool Has(size_t at, char c) const {
    return at < rest_.size() && rest_[at] == c;
  }

  // Of the number that the text begins with, as JSON has numbers; 0 if there is
  // none, or one that is better left to the general parser.
  size_t NumberSize() const {
    const bool is_negative = Has(0, '-');
    const size_t begin = is_negative ? 1 : 0;
    const size_t whole = Digits(begin);
    size_t size = begin + whole;
    if (whole == 0 || (whole > 1 && rest_[begin] == '0')) return 0;
    bool is_whole = true;
    if (Has(size, '.')) {
      const size_t decimals = Digits(size + 1);
      if (decimals == 0) return 0;
      size += 1 + decimals;
      is_whole = false;
    }
    if (Has(size, 'e') || Has(size, 'E')) {
      ++size;
      if (Has(size, '+') || Has(size, '-')) ++size;
      const size_t exponent = Digits(size);
      if (exponent == 0) return 0;
      size += exponent;
      is_whole = false;
    }
    const bool is_minus_zero = is_negative && rest_[begin] == '0';
    if (is_whole && (whole > kExactDigits || is_minus_zero)) return 0;
    return size;
  }

  absl::string_view rest_;
};

// The members of ObservationBatch, each once at most.
class PlainBatch {
 public:
  PlainBatch(PlainText* text, ObservationBatch* batch, std::string* others)
      : text_(*text), batch_(*batch), others_(*others) {}

  bool TakeMembers() {
    if (!text_.Take('{')) return false;
    do {
      absl::string_view name;
      if (!text_.TakeText(&name) || !text_.Take(':')) return false;
      if (!TakeValue(name)) return false;
    } while (text_.Take(','));
    return text_.Take('}');
  }

 private:
  bool TakeValue(absl::string_view name) {
    if (name == "series") return IsFirst(&has_series_) && TakeSeries();
    if (name == "periods") return IsFirst(&has_periods_) && TakePeriods();
    if (name == "values") return IsFirst(&has_values_) && TakeValues();
    if (name == "snapshot") return IsFirst(&has_snapshot_) && TakeSnapshot();
    absl::string_view raw;
    if (!text_.TakeOther(&raw)) return false;
    absl::StrAppend(&others_, others_.empty() ? "\"" : ",\"", name, "\":", raw);
    return true;
  }

  static bool IsFirst(bool* seen) {
    const bool is_first = !*seen;
    *seen = true;
    return is_first;
  }

  bool TakeSeries() {
    absl::string_view series;
    if (!text_.TakeText(&series)) return false;
    batch_.mutable_series()->assign(series.data(), series.size());
    return true;
  }

  bool TakePeriods() {
    return text_.TakeArray([this] {
      absl::string_view period;
      if (!text_.TakeText(&period)) return false;
      batch_.add_periods()->assign(period.data(), period.size());
      return true;
    });
  }

  bool TakeValues() {
    return text_.TakeArray([this] {
      double value = 0;
      if (!text_.TakeNumber(&value)) return false;
      batch_.add_values(value);
      return true;
    });
  }

  bool TakeSnapshot() {
    bool snapshot = false;
    if (!text_.TakeBool(&snapshot)) return false;
    batch_.set_snapshot(snapshot);
    return true;
  }

  PlainText& text_;
  ObservationBatch& batch_;
  std::string& others_;
  bool has_series_ = false;
  bool has_periods_ = false;
  bool has_values_ = false;
  bool has_snapshot_ = false;
};

}  // namespace

bool ReadPlainObservations(absl::string_view line, ObservationBatch* batch,
                           std::string* others) {
  batch->Clear();
  others->clear();
  PlainText text(line);
  absl::string_view name;
  if (!text.Take('{') || !text.TakeText(&name) || name != "observations" ||
      !text.Take(':')) {
    return false;
  }
  return PlainBatch(&text, batch, others).TakeMembers() && text.Take('}') &&
         text.AtEnd();
}

}  // namespace headway::ingest

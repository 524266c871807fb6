#include "tools/headway/render/format.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "daemon/base/instant_text.h"
#include "daemon/base/number_text.h"
#include "daemon/messages/timestamp.h"

namespace headway::cli {
namespace {

constexpr absl::string_view kBlocks[] = {"▁", "▂", "▃", "▄",
                                         "▅", "▆", "▇", "█"};
constexpr absl::string_view kEighths[] = {"",  "▏", "▎", "▍",
                                          "▌", "▋", "▊", "▉"};

std::map<std::string, std::string> Sorted(const LabelMap& labels) {
  return {labels.begin(), labels.end()};
}

// The mean of each of `count` equal parts of `values`, without what is missing.
std::vector<double> Downsample(absl::Span<const double> values, size_t count) {
  std::vector<double> means(count);
  for (size_t i = 0; i < count; ++i) {
    double sum = 0;
    int present = 0;
    const size_t end = (i + 1) * values.size() / count;
    for (size_t j = i * values.size() / count; j < end; ++j) {
      if (std::isnan(values[j])) continue;
      sum += values[j];
      ++present;
    }
    means[i] = present > 0 ? sum / present : std::nan("");
  }
  return means;
}

}  // namespace

std::string FormatValue(double value, absl::string_view unit) {
  if (unit != "percent") return FormatNumber(value);
  if (std::abs(value) >= 1e6) return absl::StrCat(FormatNumber(value), " %");
  return absl::StrCat(FormatFixed(value, 1), " %");
}

std::string FormatChange(double change, absl::string_view unit) {
  if (unit == "percent" && std::abs(change) < 1e6) {
    return absl::StrCat(change > 0 ? "+" : "", FormatFixed(change, 1), " pp");
  }
  return FormatSigned(change);
}

std::string FormatMinute(const google::protobuf::Timestamp& instant) {
  if (instant.seconds() == 0 && instant.nanos() == 0) return "";
  return headway::FormatMinute(messages::FromTimestamp(instant));
}

std::string FormatExactInstant(const google::protobuf::Timestamp& instant) {
  if (instant.seconds() == 0 && instant.nanos() == 0) return "";
  return headway::FormatInstant(messages::FromTimestamp(instant));
}

std::string FormatElapsed(absl::Duration duration) {
  const double seconds = absl::ToDoubleSeconds(duration);
  if (seconds < 10) return absl::StrFormat("%.1f s", seconds);
  const int64_t whole = std::llround(seconds);
  if (whole < 60) return absl::StrCat(whole, " s");
  if (whole < 3600) return absl::StrCat(whole / 60, " min ", whole % 60, " s");
  return absl::StrCat(whole / 3600, " h ", whole % 3600 / 60, " min");
}

bool ParseDateOrInstant(absl::string_view text,
                        google::protobuf::Timestamp* instant) {
  const absl::StatusOr<absl::Time> time = headway::ParseDateOrInstant(text);
  if (!time.ok()) return false;
  *instant = messages::ToTimestamp(*time);
  return true;
}

std::string LabelPairs(const LabelMap& labels) {
  std::vector<std::string> pairs;
  for (const auto& [name, value] : Sorted(labels)) {
    pairs.push_back(
        absl::StrCat(name, "=\"", absl::Utf8SafeCEscape(value), "\""));
  }
  return absl::StrJoin(pairs, ",");
}

std::string Sparkline(absl::Span<const double> values, int width) {
  const std::vector<double> means = Downsample(
      values, std::min(values.size(), static_cast<size_t>(std::max(width, 0))));
  double low = INFINITY;
  double high = -INFINITY;
  for (double mean : means) {
    if (std::isnan(mean)) continue;
    low = std::min(low, mean);
    high = std::max(high, mean);
  }
  std::string line;
  for (double mean : means) {
    if (std::isnan(mean)) {
      line += ' ';
      continue;
    }
    // A constant line stands in the middle. Halves keep high - low finite.
    const double place =
        high > low ? (mean / 2 - low / 2) / (high / 2 - low / 2) : 0.5;
    absl::StrAppend(&line, kBlocks[std::min(static_cast<int>(place * 8), 7)]);
  }
  return line;
}

std::string Bar(double fraction, int width) {
  const int eighths =
      static_cast<int>(std::lround(std::clamp(fraction, 0.0, 1.0) * width * 8));
  std::string bar;
  for (int i = 0; i < eighths / 8; ++i) absl::StrAppend(&bar, "█");
  absl::StrAppend(&bar, kEighths[eighths % 8]);
  bar.append(width - DisplayWidth(bar), ' ');
  return bar;
}

int DisplayWidth(absl::string_view text) {
  return static_cast<int>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

std::string Truncate(absl::string_view text, int width) {
  if (DisplayWidth(text) <= width) return std::string(text);
  size_t end = 0;
  for (int columns = 0; end < text.size(); ++end) {
    if ((static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) continue;
    if (++columns == width) break;
  }
  return absl::StrCat(text.substr(0, end), "…");
}

absl::string_view LastSegment(absl::string_view resource_name) {
  const size_t slash = resource_name.rfind('/');
  return slash == absl::string_view::npos ? resource_name
                                          : resource_name.substr(slash + 1);
}

std::string ResourceName(absl::string_view collection, absl::string_view name) {
  const std::string prefix = absl::StrCat(collection, "/");
  if (absl::StartsWith(name, prefix)) return std::string(name);
  return absl::StrCat(prefix, name);
}

}  // namespace headway::cli

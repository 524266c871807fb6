// codec_bench: how small and how fast the store's columns of values are, beside
// raw doubles and raw doubles that ZSTD compressed.
//
//   codec_bench                  half a minute
//   codec_bench --quick          fewer runs, done within 40 seconds
//   codec_bench --data DIR       where the real data are
//
// One JSON object a line, see report.h; one thread, the least time of several
// runs counts, and a set's figures come from the same runs as its peers'.
//
//   codec_bytes_per_value.SET     bytes of all columns, heads included
//   codec_encode_values_per_s.SET column by column into an empty string
//   codec_decode_values_per_s.SET column by column into an empty vector
//
// SET is a set of real data, as the columns of the newest state of each series
// or, with .news, as those of what each vintage changed, mostly of 1 to 5
// values; or made up: `tenths` are 240 months of one decimal, `full` are 240
// doubles of full precision. ZSTD gets columns in lots of 16 KB, as RocksDB
// gives them to it.
#include <zstd.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "daemon/store/format/codec.h"
#include "tools/bench/measure.h"
#include "tools/bench/report.h"
#include "tools/bench/store/real_data.h"

namespace headway::bench {
namespace {

using Column = std::vector<double>;
using Columns = std::vector<Column>;

constexpr int kZstdLevel = 3;  // RocksDB's
constexpr size_t kZstdLot = 16384;

// Of columns of 240 values: what the store's own targets need.
constexpr double kLeastEncoded = 1e8;
constexpr double kLeastDecoded = 1e9;
constexpr size_t kLongColumn = 240;

// So that the compiler does not leave out what is only measured.
void Use(const void* data) { asm volatile("" : : "r"(data) : "memory"); }

size_t CountValues(const Columns& columns) {
  size_t count = 0;
  for (const Column& column : columns) count += column.size();
  return count;
}

// Values per second of `run`, which handles all of `columns`.
template <typename Run>
double Speed(const Columns& columns, int runs, Run run) {
  const double values = static_cast<double>(CountValues(columns));
  const int repeats = static_cast<int>(200'000 / values) + 1;
  double least = std::numeric_limits<double>::max();
  for (int i = 0; i < runs; ++i) {
    const Stopwatch watch;
    for (int repeat = 0; repeat < repeats; ++repeat) run();
    least = std::min(least, watch.Seconds() / repeats);
  }
  return values / least;
}

std::vector<std::string> EncodeAll(const Columns& columns) {
  std::vector<std::string> encoded;
  for (const Column& column : columns) {
    store::AppendValues(column, &encoded.emplace_back());
  }
  return encoded;
}

// Whether each column comes back bit for bit.
bool ComesBack(const Columns& columns,
               const std::vector<std::string>& encoded) {
  for (size_t i = 0; i < columns.size(); ++i) {
    store::ByteReader reader(encoded[i]);
    Column decoded;
    store::ReadValues(columns[i].size(), &reader, &decoded);
    if (!reader.AtEnd() ||
        !std::equal(decoded.begin(), decoded.end(), columns[i].begin(),
                    columns[i].end(), [](double a, double b) {
                      return std::bit_cast<uint64_t>(a) ==
                             std::bit_cast<uint64_t>(b);
                    })) {
      return false;
    }
  }
  return true;
}

// The raw doubles in lots, each compressed.
std::vector<std::string> CompressAll(const Columns& columns) {
  std::string raw;
  for (const Column& column : columns) {
    raw.append(reinterpret_cast<const char*>(column.data()),
               column.size() * sizeof(double));
  }
  std::vector<std::string> lots;
  for (size_t i = 0; i < raw.size(); i += kZstdLot) {
    const size_t size = std::min(kZstdLot, raw.size() - i);
    std::string lot(ZSTD_compressBound(size), '\0');
    const size_t compressed =
        ZSTD_compress(lot.data(), lot.size(), &raw[i], size, kZstdLevel);
    if (ZSTD_isError(compressed)) {
      std::cerr << "ZSTD: " << ZSTD_getErrorName(compressed) << "\n";
      std::exit(1);
    }
    lot.resize(compressed);
    lots.push_back(std::move(lot));
  }
  return lots;
}

double BytesPerValue(const std::vector<std::string>& texts, double values) {
  size_t bytes = 0;
  for (const std::string& text : texts) bytes += text.size();
  return static_cast<double>(bytes) / values;
}

std::optional<Report::Target> AtLeast(double bound, const Columns& columns) {
  if (CountValues(columns) < columns.size() * kLongColumn) return std::nullopt;
  return Report::Target{bound, true};
}

void Measure(const std::string& set, const Columns& columns, int runs,
             Report* report) {
  const double values = static_cast<double>(CountValues(columns));
  if (values == 0) return;
  const std::vector<std::string> encoded = EncodeAll(columns);
  if (!ComesBack(columns, encoded)) {
    std::cerr << set << ": values do not come back\n";
    std::exit(1);
  }
  const std::vector<std::string> lots = CompressAll(columns);
  const std::string what = absl::StrCat(
      columns.size(), " columns of ",
      std::lround(values / static_cast<double>(columns.size())), " values");

  std::string metric = absl::StrCat("codec_bytes_per_value.", set);
  report->Add(metric, BytesPerValue(encoded, values), "bytes", what);
  report->AddPeer(metric, "raw", sizeof(double), what);
  report->AddPeer(metric, "raw+zstd", BytesPerValue(lots, values), what);

  metric = absl::StrCat("codec_encode_values_per_s.", set);
  std::string text;
  report->Add(metric,
              Speed(columns, runs,
                    [&] {
                      for (const Column& column : columns) {
                        text.clear();
                        store::AppendValues(column, &text);
                        Use(text.data());
                      }
                    }),
              "values/s", what, AtLeast(kLeastEncoded, columns));
  report->AddPeer(
      metric, "raw+zstd",
      Speed(columns, runs, [&] { Use(CompressAll(columns).data()); }), what);

  metric = absl::StrCat("codec_decode_values_per_s.", set);
  Column decoded;
  report->Add(metric,
              Speed(columns, runs,
                    [&] {
                      for (size_t i = 0; i < columns.size(); ++i) {
                        decoded.clear();
                        store::ByteReader reader(encoded[i]);
                        store::ReadValues(columns[i].size(), &reader, &decoded);
                        Use(decoded.data());
                      }
                    }),
              "values/s", what, AtLeast(kLeastDecoded, columns));
  report->AddPeer(metric, "raw",
                  Speed(columns, runs,
                        [&] {
                          for (const Column& column : columns) {
                            decoded.assign(column.begin(), column.end());
                            Use(decoded.data());
                          }
                        }),
                  what);
  decoded.resize(kZstdLot / sizeof(double));
  report->AddPeer(
      metric, "raw+zstd",
      Speed(columns, runs,
            [&] {
              for (const std::string& lot : lots) {
                if (ZSTD_isError(ZSTD_decompress(decoded.data(), kZstdLot,
                                                 lot.data(), lot.size()))) {
                  std::abort();
                }
                Use(decoded.data());
              }
            }),
      what);
}

// The newest state of each series, and what each vintage changed.
std::pair<Columns, Columns> ColumnsOf(
    const std::vector<store::Batch>& batches) {
  std::map<series::SeriesKey, std::map<int32_t, double>> states;
  Columns news;
  for (const store::Batch& batch : batches) {
    for (const store::VintageUpdate& update : batch.updates) {
      auto& state = states[update.info.key];
      const bool known = !state.empty();
      Column changed;
      for (size_t i = 0; i < update.ordinals.size(); ++i) {
        const auto [it, is_new] =
            state.emplace(update.ordinals[i], update.values[i]);
        if (!is_new && it->second == update.values[i]) continue;
        it->second = update.values[i];
        changed.push_back(update.values[i]);
      }
      if (known && !changed.empty()) news.push_back(std::move(changed));
    }
  }
  Columns columns;
  for (const auto& [key, state] : states) {
    Column& column = columns.emplace_back();
    for (const auto& [ordinal, value] : state) column.push_back(value);
  }
  return {std::move(columns), std::move(news)};
}

Columns Tenths(int count, std::mt19937_64* random) {
  std::normal_distribution<double> noise(0.003, 0.05);
  Columns columns(static_cast<size_t>(count));
  for (Column& column : columns) {
    double level = 50 + static_cast<double>((*random)() % 5000);
    for (int month = 0; month < static_cast<int>(kLongColumn); ++month) {
      level *= std::exp(noise(*random));
      const double season = 1 + 0.1 * std::sin(month * 0.5235987755982988);
      column.push_back(std::round(level * season * 10) / 10);
    }
  }
  return columns;
}

Columns Full(int count, std::mt19937_64* random) {
  std::normal_distribution<double> value(100, 20);
  Columns columns(static_cast<size_t>(count), Column(kLongColumn));
  for (Column& column : columns) {
    for (double& v : column) v = value(*random);
  }
  return columns;
}

void Run(const std::string& data, bool quick) {
  Report report(&std::cout);
  const int runs = quick ? 5 : 25;
  const auto real = [&](const std::string& set,
                        absl::StatusOr<std::vector<store::Batch>> batches) {
    if (!batches.ok()) {
      report.Add(absl::StrCat("codec_bytes_per_value.", set), std::nullopt,
                 "bytes",
                 absl::StrCat("not measured: ", batches.status().message(),
                              "; say where it is with --data"));
      return;
    }
    const auto [columns, news] = ColumnsOf(*batches);
    Measure(set, columns, runs, &report);
    Measure(absl::StrCat(set, ".news"), news, runs, &report);
  };
  real("us_census", LoadUsCensus(data));
  real("tracker", LoadTracker(data));
  real("exports_to_china", LoadExportsToChina(data));
  real("tsmc", LoadTsmc(data, false));
  real("epoch", LoadEpoch(data));
  std::mt19937_64 random(1);
  Measure("tenths", Tenths(400, &random), runs, &report);
  Measure("full", Full(400, &random), runs, &report);
}

}  // namespace
}  // namespace headway::bench

int main(int argc, char** argv) {
  CLI::App app("How small and how fast the store's columns of values are.");
  bool quick = false;
  std::string data = HEADWAY_SOURCE_DIR "/../shared/data";
  if (const char* given = std::getenv("HEADWAY_SHARED_DATA")) data = given;
  app.add_flag("--quick", quick, "Fewer runs, done within 40 seconds");
  app.add_option("--data", data, "Where the real data are")
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  headway::bench::Run(data, quick);
  return 0;
}

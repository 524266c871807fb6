// Stores with histories of every kind, and what export and import do to them.
#ifndef HEADWAY_TESTS_STORE_TRANSFER_FIXTURE_H_
#define HEADWAY_TESTS_STORE_TRANSFER_FIXTURE_H_

#include <gtest/gtest.h>

#include <bit>
#include <cstdlib>
#include <iostream>
#include <iterator>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/store/transfer/export.h"
#include "daemon/store/transfer/import.h"
#include "tests/support/store_fixture.h"

namespace headway::store {

inline std::string Export(const Store& store, ExportOptions options) {
  const std::unique_ptr<Reader> reader = store.NewReader();
  Exporter exporter(reader.get(), std::move(options));
  std::string text;
  while (true) {
    absl::StatusOr<std::string> part = exporter.Next();
    EXPECT_TRUE(part.ok()) << part.status();
    if (!part.ok() || part->empty()) return text;
    text += *part;
  }
}

inline std::string Export(const Store& store, TransferFormat format) {
  ExportOptions options;
  options.format = format;
  return Export(store, std::move(options));
}

inline absl::StatusOr<ImportResult> Import(Store* store, TransferFormat format,
                                           absl::string_view text,
                                           ImportOptions options = {}) {
  Importer importer(store, format, std::move(options));
  if (absl::Status added = importer.Add(text); !added.ok()) return added;
  return importer.Finish();
}

// Updates of a few series with everything that a history can hold.
class RandomHistory {
 public:
  explicit RandomHistory(uint64_t seed) : random_(seed) {}

  int Random(int limit) {
    return std::uniform_int_distribution<int>(0, limit - 1)(random_);
  }

  Batch NextBatch() {
    Batch batch;
    batch.provenance = {.source = absl::StrCat("source ", Random(3)),
                        .plugin = "plugin, \"quoted\"",
                        .plugin_version = "1.0",
                        .plugin_hash = "abc",
                        .run = absl::StrCat("runs/", ++batches_)};
    const int updates = 1 + Random(3);
    for (int i = 0; i < updates; ++i) batch.updates.push_back(NextUpdate());
    return batch;
  }

 private:
  static constexpr int kSeries = 12;
  static constexpr int kPeriods = 12;

  VintageUpdate NextUpdate() {
    const int number = Random(kSeries);
    VintageUpdate update;
    update.info = MonthlySeries(
        "m", {{"n", absl::StrCat(number)}, {"name", "a \"b\", ü\\"}});
    update.info.key.frequency = static_cast<series::Frequency>(1 + number % 5);
    update.info.unit = series::Unit::Parse("USD/FLOP").value();
    update.info.title = absl::StrCat("Title, \"", number, "\"\nand more");
    update.info.source_name = "Bureau";
    if (number % 2 == 0) {
      update.info.vintage_kind = series::VintageKind::kAssumed;
      update.info.release_lag =
          absl::Hours(24 * 35) + absl::Nanoseconds(number);
    }
    // Few instants, so that vintages come back-dated and twice.
    update.known_at =
        At("2024-01-01") + absl::Hours(24 * Random(25)) + absl::Microseconds(7);
    update.snapshot = Random(5) == 0;
    for (int i = Random(kPeriods); i < kPeriods; ++i) {
      if (i < kPeriods - 1 && Random(3) == 0) continue;
      // From 2010 in each frequency's own numbers.
      const int32_t ordinal =
          series::PeriodContaining(update.info.key.frequency,
                                   absl::CivilDay(2010, 1, 1))
              .ordinal +
          i;
      // The first is a value: CSV has no rows for a series without any.
      if (!update.ordinals.empty() && Random(6) == 0) {
        update.withdrawn.push_back(ordinal);
      } else {
        update.ordinals.push_back(ordinal);
        series::AppendStatus(NextStatus(), update.values.size(),
                             &update.statuses);
        update.values.push_back(NextValue());
      }
    }
    return update;
  }

  series::ObservationStatus NextStatus() {
    return Random(4) > 0 ? series::ObservationStatus::kFinal
                         : static_cast<series::ObservationStatus>(
                               Random(series::kLastObservationStatus + 1));
  }

  // Few different ones, so that many are no news.
  double NextValue() {
    static constexpr double kValues[] = {
        0.1,     1e300,
        -0.0,    0.0,
        5e-324,  -1.5,
        3,       9007199254740993.0,
        1.0 / 3, std::numeric_limits<double>::max()};
    return kValues[Random(static_cast<int>(std::size(kValues)))];
  }

  std::mt19937_64 random_;
  int batches_ = 0;
};

class TransferTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    auto store = Store::Open(copy_directory_.path(), &clock_, options_);
    ASSERT_TRUE(store.ok()) << store.status();
    copy_ = *std::move(store);
  }

  ImportResult ImportInto(Store* store, TransferFormat format,
                          absl::string_view text, ImportOptions options = {}) {
    absl::StatusOr<ImportResult> result =
        Import(store, format, text, std::move(options));
    EXPECT_TRUE(result.ok()) << result.status();
    return result.value_or(ImportResult());
  }

  // The copy answers as the store does.
  void ExpectSameAnswers() {
    const auto reader = store_->NewReader();
    const auto copy = copy_->NewReader();
    const auto entries = reader->SelectSeries({});
    ASSERT_TRUE(entries.ok()) << entries.status();
    const auto copied = copy->SelectSeries({});
    ASSERT_TRUE(copied.ok()) << copied.status();
    ASSERT_EQ(entries->size(), copied->size());
    for (size_t i = 0; i < entries->size(); ++i) {
      ASSERT_EQ((*entries)[i].info, (*copied)[i].info);
      ExpectSameHistory(*reader, (*entries)[i].id, *copy, (*copied)[i].id);
    }
  }

  TempDirectory copy_directory_;
  std::unique_ptr<Store> copy_;

 private:
  static std::vector<uint64_t> Bits(const std::vector<double>& values) {
    std::vector<uint64_t> bits;
    for (double value : values) bits.push_back(std::bit_cast<uint64_t>(value));
    return bits;
  }

  static void ExpectSameHistory(const Reader& reader, SeriesId id,
                                const Reader& copy, SeriesId copied) {
    const auto vintages = reader.ListVintages(id, Reader::Statements::kAll);
    const auto again = copy.ListVintages(copied, Reader::Statements::kAll);
    ASSERT_TRUE(vintages.ok() && again.ok());
    ASSERT_EQ(vintages->size(), again->size());
    for (size_t i = 0; i < vintages->size(); ++i) {
      const Vintage& a = (*vintages)[i];
      const Vintage& b = (*again)[i];
      ASSERT_EQ(a.known_at, b.known_at);
      EXPECT_EQ(a.ordinals, b.ordinals);
      EXPECT_EQ(Bits(a.values), Bits(b.values));
      EXPECT_EQ(a.withdrawn, b.withdrawn);
      EXPECT_EQ(a.provenance, b.provenance);
      EXPECT_EQ(a.covers, b.covers);
      for (absl::Duration beside :
           {-absl::Microseconds(1), absl::ZeroDuration(), absl::Hours(1)}) {
        ReadOptions options;
        options.as_of = a.known_at + beside;
        const auto column = reader.Read(id, options);
        const auto same = copy.Read(copied, options);
        ASSERT_TRUE(column.ok() && same.ok());
        EXPECT_EQ(column->ordinals, same->ordinals);
        EXPECT_EQ(Bits(column->values), Bits(same->values));
        EXPECT_EQ(column->known_at, same->known_at);
      }
    }
  }
};

}  // namespace headway::store

#endif  // HEADWAY_TESTS_STORE_TRANSFER_FIXTURE_H_

// Any bytes are read as series and vintages or refused with the name and the
// line; what is read is sound, and it does not matter in which pieces it came.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "daemon/base/instant_text.h"
#include "daemon/store/batch_check.h"
#include "daemon/store/transfer/import_reader.h"
#include "tests/fuzz/require.h"

namespace {

namespace store = headway::store;

using headway::Require;

// Notes what comes, and whether it is sound.
class NotingSink final : public store::ImportSink {
 public:
  absl::Status BeginSeries(const store::ImportedSeries& series) override {
    Require(headway::series::CheckMetric(series.key.metric).ok());
    key_ = series.key;
    absl::StrAppend(&notes_, headway::series::FormatSeriesKey(key_), "\n");
    return absl::OkStatus();
  }

  absl::Status AddVintage(store::ImportedVintage vintage) override {
    store::VintageUpdate update;
    update.info.key = key_;
    update.known_at = vintage.known_at;
    update.ordinals = std::move(vintage.ordinals);
    update.values = std::move(vintage.values);
    update.withdrawn = std::move(vintage.withdrawn);
    update.restated = std::move(vintage.restated);
    update.covers = vintage.covers;
    for (double value : update.values) Require(std::isfinite(value));
    absl::Status checked = store::CheckUpdate(update);
    absl::StrAppend(&notes_, headway::FormatInstant(update.known_at), " ",
                    checked.ToString(), "\n");
    for (size_t i = 0; checked.ok() && i < update.values.size(); ++i) {
      // What is written is read back to the bit.
      std::string text;
      store::AppendValue(update.values[i], &text);
      const auto again = store::ParseValue(text);
      Require(again.ok() && *again == update.values[i] &&
              std::signbit(*again) == std::signbit(update.values[i]));
      absl::StrAppend(&notes_, update.ordinals[i], " ", text, "\n");
    }
    return checked;
  }

  std::string& notes() { return notes_; }

 private:
  headway::series::SeriesKey key_;
  std::string notes_;
};

// What was read, and the error if there was one.
std::string Read(store::TransferFormat format, absl::string_view text,
                 size_t first_piece) {
  NotingSink sink;
  const auto reader = store::ImportReader::Create(format, "fuzz", &sink);
  absl::Status status = reader->Add(text.substr(0, first_piece));
  if (status.ok()) status = reader->Add(text.substr(first_piece));
  if (status.ok()) status = reader->Finish();
  if (!status.ok()) {
    Require(status.code() == absl::StatusCode::kInvalidArgument);
    Require(absl::StartsWith(status.message(), "fuzz:"));
  }
  return absl::StrCat(sink.notes(), status.ToString());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  for (auto format :
       {store::TransferFormat::kCsv, store::TransferFormat::kNdjson}) {
    Require(Read(format, text, size) == Read(format, text, size / 2));
  }
  return 0;
}

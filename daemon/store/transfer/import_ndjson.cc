// NDJSON: the object of a series, then those of its vintages.
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/base/suggest.h"
#include "daemon/store/transfer/flat_json.h"
#include "daemon/store/transfer/import_reader.h"

namespace headway::store {
namespace {

// A daily series of all the years that are accepted has room in it.
constexpr size_t kMaxJsonLineBytes = size_t{32} << 20;

// Takes the members of an object one by one, so that what is left over at the
// end is known to be wrong. The first error stays, and nothing more is read.
class Members {
 public:
  explicit Members(JsonObject object) : object_(std::move(object)) {}

  // Whether it is there, as a text; then it is parsed into `value`.
  template <typename Parse, typename T>
  void TakeIfThere(const std::string& name, Parse parse, T* value) {
    if (!status_.ok()) return;
    const JsonMember* member = Find(name, JsonMember::Kind::kText);
    if (member == nullptr) return;
    auto parsed = parse(member->text);
    if (parsed.ok()) {
      *value = *std::move(parsed);
    } else {
      Fail(name, parsed.status());
    }
  }

  template <typename Parse, typename T>
  void Take(const std::string& name, Parse parse, T* value) {
    if (status_.ok() && !object_.contains(name)) {
      Fail(name, Refuse("it is missing"));
    }
    TakeIfThere(name, parse, value);
  }

  void TakeLabels(series::Labels* labels) {
    if (!status_.ok()) return;
    JsonMember* member = Find("labels", JsonMember::Kind::kObject);
    if (member == nullptr) return;
    auto created = series::Labels::Create(std::move(member->pairs));
    if (created.ok()) {
      *labels = *std::move(created);
    } else {
      Fail("labels", created.status());
    }
  }

  void TakePeriods(const std::string& name, series::Frequency frequency,
                   std::vector<int32_t>* ordinals) {
    if (!status_.ok()) return;
    const JsonMember* member = Find(name, JsonMember::Kind::kArray);
    if (member == nullptr) return;
    if (!member->numbers.empty()) {
      return Fail(name, Refuse("periods are texts such as \"2024-03\""));
    }
    ordinals->reserve(member->texts.size());
    for (const std::string& text : member->texts) {
      auto period = series::ParsePeriod(text, frequency);
      if (!period.ok()) return Fail(name, period.status());
      std::optional<int32_t> before;
      if (!ordinals->empty()) before = ordinals->back();
      const absl::Status follows =
          CheckFollows(frequency, before, period->ordinal);
      if (!follows.ok()) return Fail(name, follows);
      ordinals->push_back(period->ordinal);
    }
  }

  void TakeValues(std::vector<double>* values) {
    if (!status_.ok()) return;
    JsonMember* member = Find("values", JsonMember::Kind::kArray);
    if (member == nullptr) return;
    if (!member->texts.empty()) {
      return Fail("values", Refuse(Quoted(member->texts.front()),
                                   " is a text; values are numbers"));
    }
    *values = std::move(member->numbers);
  }

  void TakeStatuses(series::Statuses* statuses) {
    if (!status_.ok()) return;
    const JsonMember* member = Find("statuses", JsonMember::Kind::kArray);
    if (member == nullptr) return;
    if (!member->numbers.empty()) {
      return Fail("statuses", Refuse("statuses are texts such as \"final\""));
    }
    for (const std::string& text : member->texts) {
      auto parsed = series::ParseObservationStatus(text);
      if (!parsed.ok()) return Fail("statuses", parsed.status());
      statuses->push_back(*parsed);
    }
  }

  // Nothing else may be there.
  absl::Status Done(const std::vector<std::string>& known) {
    RETURN_IF_ERROR(status_);
    for (const auto& [name, member] : object_) {
      if (!taken_.contains(name)) {
        return Refuse("member ", Quoted(name), " is not known here",
                      DidYouMean(name, known));
      }
    }
    return absl::OkStatus();
  }

 private:
  JsonMember* Find(const std::string& name, JsonMember::Kind kind) {
    const auto it = object_.find(name);
    if (it == object_.end()) return nullptr;
    taken_.insert(name);
    if (it->second.kind == kind) return &it->second;
    const bool wants_text = kind == JsonMember::Kind::kText;
    const bool wants_array = kind == JsonMember::Kind::kArray;
    Fail(name, Refuse(wants_text    ? "it must be a text"
                      : wants_array ? "it must be an array"
                                    : "it must be an object"));
    return nullptr;
  }

  void Fail(const std::string& name, const absl::Status& status) {
    status_ = Annotate(status, absl::StrCat("member \"", name, "\""));
  }

  JsonObject object_;
  std::set<std::string> taken_;
  absl::Status status_;
};

absl::StatusOr<std::string> ParseText(absl::string_view text) {
  RETURN_IF_ERROR(CheckText(text));
  return std::string(text);
}

absl::StatusOr<std::string> ParseMetric(absl::string_view text) {
  RETURN_IF_ERROR(series::CheckMetric(text));
  return std::string(text);
}

void TakeKey(Members* members, series::SeriesKey* key) {
  members->Take("metric", ParseMetric, &key->metric);
  members->TakeLabels(&key->labels);
  members->Take("frequency", series::ParseFrequency, &key->frequency);
}

absl::StatusOr<ImportedSeries> ReadSeries(Members members) {
  ImportedSeries series;
  TakeKey(&members, &series.key);
  members.TakeIfThere("unit", series::Unit::Parse, &series.unit);
  members.TakeIfThere("title", ParseText, &series.title);
  members.TakeIfThere("description", ParseText, &series.description);
  members.TakeIfThere("vintage_kind", ParseVintageKind, &series.vintage_kind);
  members.TakeIfThere("release_lag", ParseLag, &series.release_lag);
  members.TakeIfThere("source_name", ParseText, &series.source_name);
  RETURN_IF_ERROR(members.Done({"metric", "labels", "frequency", "unit",
                                "title", "description", "vintage_kind",
                                "release_lag", "source_name"}));
  return series;
}

absl::StatusOr<ImportedVintage> ReadVintage(Members members,
                                            const series::SeriesKey& expected) {
  series::SeriesKey key;
  TakeKey(&members, &key);
  const series::Frequency frequency = key.frequency;
  ImportedVintage vintage;
  members.Take("known_at", ParseStoredInstant, &vintage.known_at);
  // Given anew by the store, and checked all the same.
  absl::Time recorded_at;
  members.TakeIfThere("recorded_at", ParseStoredInstant, &recorded_at);
  members.TakePeriods("periods", frequency, &vintage.ordinals);
  members.TakeValues(&vintage.values);
  members.TakeStatuses(&vintage.statuses);
  members.TakePeriods("withdrawn", frequency, &vintage.withdrawn);
  members.TakePeriods("restated", frequency, &vintage.restated);
  members.TakeIfThere(
      "covers",
      [&](absl::string_view text) { return ParseCoverage(text, frequency); },
      &vintage.covers);
  Provenance& from = vintage.provenance;
  members.TakeIfThere("source", ParseText, &from.source);
  members.TakeIfThere("plugin", ParseText, &from.plugin);
  members.TakeIfThere("plugin_version", ParseText, &from.plugin_version);
  members.TakeIfThere("plugin_hash", ParseText, &from.plugin_hash);
  members.TakeIfThere("run", ParseText, &from.run);
  RETURN_IF_ERROR(members.Done(
      {"metric", "labels", "frequency", "known_at", "recorded_at", "periods",
       "values", "statuses", "withdrawn", "restated", "covers", "source",
       "plugin", "plugin_version", "plugin_hash", "run"}));
  if (key != expected) {
    return Refuse("the vintage is of ", series::FormatSeriesKey(key), ", ",
                  series::FrequencyName(frequency),
                  ", but the series above is ",
                  series::FormatSeriesKey(expected), ", ",
                  series::FrequencyName(expected.frequency),
                  "; put the line of a series before its vintages");
  }
  return vintage;
}

class NdjsonReader final : public ImportReader {
 public:
  NdjsonReader(std::string name, ImportSink* sink)
      : ImportReader(std::move(name), {kMaxJsonLineBytes, false}, sink) {}

 private:
  absl::Status AddLine(absl::string_view line) override {
    return At(line_number(), "", AddObject(line));
  }
  absl::Status FinishLines() override { return absl::OkStatus(); }

  absl::Status AddObject(absl::string_view line) {
    ASSIGN_OR_RETURN(JsonObject object, ParseFlatJson(line));
    auto type = object.extract("type");
    const std::string text = type ? type.mapped().text : "";
    if (text == "series") {
      ASSIGN_OR_RETURN(ImportedSeries series,
                       ReadSeries(Members(std::move(object))));
      RETURN_IF_ERROR(sink_.BeginSeries(series));
      key_ = std::move(series.key);
      return absl::OkStatus();
    }
    if (text != "vintage") {
      return Refuse("member \"type\" is ", Quoted(text),
                    "; it must be \"series\" or \"vintage\"");
    }
    if (!key_) return Refuse("the line of a series must come before a vintage");
    ASSIGN_OR_RETURN(ImportedVintage vintage,
                     ReadVintage(Members(std::move(object)), *key_));
    return sink_.AddVintage(std::move(vintage));
  }

  std::optional<series::SeriesKey> key_;
};

}  // namespace

std::unique_ptr<ImportReader> MakeNdjsonImportReader(std::string name,
                                                     ImportSink* sink) {
  return std::make_unique<NdjsonReader>(std::move(name), sink);
}

}  // namespace headway::store

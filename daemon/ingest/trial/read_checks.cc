#include "daemon/ingest/trial/read_checks.h"

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/ingest/plugin/verbs.h"
#include "daemon/ingest/pull/read.h"
#include "daemon/series/labels.h"
#include "daemon/series/period.h"

namespace headway::ingest {
namespace {

using plugin::v1::PluginMessage;
using SteadyClock = std::chrono::steady_clock;

constexpr char kRun[] = "trial";
constexpr size_t kMaxDetails = 20;
// Where nothing is.
constexpr char kAbsentFile[] = "/headway-conformance/absent";

// Ends a read from within; no plugin says it.
absl::Status CutOff() { return absl::AbortedError("cut off by the suite"); }

absl::StatusOr<std::vector<store::SeriesEntry>> AllSeries(
    const store::Store& store) {
  return store.NewReader()->SelectSeries({});
}

std::string NameOf(const series::SeriesKey& key) {
  return absl::StrCat(series::FormatSeriesKey(key), " (",
                      series::FrequencyName(key.frequency), ")");
}

// What stands of one series, as a line.
absl::StatusOr<std::string> Summary(const store::SeriesEntry& entry,
                                    const store::Reader& reader) {
  ASSIGN_OR_RETURN(const store::SeriesState state, reader.ReadState(entry.id));
  std::string line = absl::StrCat(NameOf(entry.info.key), ": ",
                                  state.ordinals.size(), " periods");
  if (state.ordinals.empty()) return line;
  const auto period = [&](int32_t ordinal) {
    return series::FormatPeriod({entry.info.key.frequency, ordinal});
  };
  absl::StrAppend(&line, ", ", period(state.ordinals.front()), " to ",
                  period(state.ordinals.back()), ", the last ",
                  state.values.back(), " ", entry.info.unit.ToString());
  return line;
}

absl::StatusOr<std::vector<std::string>> Summaries(const store::Store& store) {
  ASSIGN_OR_RETURN(const auto entries, AllSeries(store));
  const std::unique_ptr<store::Reader> reader = store.NewReader();
  std::vector<std::string> lines;
  for (size_t i = 0; i < std::min(kMaxDetails, entries.size()); ++i) {
    ASSIGN_OR_RETURN(lines.emplace_back(), Summary(entries[i], *reader));
  }
  if (entries.size() > kMaxDetails) {
    lines.push_back(
        absl::StrCat("… and ", entries.size() - kMaxDetails, " more series"));
  }
  return lines;
}

// The first series in which two stores differ; absent if there is none.
absl::StatusOr<std::optional<std::string>> FirstDifference(
    const store::Store& left, const store::Store& right) {
  ASSIGN_OR_RETURN(const auto mine, AllSeries(left));
  ASSIGN_OR_RETURN(const auto others, AllSeries(right));
  if (mine.size() != others.size()) {
    return absl::StrCat("there are ", others.size(), " series and not ",
                        mine.size());
  }
  const std::unique_ptr<store::Reader> here = left.NewReader();
  const std::unique_ptr<store::Reader> there = right.NewReader();
  for (size_t i = 0; i < mine.size(); ++i) {
    const std::string name = NameOf(mine[i].info.key);
    if (!(mine[i].info == others[i].info)) {
      return absl::StrCat(name, " is described differently");
    }
    ASSIGN_OR_RETURN(const auto a, here->ReadState(mine[i].id));
    ASSIGN_OR_RETURN(const auto b, there->ReadState(others[i].id));
    if (a.ordinals != b.ordinals || a.values != b.values) {
      return absl::StrCat(name, " has other values");
    }
  }
  return std::nullopt;
}

}  // namespace

ReadChecks::ReadChecks(ReadySource ready, Clock* clock)
    : ready_(std::move(ready)), clock_(clock) {}

absl::StatusOr<ReadChecks::TrialStore> ReadChecks::OpenStore() const {
  ASSIGN_OR_RETURN(PrivateDirectory directory, PrivateDirectory::Create());
  ASSIGN_OR_RETURN(auto store,
                   store::Store::Open(directory.path() + "/store", clock_, {}));
  return TrialStore{std::move(directory), std::move(store)};
}

absl::StatusOr<Finding> ReadChecks::Delivers() {
  ASSIGN_OR_RETURN(TrialStore opened, OpenStore());
  delivered_.emplace(std::move(opened));
  ASSIGN_OR_RETURN(PullReport report,
                   RunRead(ready_, kRun, clock_, delivered_->store.get(), {}));
  if (report.observations_read == 0) {
    return absl::InternalError(
        "it delivered no observations; test with a configuration that yields "
        "some");
  }
  report_ = std::move(report);
  ASSIGN_OR_RETURN(std::vector<std::string> details,
                   Summaries(*delivered_->store));
  details.insert(details.end(), report_->log.begin(), report_->log.end());
  return Finding(absl::StrCat(report_->observations_read, " observations of ",
                              report_->series, " series"),
                 std::move(details));
}

absl::StatusOr<Finding> ReadChecks::EndsWithCheckpoint() const {
  if (!report_) return SkippedCheck("read failed");
  if (report_->observations_dropped > 0) {
    return absl::InternalError(absl::StrCat(
        report_->observations_dropped,
        " observations follow the last checkpoint and are dropped; send a "
        "checkpoint after the last batch"));
  }
  ASSIGN_OR_RETURN(
      const auto checkpoints,
      delivered_->store->NewReader()->GetCheckpoints(ready_.source.name));
  std::vector<std::string> details;
  for (const store::Checkpoint& checkpoint : checkpoints) {
    details.push_back(absl::StrCat("stream \"", checkpoint.stream, "\": \"",
                                   checkpoint.state, "\""));
  }
  return Finding("nothing is lost", std::move(details));
}

absl::StatusOr<Finding> ReadChecks::AgreesWith(
    const std::vector<series::SeriesInfo>& discovered) const {
  if (!report_) return SkippedCheck("read failed");
  std::set<series::SeriesKey> known;
  for (const series::SeriesInfo& info : discovered) known.insert(info.key);
  ASSIGN_OR_RETURN(const auto delivered, AllSeries(*delivered_->store));
  for (const store::SeriesEntry& entry : delivered) {
    if (known.contains(entry.info.key)) continue;
    return absl::InternalError(absl::StrCat("read delivers ",
                                            NameOf(entry.info.key),
                                            ", which discover does not name"));
  }
  return Finding(absl::StrCat(delivered.size(), " of ", known.size(),
                              " series were delivered"));
}

absl::StatusOr<Transcript> ReadChecks::Record(Invocation invocation,
                                              ProcessResult* end) const {
  Transcript transcript;
  Listener listener;
  listener.on_message = [&](const PluginMessage& message) {
    transcript.Add(message);
    return absl::OkStatus();
  };
  listener.on_end = [&](const ProcessResult& result) { *end = result; };
  RETURN_IF_ERROR(Converse(invocation, listener).status());
  return transcript;
}

absl::StatusOr<Finding> ReadChecks::SaysTheSameTwice() {
  if (!report_) return SkippedCheck("read failed");
  // One request, so that the two are asked at one instant.
  const Invocation invocation = Invoke(ready_, "read", clock_->Now());
  const auto start = SteadyClock::now();
  ASSIGN_OR_RETURN(transcript_, Record(invocation, &end_));
  took_ = absl::FromChrono(SteadyClock::now() - start);
  ProcessResult ignored;
  ASSIGN_OR_RETURN(const Transcript again, Record(invocation, &ignored));
  if (const auto difference = transcript_->FirstDifference(again)) {
    return absl::InternalError(absl::StrCat(
        "asked the same from the same checkpoint, it answered otherwise: ",
        *difference,
        "; keep an order of your own and take the time from the request"));
  }
  return Finding(absl::StrCat(transcript_->size(), " messages, all the same"),
                 transcript_->Lines(kMaxDetails));
}

absl::StatusOr<Finding> ReadChecks::SaysEachValueOnce() const {
  if (!transcript_) return SkippedCheck("no read was recorded");
  if (transcript_->contradiction()) {
    return absl::InternalError(absl::StrCat(
        *transcript_->contradiction(),
        "; tell the rows apart by a label, or send the right one alone"));
  }
  return Finding("no period of a series has two values");
}

absl::StatusOr<Finding> ReadChecks::KeepsToItsHosts() const {
  if (!transcript_) return SkippedCheck("no read was recorded");
  if (!end_.refused_connections.empty()) {
    return absl::InternalError(end_.refused_connections.front());
  }
  std::vector<std::string> details;
  for (const HostRule& rule : ready_.hosts) {
    details.push_back(absl::StrCat(
        "may reach ", rule.host,
        rule.port > 0 ? absl::StrCat(":", rule.port) : std::string()));
  }
  const Isolation* isolation = ready_.surroundings.isolation;
  if (isolation == nullptr || !isolation->lacks().empty()) {
    return SkippedCheck(
        "plugins are not isolated here, so nobody sees what it reaches");
  }
  return Finding("no connection was refused", std::move(details));
}

absl::StatusOr<Finding> ReadChecks::GoesOnFromCheckpoint() const {
  if (!report_) return SkippedCheck("read failed");
  ASSIGN_OR_RETURN(const PullReport again,
                   RunRead(ready_, kRun, clock_, delivered_->store.get(), {}));
  if (again.observations_changed == 0) {
    return Finding(
        absl::StrCat(again.observations_read, " observations, all the same"),
        again.log);
  }
  return absl::InternalError(absl::StrCat(
      again.observations_changed,
      " observations changed from one read to the next; deliver the same "
      "values, or nothing, as long as the publisher has nothing new"));
}

absl::StatusOr<Finding> ReadChecks::GoesOnAfterKill() const {
  if (!transcript_) return SkippedCheck("no read was recorded");
  const int checkpoints = transcript_->checkpoints();
  if (checkpoints < 2) {
    return Finding("its one checkpoint is the end: all is stored, or nothing");
  }
  ASSIGN_OR_RETURN(const TrialStore cut, OpenStore());
  int seen = 0;
  PullObserver observer;
  observer.on_message = [&](const PluginMessage& message) {
    if (seen >= checkpoints / 2) return CutOff();
    if (message.has_checkpoint()) ++seen;
    return absl::OkStatus();
  };
  const absl::Status ended =
      RunRead(ready_, kRun, clock_, cut.store.get(), observer).status();
  if (!absl::IsAborted(ended)) RETURN_IF_ERROR(ended);
  RETURN_IF_ERROR(RunRead(ready_, kRun, clock_, cut.store.get(), {}).status());
  ASSIGN_OR_RETURN(const auto difference,
                   FirstDifference(*delivered_->store, *cut.store));
  if (difference) {
    return absl::InternalError(absl::StrCat(
        "cut off after checkpoint ", seen, " of ", checkpoints,
        " and begun again, it ended otherwise than without: ", *difference,
        "; let the state of a checkpoint say where to go on"));
  }
  return Finding(absl::StrCat("cut off after checkpoint ", seen, " of ",
                              checkpoints, ", it ended the same"));
}

absl::StatusOr<Finding> ReadChecks::EndsWhenTold() const {
  if (!transcript_) return SkippedCheck("no read was recorded");
  ProcessResult end;
  Listener listener;
  listener.on_message = [](const PluginMessage&) { return CutOff(); };
  listener.on_end = [&](const ProcessResult& result) { end = result; };
  const auto start = SteadyClock::now();
  Converse(Invoke(ready_, "read", clock_->Now()), listener)
      .status()
      .IgnoreError();
  const absl::Duration took = absl::FromChrono(SteadyClock::now() - start);
  if (end.end != ProcessEnd::kRefused) return Finding("it had ended already");
  if (end.signal == SIGKILL) {
    return absl::InternalError(
        "it went on for two seconds after the signal TERM, and was killed; end "
        "at once");
  }
  // One that had said all that it had to say may end well.
  if (end.signal == 0 && end.exit_status == 0 &&
      took + absl::Seconds(1) < took_ / 2) {
    return absl::InternalError(
        "told to end by the signal TERM, it ended with status 0, as if all "
        "were delivered; end by the signal, or with another status");
  }
  return Finding(end.signal != 0
                     ? "it ended by the signal"
                     : absl::StrCat("it ended with status ", end.exit_status));
}

absl::StatusOr<Finding> ReadChecks::ClassesErrors() const {
  Source source = ready_.source;
  std::string replaced;
  for (auto& [name, value] : source.config) {
    const bool is_url = absl::StartsWith(value, "file://");
    if (!is_url && !absl::StartsWith(value, "/")) continue;
    value = absl::StrCat(is_url ? "file://" : "", kAbsentFile);
    replaced = absl::StrCat(name, "=", value);
    break;
  }
  if (replaced.empty()) {
    return SkippedCheck("no option names a file that could be absent");
  }
  ASSIGN_OR_RETURN(const ReadySource ready,
                   MakeReady(ready_.plugin, source, ready_.surroundings));
  Listener listener;
  listener.on_message = [](const PluginMessage&) { return absl::OkStatus(); };
  const absl::Status status =
      Converse(Invoke(ready, "read", clock_->Now()), listener).status();
  if (IsSaid(status)) return Finding(std::string(status.message()));
  return absl::InternalError(absl::StrCat(
      "with ", replaced, ", read ",
      status.ok() ? "ended well"
                  : absl::StrCat("failed so: ", status.message()),
      "; say an Error with a class that names the file, and end with a status "
      "other than 0"));
}

}  // namespace headway::ingest

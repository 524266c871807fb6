#include "daemon/ingest/plugin/forecast_verb.h"

#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/ingest/plugin/conversation.h"
#include "daemon/ingest/plugin/verbs.h"
#include "daemon/ingest/protocol/redaction.h"

namespace headway::ingest {
namespace {

using Answers = std::vector<absl::StatusOr<ModelForecast>>;

// What the plugin has said so far of the series of a table.
class AnswerSheet {
 public:
  AnswerSheet(const plugin::v1::ForecastTable& table, const Redactor* redactor)
      : table_(table), redactor_(*redactor) {
    for (int i = 0; i < table.series_size(); ++i) {
      places_.emplace(table.series(i).id(), i);
      answers_.push_back(absl::InternalError(
          absl::StrCat("series ", Quote(table.series(i).id()),
                       " has no forecast; answer with one, or with an error "
                       "that says why not")));
    }
    answered_.resize(answers_.size());
  }

  absl::Status Take(const plugin::v1::PluginMessage& message) {
    if (message.message_case() != plugin::v1::PluginMessage::kForecast) {
      return absl::InternalError(
          "forecast answers with forecasts and nothing else");
    }
    const plugin::v1::SeriesForecast& said = message.forecast();
    const auto found = places_.find(said.series());
    if (found == places_.end()) {
      return absl::InternalError(
          absl::StrCat("series ", Quote(said.series()),
                       " was not asked for; name it by the id that it has in "
                       "the table"));
    }
    const int place = found->second;
    if (answered_[place]) {
      return absl::InternalError(
          absl::StrCat("series ", Quote(said.series()), " is answered twice"));
    }
    answered_[place] = true;
    answers_[place] =
        Clean(CheckSeriesForecast(said, table_.series(place), table_));
    return absl::OkStatus();
  }

  Answers Finish() && { return std::move(answers_); }

 private:
  // Without secrets.
  absl::StatusOr<ModelForecast> Clean(
      absl::StatusOr<ModelForecast> forecast) const {
    if (!forecast.ok()) return redactor_.Clean(forecast.status());
    forecast->model = redactor_.Clean(forecast->model);
    for (std::string& note : forecast->notes) note = redactor_.Clean(note);
    return forecast;
  }

  const plugin::v1::ForecastTable& table_;
  const Redactor& redactor_;
  absl::flat_hash_map<std::string, int> places_;
  std::vector<bool> answered_;
  Answers answers_;
};

}  // namespace

absl::Status CheckForecasts(const PluginInfo& plugin) {
  if (plugin.description.forecasts()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "plugin ", plugin.name,
      " is no model: its description does not say that it forecasts; name one "
      "that does"));
}

absl::StatusOr<Answers> RunForecast(const ReadySource& ready,
                                    const plugin::v1::ForecastTable& table,
                                    Clock* clock,
                                    const std::function<bool()>& cancelled) {
  RETURN_IF_ERROR(CheckForecasts(ready.plugin));
  const Redactor redactor = MakeRedactor(ready.secrets);
  AnswerSheet sheet(table, &redactor);
  Invocation invocation = Invoke(ready, "forecast", clock->Now());
  *invocation.request.mutable_table() = table;
  Listener listener;
  listener.cancelled = cancelled;
  listener.on_message = [&](const plugin::v1::PluginMessage& message) {
    return sheet.Take(message);
  };
  RETURN_IF_ERROR(Converse(invocation, listener).status());
  return std::move(sheet).Finish();
}

}  // namespace headway::ingest

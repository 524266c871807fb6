#include "daemon/service/plugin/catalogue_search.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "daemon/base/log.h"
#include "daemon/base/status_macros.h"
#include "daemon/ingest/plugin_host.h"
#include "daemon/messages/errors.h"
#include "daemon/messages/series.h"
#include "daemon/operations/operations.h"
#include "daemon/pipeline/manager.h"
#include "daemon/store/store.h"

namespace headway::service {
namespace {

constexpr absl::Duration kLongestDiscovery = absl::Seconds(60);
constexpr int kMostEntries = 1000;
constexpr int kMostWords = 20;
// Of one source, in the store.
constexpr int kMostKept = 20000;

std::string CatalogueKey(absl::string_view source) {
  return absl::StrCat("service/catalogue/", source);
}

// What decides what a plugin can deliver: its program and its options.
std::string KeyOfSource(const ingest::PluginInfo& plugin,
                        const ingest::Source& source) {
  std::string key = plugin.hash;
  for (const auto& [name, value] : source.config) {
    absl::StrAppend(&key, "\t", absl::string_view(name), "=",
                    absl::StrReplaceAll(value, {{"\n", " "}}));
  }
  return key;
}

// The catalogue of one source, without what is the same in all its entries.
v1::SearchCatalogueResponse ToCatalogue(
    const std::vector<series::SeriesInfo>& found) {
  v1::SearchCatalogueResponse catalogue;
  catalogue.set_series(static_cast<int64_t>(found.size()));
  for (const series::SeriesInfo& info : found) {
    if (catalogue.entries_size() == kMostKept) break;
    v1::CatalogueEntry& entry = *catalogue.add_entries();
    entry.set_metric(info.key.metric);
    messages::ToProto(info.key.labels, entry.mutable_labels());
    entry.set_frequency(messages::ToProto(info.key.frequency));
    entry.set_unit(info.unit.ToString());
    entry.set_title(info.title);
    entry.set_source_name(info.source_name);
  }
  return catalogue;
}

class Search {
 public:
  Search(ingest::PluginHost* plugins, store::Store* store,
         std::map<std::string, pipeline::Source> sources,
         v1::SearchCatalogueRequest request)
      : plugins_(plugins),
        store_(store),
        sources_(std::move(sources)),
        request_(std::move(request)),
        most_(request_.max_entries() > 0 ? request_.max_entries()
                                         : kMostEntries) {
    for (const std::string& word : request_.words()) {
      words_.push_back(absl::AsciiStrToLower(word));
    }
  }

  absl::Status Run(operations::Control& control,
                   v1::SearchCatalogueResponse* response) {
    double done = 0;
    for (const auto& [name, source] : sources_) {
      RETURN_IF_ERROR(control.CheckAlive());
      control.Report(done / static_cast<double>(sources_.size()),
                     absl::StrCat("source ", name));
      done += 1;
      const absl::Status status = Add(source, response);
      if (status.ok()) continue;
      v1::CatalogueGap& gap = *response->add_gaps();
      gap.set_source(name);
      gap.set_reason(std::string(status.message()));
    }
    return absl::OkStatus();
  }

 private:
  absl::Status Add(const pipeline::Source& source,
                   v1::SearchCatalogueResponse* response) {
    ASSIGN_OR_RETURN(const ingest::PluginInfo plugin,
                     plugins_->GetPlugin(source.source.plugin));
    RETURN_IF_ERROR(plugin.status);
    ASSIGN_OR_RETURN(v1::SearchCatalogueResponse catalogue,
                     CatalogueOf(plugin, source.source));
    response->set_series(response->series() + catalogue.series());
    for (v1::CatalogueEntry& entry : *catalogue.mutable_entries()) {
      entry.set_source(source.source.name);
      entry.set_pipeline(absl::StrCat("pipelines/", source.pipeline));
      entry.set_plugin(absl::StrCat("plugins/", source.source.plugin));
      entry.set_source_enabled(!source.disabled);
      if (!Matches(entry, plugin.description.summary())) continue;
      response->set_matches(response->matches() + 1);
      if (response->entries_size() < most_) {
        *response->add_entries() = std::move(entry);
      }
    }
    if (catalogue.series() <= catalogue.entries_size()) return absl::OkStatus();
    return absl::OutOfRangeError(
        absl::StrCat("of its ", catalogue.series(), " series the first ",
                     catalogue.entries_size(), " are searched"));
  }

  // As it was kept, or from the plugin.
  absl::StatusOr<v1::SearchCatalogueResponse> CatalogueOf(
      const ingest::PluginInfo& plugin, const ingest::Source& source) {
    const std::string key = KeyOfSource(plugin, source);
    if (!request_.refresh()) {
      ASSIGN_OR_RETURN(std::optional<v1::SearchCatalogueResponse> kept,
                       Kept(source.name, key));
      if (kept) return *std::move(kept);
    }
    ingest::Source bounded = source;
    bounded.limits.wall_time =
        std::min(bounded.limits.wall_time, kLongestDiscovery);
    ASSIGN_OR_RETURN(const auto found, plugins_->Discover(bounded));
    v1::SearchCatalogueResponse catalogue = ToCatalogue(found);
    Keep(source.name, key, catalogue);
    return catalogue;
  }

  absl::StatusOr<std::optional<v1::SearchCatalogueResponse>> Kept(
      const std::string& source, const std::string& key) const {
    ASSIGN_OR_RETURN(const std::optional<std::string> record,
                     store_->NewReader()->FindRecord(store::RecordKind::kState,
                                                     CatalogueKey(source)));
    if (!record) return std::nullopt;
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(*record, absl::MaxSplits('\n', 1));
    v1::SearchCatalogueResponse catalogue;
    if (parts.first != key || !catalogue.ParseFromString(parts.second)) {
      return std::nullopt;
    }
    return catalogue;
  }

  void Keep(const std::string& source, const std::string& key,
            const v1::SearchCatalogueResponse& catalogue) {
    store::Batch batch;
    batch.records.push_back(
        {store::RecordKind::kState, CatalogueKey(source),
         absl::StrCat(key, "\n", catalogue.SerializeAsString())});
    // Without it the plugin is asked again by the next search.
    if (absl::Status status = store_->Commit(batch).status(); !status.ok()) {
      Log(LogLevel::kWarning, "cannot keep what a source has",
          {{"source", source}, {"error", status.ToString()}});
    }
  }

  bool Matches(const v1::CatalogueEntry& entry,
               absl::string_view summary) const {
    std::string text =
        absl::StrCat(entry.source(), "\n", entry.plugin(), "\n",
                     entry.pipeline(), "\n", entry.metric(), "\n", entry.unit(),
                     "\n", entry.title(), "\n", entry.source_name(), "\n",
                     v1::Frequency_Name(entry.frequency()), "\n", summary);
    for (const auto& [name, value] : entry.labels()) {
      absl::StrAppend(&text, "\n", name, "=", value);
    }
    absl::AsciiStrToLower(&text);
    return std::all_of(words_.begin(), words_.end(), [&](const auto& word) {
      return absl::StrContains(text, word);
    });
  }

  ingest::PluginHost* const plugins_;
  store::Store* const store_;
  const std::map<std::string, pipeline::Source> sources_;
  const v1::SearchCatalogueRequest request_;
  const int most_;
  std::vector<std::string> words_;
};

}  // namespace

absl::StatusOr<v1::Operation> SearchCatalogue(
    const Parts& parts, const Call&,
    const v1::SearchCatalogueRequest& request) {
  if (request.words_size() > kMostWords) {
    return messages::FieldError(
        "words", absl::StrCat("has ", request.words_size(), " words; give ",
                              kMostWords, " at most"));
  }
  if (request.max_entries() < 0 || request.max_entries() > kMostEntries) {
    return messages::FieldError(
        "max_entries", absl::StrCat("must be 0 to ", kMostEntries, ", is ",
                                    request.max_entries()));
  }
  return parts.operations->Start(
      {.kind = v1::Operation::SEARCH_CATALOGUE,
       .subject = absl::StrJoin(request.words(), " "),
       .request_id = request.request_id()},
      // Outlives the call and the parts, but not what they point to.
      [plugins = parts.plugins, store = parts.store,
       sources = parts.pipelines->definitions()->sources,
       request](operations::Control& control, v1::Operation* done) {
        return Search(plugins, store, sources, request)
            .Run(control, done->mutable_search_catalogue());
      });
}

}  // namespace headway::service

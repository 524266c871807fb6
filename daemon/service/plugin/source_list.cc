#include "daemon/service/plugin/source_list.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/base/status_macros.h"
#include "daemon/ingest/plugin_host.h"
#include "daemon/ingest/source/terms.h"
#include "daemon/messages/timestamp.h"
#include "daemon/pipeline/failures.h"
#include "daemon/pipeline/manager.h"
#include "daemon/service/calls/paging.h"
#include "daemon/service/plugin/evidence.h"
#include "daemon/service/plugin/sources.h"
#include "daemon/store/store.h"

namespace headway::service {
namespace {

// Why the last pull failed; "" if it did not.
absl::StatusOr<std::string> PullError(const store::Reader& reader,
                                      const pipeline::Source& source) {
  ASSIGN_OR_RETURN(const auto failures,
                   pipeline::ListFailures(reader, source.pipeline));
  for (const v1::StepFailure& failure : failures) {
    if (failure.kind() == v1::RunStep::PULL &&
        failure.subject() == source.source.name) {
      return failure.error();
    }
  }
  return "";
}

// How much of each limit of a day all plugins together used.
absl::Status AddQuotas(const plugin::v1::Description& description,
                       ingest::PluginHost& plugins, v1::Source* proto) {
  for (const plugin::v1::HostLimit& limit : description.limits()) {
    if (limit.requests_per_day() == 0) continue;
    const std::string host = absl::AsciiStrToLower(limit.host());
    v1::QuotaUse* quota = proto->add_quotas();
    quota->set_host(host);
    ASSIGN_OR_RETURN(const int64_t requests, plugins.RequestsToday(host));
    quota->set_requests(requests);
    quota->set_requests_per_day(limit.requests_per_day());
  }
  return absl::OkStatus();
}

// What the plugin says now, or else what it said when it was pulled.
void AddTerms(const pipeline::Source& source, const ingest::SourceTerms& terms,
              v1::Source* proto) {
  proto->set_restricted(ingest::IsRestricted(source.source.sharing, terms));
  proto->set_terms(terms.summary);
  proto->set_terms_url(terms.url);
}

absl::StatusOr<v1::Source> DescribeSource(
    const Parts& parts, const pipeline::Source& source,
    const absl::StatusOr<ingest::PluginInfo>& plugin,
    const store::Reader& reader) {
  v1::Source proto;
  proto.set_name(source.source.name);
  proto.set_pipeline(absl::StrCat("pipelines/", source.pipeline));
  proto.set_plugin(absl::StrCat("plugins/", source.source.plugin));
  proto.set_enabled(!source.disabled);
  proto.set_declared_disabled(source.declared_disabled);
  proto.set_switched(source.switched);
  proto.set_supersedes(source.supersedes);
  proto.set_superseded_by(source.superseded_by);
  ASSIGN_OR_RETURN(const std::optional<absl::Time> last,
                   pipeline::LastPullOf(reader, source.source.name));
  if (last) *proto.mutable_last_success() = messages::ToTimestamp(*last);
  const absl::Status status = plugin.ok() ? plugin->status : plugin.status();
  if (plugin.ok()) {
    proto.set_plugin_version(plugin->description.version());
    for (const std::string& secret :
         ingest::PluginHost::MissingSecrets(plugin->description)) {
      proto.add_missing_secrets(secret);
    }
    proto.set_evidence(ToEvidence(plugin->description.evidence()));
    proto.set_evidence_date(plugin->description.evidence().date());
    AddTerms(source, ingest::ToSourceTerms(plugin->description.terms()),
             &proto);
    RETURN_IF_ERROR(AddQuotas(plugin->description, *parts.plugins, &proto));
  } else {
    ASSIGN_OR_RETURN(const auto said, ingest::ReadTerms(reader));
    const auto found = said.find(source.source.name);
    AddTerms(source,
             found == said.end() ? ingest::SourceTerms() : found->second,
             &proto);
  }
  if (!status.ok()) {
    proto.set_error(std::string(status.message()));
  } else if (!source.disabled) {
    ASSIGN_OR_RETURN(*proto.mutable_error(), PullError(reader, source));
  }
  return proto;
}

std::string DaemonLacks(const v1::Source& source) {
  return absl::StrCat(
      "it needs ", absl::StrJoin(source.missing_secrets(), ", "),
      ", which the daemon's environment does not have: every pull fails until "
      "the daemon was started with it (EnvironmentFile= of its service, or "
      "export in the shell that starts headwayd)");
}

// What follows when the source is switched on.
std::vector<std::string> EffectsOfEnabling(const v1::Source& source,
                                           const std::string& pipeline) {
  std::vector<std::string> effects = {
      absl::StrCat("it is pulled by each run of the pipeline ", pipeline,
                   "; headway run ", pipeline, " pulls it now")};
  if (!source.supersedes().empty()) {
    effects.push_back(absl::StrCat(
        "source ", source.supersedes(),
        " is not pulled meanwhile, and what it delivered is withdrawn once "
        "this one was pulled; reads as of earlier still see it"));
  }
  if (source.missing_secrets_size() > 0) {
    effects.push_back(DaemonLacks(source));
  }
  if (source.evidence() != v1::RECORDED) {
    effects.push_back(absl::StrCat(
        "its plugin is unproven: ",
        source.evidence() == v1::DOCUMENTED
            ? absl::StrCat("it was written from the publisher's documentation "
                           "of ",
                           source.evidence_date())
            : "it does not say on what it was tried",
        "; look at the first pull with headway source documents ",
        source.name()));
  }
  if (source.restricted()) {
    effects.push_back(absl::StrCat(
        "its numbers are shown on this machine alone, and left out of exports "
        "for others: ",
        source.terms().empty() ? "its definition says so" : source.terms()));
  }
  if (!source.error().empty()) {
    effects.push_back(
        absl::StrCat("its plugin cannot be used: ", source.error()));
  }
  return effects;
}

std::vector<std::string> EffectsOfDisabling(const v1::Source& source) {
  if (source.supersedes().empty()) {
    return {"it is not pulled any more; what it delivered stays"};
  }
  return {absl::StrCat("it is not pulled any more; source ",
                       source.supersedes(),
                       " is pulled again, and what this one delivered is "
                       "withdrawn once that was pulled")};
}

absl::Status CheckSwitch(const pipeline::Source& source, bool enabled) {
  if (!enabled || source.superseded_by.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "source ", source.source.name, " is not pulled because source ",
      source.superseded_by, " takes its place; headway source disable ",
      source.superseded_by, " gives it back"));
}

}  // namespace

absl::StatusOr<v1::ListSourcesResponse> ListSources(
    const Parts& parts, const Call&, const v1::ListSourcesRequest& request) {
  ASSIGN_OR_RETURN(Page page, ParsePage(request.page_size(),
                                        request.page_token(), "ListSources"));
  const auto definitions = parts.pipelines->definitions();
  const std::unique_ptr<store::Reader> reader = parts.store->NewReader();
  std::map<std::string, ingest::PluginInfo> plugins;
  for (ingest::PluginInfo& info : parts.plugins->ListPlugins()) {
    plugins.emplace(info.name, std::move(info));
  }
  v1::ListSourcesResponse response;
  for (const auto& [name, source] : definitions->sources) {
    if (name <= page.cursor) continue;
    if (static_cast<size_t>(response.sources_size()) == page.size) {
      response.set_next_page_token(MakeToken("ListSources", page.cursor));
      break;
    }
    const auto found = plugins.find(source.source.plugin);
    const absl::StatusOr<ingest::PluginInfo> plugin =
        found != plugins.end() ? found->second
                               : parts.plugins->GetPlugin(source.source.plugin);
    ASSIGN_OR_RETURN(*response.add_sources(),
                     DescribeSource(parts, source, plugin, *reader));
    page.cursor = name;
  }
  return response;
}

absl::StatusOr<v1::SwitchSourceResponse> SwitchSource(
    const Parts& parts, const Call&, const v1::SwitchSourceRequest& request) {
  const auto before = parts.pipelines->definitions();
  RETURN_IF_ERROR(FindSource(*before, request.source()).status());
  const pipeline::Source& source = before->sources.at(request.source());
  RETURN_IF_ERROR(CheckSwitch(source, request.enabled()));
  const bool changes = source.disabled == request.enabled();
  if (changes && !request.dry_run()) {
    RETURN_IF_ERROR(
        parts.pipelines->SwitchSource(request.source(), request.enabled()));
  }
  const auto after = parts.pipelines->definitions();
  const auto found = after->sources.find(request.source());
  const pipeline::Source& now =
      found == after->sources.end() ? source : found->second;
  v1::SwitchSourceResponse response;
  ASSIGN_OR_RETURN(
      *response.mutable_source(),
      DescribeSource(parts, now, parts.plugins->GetPlugin(now.source.plugin),
                     *parts.store->NewReader()));
  if (!changes) {
    response.add_effects(
        absl::StrCat("it is ", request.enabled() ? "enabled" : "disabled",
                     " already; nothing changes"));
    return response;
  }
  if (!request.dry_run() && now.disabled == request.enabled()) {
    response.add_effects(
        "its definition is wrong, so it stays disabled until that is mended; "
        "headway status says what is wrong");
    return response;
  }
  for (const std::string& effect :
       request.enabled() ? EffectsOfEnabling(response.source(), now.pipeline)
                         : EffectsOfDisabling(response.source())) {
    response.add_effects(effect);
  }
  return response;
}

}  // namespace headway::service

#include "daemon/service/plugin/handlers.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/ingest/plugin_host.h"
#include "daemon/ingest/sandbox/isolation.h"
#include "daemon/messages/errors.h"
#include "daemon/operations/operations.h"
#include "daemon/pipeline/manager.h"
#include "daemon/service/calls/names.h"
#include "daemon/service/calls/paging.h"
#include "daemon/service/plugin/evidence.h"
#include "daemon/service/plugin/sources.h"

namespace headway::service {
namespace {

using messages::WithReason;

// A check makes a request or two.
constexpr absl::Duration kLongestCheck = absl::Seconds(60);

template <typename Field>
v1::PluginOption DescribeOption(const Field& field) {
  v1::PluginOption option;
  option.set_name(field.name());
  option.set_description(field.description());
  option.set_required(field.required());
  return option;
}

v1::Plugin::Approval ToApproval(ingest::Approval approval) {
  switch (approval) {
    case ingest::Approval::kNoManifest:
      return v1::Plugin::APPROVAL_UNSPECIFIED;
    case ingest::Approval::kApproved:
      return v1::Plugin::APPROVED;
    case ingest::Approval::kChanged:
      return v1::Plugin::CHANGED;
    case ingest::Approval::kUnapproved:
      return v1::Plugin::UNAPPROVED;
  }
  return v1::Plugin::APPROVAL_UNSPECIFIED;
}

v1::Plugin DescribePlugin(const ingest::PluginInfo& info,
                          const pipeline::Definitions& definitions) {
  v1::Plugin proto;
  proto.set_name(absl::StrCat("plugins/", info.name));
  proto.set_version(info.description.version());
  proto.set_summary(info.description.summary());
  proto.set_path(info.path);
  *proto.mutable_hosts() = info.description.hosts();
  for (const plugin::v1::ConfigField& field : info.description.config()) {
    v1::PluginOption option = DescribeOption(field);
    option.set_default_value(field.default_value());
    *proto.add_config() = option;
  }
  for (const plugin::v1::SecretField& field : info.description.secrets()) {
    *proto.add_secrets() = DescribeOption(field);
  }
  for (const auto& [name, source] : definitions.sources) {
    if (source.source.plugin == info.name) proto.add_sources(name);
  }
  proto.set_evidence(ToEvidence(info.description.evidence()));
  proto.set_evidence_date(info.description.evidence().date());
  proto.set_sha256(info.hash);
  proto.set_approval(ToApproval(info.approval));
  if (!info.status.ok()) proto.set_error(std::string(info.status.message()));
  return proto;
}

}  // namespace

absl::StatusOr<v1::ListPluginsResponse> ListPlugins(
    const Parts& parts, const Call&, const v1::ListPluginsRequest& request) {
  ASSIGN_OR_RETURN(Page page, ParsePage(request.page_size(),
                                        request.page_token(), "ListPlugins"));
  const auto definitions = parts.pipelines->definitions();
  v1::ListPluginsResponse response;
  const ingest::Isolation* isolation = parts.plugins->isolation();
  // On the first page alone.
  if (isolation != nullptr && page.cursor.empty()) {
    for (const ingest::Isolation::Lack& lack : isolation->lacks()) {
      response.add_isolation_lacks(absl::StrCat(lack.what, "; ", lack.remedy));
    }
  }
  // By name, and the cursor is the last name.
  for (const ingest::PluginInfo& info : parts.plugins->ListPlugins()) {
    if (info.name <= page.cursor) continue;
    if (static_cast<size_t>(response.plugins_size()) == page.size) {
      response.set_next_page_token(MakeToken("ListPlugins", page.cursor));
      break;
    }
    *response.add_plugins() = DescribePlugin(info, *definitions);
    page.cursor = info.name;
  }
  return response;
}

absl::StatusOr<v1::Plugin> GetPlugin(const Parts& parts, const Call&,
                                     const v1::GetPluginRequest& request) {
  ASSIGN_OR_RETURN(std::string name,
                   ParseName("name", "plugins", request.name()));
  auto info = parts.plugins->GetPlugin(name);
  // To the host a missing plugin is a source's wrong configuration; to who asks
  // for it by name it is not there.
  if (absl::IsFailedPrecondition(info.status())) {
    return WithReason(absl::NotFoundError(info.status().message()),
                      "PLUGIN_NOT_FOUND", {{"name", request.name()}});
  }
  RETURN_IF_ERROR(info.status());
  return DescribePlugin(*info, *parts.pipelines->definitions());
}

absl::StatusOr<v1::AcceptSourceResponse> AcceptSource(
    const Parts& parts, const Call&, const v1::AcceptSourceRequest& request) {
  ASSIGN_OR_RETURN(
      const ingest::Source source,
      FindSource(*parts.pipelines->definitions(), request.source()));
  RETURN_IF_ERROR(parts.plugins->Accept(source.name));
  return v1::AcceptSourceResponse();
}

absl::StatusOr<v1::Operation> CheckSource(
    const Parts& parts, const Call&, const v1::CheckSourceRequest& request) {
  ASSIGN_OR_RETURN(
      ingest::Source source,
      FindSource(*parts.pipelines->definitions(), request.source()));
  source.limits.wall_time = std::min(source.limits.wall_time, kLongestCheck);
  return parts.operations->Start(
      {.kind = v1::Operation::CHECK_SOURCE,
       .subject = request.source(),
       .request_id = request.request_id()},
      // Outlives the call and the parts, but not what they point to.
      [plugins = parts.plugins, source](operations::Control& control,
                                        v1::Operation* done) -> absl::Status {
        const auto result = plugins->Check(
            source, [&control] { return !control.CheckAlive().ok(); });
        RETURN_IF_ERROR(control.CheckAlive());
        v1::CheckSourceResponse* response = done->mutable_check_source();
        response->set_ok(result.ok() && result->ok());
        response->set_message(result.ok()
                                  ? result->message()
                                  : std::string(result.status().message()));
        return absl::OkStatus();
      });
}

absl::StatusOr<v1::UnparkSourceResponse> UnparkSource(
    const Parts& parts, const Call&, const v1::UnparkSourceRequest& request) {
  ASSIGN_OR_RETURN(
      const ingest::Source source,
      FindSource(*parts.pipelines->definitions(), request.source()));
  v1::UnparkSourceResponse response;
  ASSIGN_OR_RETURN(const bool was_parked, parts.plugins->Unpark(source.name));
  response.set_was_parked(was_parked);
  return response;
}

}  // namespace headway::service

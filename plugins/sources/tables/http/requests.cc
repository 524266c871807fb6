#include "plugins/sources/tables/http/requests.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "daemon/base/status_macros.h"
#include "plugins/sources/tables/http/address.h"

namespace headway::http {
namespace {

constexpr size_t kMostAskings = 2000;

bool MayCarrySecrets(absl::string_view url) {
  if (absl::StartsWith(url, "https://")) return true;
  absl::string_view host = OriginOf(url);
  if (!absl::ConsumePrefix(&host, "http://")) return false;
  return host == "localhost" || absl::StartsWith(host, "localhost:") ||
         host == "127.0.0.1" || absl::StartsWith(host, "127.0.0.1:") ||
         absl::StartsWith(host, "[::1]");
}

absl::StatusOr<Asking> MakeAsking(const Options& options,
                                  const Filling& filling) {
  Asking asking;
  sdk::HttpParameters query;
  for (const auto& [name, value] : options.query) {
    query.emplace_back(name.Fill(filling), value.Fill(filling));
  }
  asking.request.url = sdk::UrlWithQuery(options.url.Fill(filling), query);
  for (const auto& [name, value] : options.headers) {
    asking.request.headers.emplace_back(name, value.Fill(filling));
  }
  if (!options.secret_headers.empty() && !MayCarrySecrets(asking.request.url)) {
    return sdk::ConfigError(
        absl::StrCat(asking.request.url,
                     ": a secret is not sent over http; write https://"));
  }
  for (const auto& header : options.secret_headers) {
    asking.request.headers.push_back(header);
  }
  asking.request.secret_parameters = options.secret_query;
  // "No content" is how some say that there is nothing yet.
  asking.request.accept_statuses = {204};
  return asking;
}

}  // namespace

absl::StatusOr<std::vector<Asking>> MakeAskings(const Options& options,
                                                absl::Time now,
                                                absl::Time from) {
  std::vector<Asking> askings(1);
  std::vector<Filling> fillings = {{.now = now, .from = from}};
  for (const EachList& list : options.each) {
    ASSIGN_OR_RETURN(const std::vector<EachValue> values,
                     ExpandList(list, {.now = now, .from = from}));
    if (fillings.size() * values.size() > kMostAskings) {
      return sdk::ConfigError(
          absl::StrCat("option each makes more than ", kMostAskings,
                       " requests, the limit; part the source into several"));
    }
    std::vector<Asking> more_askings;
    std::vector<Filling> more_fillings;
    for (size_t i = 0; i < fillings.size(); ++i) {
      for (const EachValue& value : values) {
        Filling filling = fillings[i];
        filling.values[list.name] = value.sent;
        more_fillings.push_back(std::move(filling));
        Asking asking = askings[i];
        asking.labels.emplace_back(list.name, value.label);
        more_askings.push_back(std::move(asking));
      }
    }
    askings = std::move(more_askings);
    fillings = std::move(more_fillings);
  }
  for (size_t i = 0; i < askings.size(); ++i) {
    ASSIGN_OR_RETURN(Asking asking, MakeAsking(options, fillings[i]));
    asking.labels = std::move(askings[i].labels);
    askings[i] = std::move(asking);
  }
  return askings;
}

}  // namespace headway::http

#include "plugins/sdk/cpp/plugin.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>
#include <google/protobuf/util/json_util.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <iterator>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "daemon/base/status_macros.h"
#include "headway/plugin/v1/plugin.pb.h"
#include "plugins/sdk/cpp/document.h"
#include "plugins/sdk/cpp/text.h"
#include "plugins/sdk/cpp/url.h"

namespace headway::sdk {
namespace {

namespace pb = plugin::v1;

constexpr int kProtocolVersion = 1;
constexpr absl::string_view kMagic = "HEADWAY1";
// As much as a pipe holds, so that the daemon is not woken for less.
constexpr int kOutputBytes = 64 << 10;

const std::string& EmptyString() {
  static const std::string* const empty = new std::string();
  return *empty;
}

// Standard output in one of the two framings.
class Output {
 public:
  explicit Output(bool json)
      : json_(json), stream_(STDOUT_FILENO, kOutputBytes) {
    if (!json_) {
      google::protobuf::io::CodedOutputStream out(&stream_);
      out.WriteRaw(kMagic.data(), static_cast<int>(kMagic.size()));
    }
  }

  void Write(const pb::PluginMessage& message) {
    google::protobuf::io::CodedOutputStream out(&stream_);
    if (json_) {
      std::string line;
      (void)google::protobuf::util::MessageToJsonString(message, &line);
      out.WriteString(line + "\n");
    } else {
      out.WriteVarint64(message.ByteSizeLong());
      message.SerializeToCodedStream(&out);
    }
    // The daemon follows progress and log lines as they come.
    out.Trim();
    if (message.has_progress() || message.has_log()) stream_.Flush();
  }

  bool Flush() { return stream_.Flush(); }

 private:
  const bool json_;
  google::protobuf::io::FileOutputStream stream_;
};

pb::Terms ToProto(const Terms& terms) {
  pb::Terms out;
  if (terms.sharing == Terms::Sharing::kAllowed) {
    out.set_sharing(pb::Terms::ALLOWED);
  } else if (terms.sharing == Terms::Sharing::kForbidden) {
    out.set_sharing(pb::Terms::FORBIDDEN);
  }
  out.set_summary(terms.summary);
  out.set_url(terms.url);
  return out;
}

pb::Description Describe(const Plugin& plugin) {
  pb::Description out;
  out.set_name(plugin.name);
  out.set_version(plugin.version);
  out.set_protocol_version(kProtocolVersion);
  out.set_summary(plugin.summary);
  out.set_default_schedule(plugin.default_schedule);
  for (const std::string& host : plugin.hosts) out.add_hosts(host);
  if (plugin.evidence.kind != Evidence::Kind::kNone) {
    out.mutable_evidence()->set_kind(plugin.evidence.kind ==
                                             Evidence::Kind::kRecorded
                                         ? pb::Evidence::RECORDED
                                         : pb::Evidence::DOCUMENTED);
    out.mutable_evidence()->set_date(plugin.evidence.date);
  }
  if (plugin.terms.sharing != Terms::Sharing::kUnsaid ||
      !plugin.terms.summary.empty()) {
    *out.mutable_terms() = ToProto(plugin.terms);
  }
  for (const OptionSpec& option : plugin.options) {
    auto* field = out.add_config();
    field->set_name(option.name);
    field->set_description(option.description);
    field->set_required(option.required);
    field->set_default_value(option.default_value);
    if (option.is_path) field->set_kind(pb::ConfigField::PATH);
  }
  for (const SecretSpec& secret : plugin.secrets) {
    auto* field = out.add_secrets();
    field->set_name(secret.name);
    field->set_description(secret.description);
    field->set_required(secret.required);
  }
  out.set_needs_contact(plugin.needs_contact);
  for (const HostLimit& limit : plugin.limits) {
    auto* field = out.add_limits();
    field->set_host(limit.host);
    field->set_requests_per_second(limit.per_second);
    field->set_requests_per_minute(limit.per_minute);
    field->set_requests_per_day(limit.per_day);
  }
  return out;
}

// The options given, checked, with the defaults of the others.
absl::StatusOr<std::map<std::string, std::string>> EffectiveOptions(
    const Plugin& plugin, const pb::Request& request) {
  std::map<std::string, std::string> options;
  for (const OptionSpec& spec : plugin.options) {
    options[spec.name] = spec.default_value;
  }
  for (const auto& [name, value] : request.config()) {
    auto it = options.find(name);
    if (it == options.end()) {
      auto append_name = [](std::string* out, const auto& option) {
        out->append(option.first);
      };
      return ConfigError(
          absl::StrCat("unknown option \"", name, "\" of plugin ", plugin.name,
                       "; it has ", absl::StrJoin(options, ", ", append_name)));
    }
    it->second = value;
  }
  for (const OptionSpec& spec : plugin.options) {
    if (spec.required && options[spec.name].empty()) {
      return ConfigError(absl::StrCat("option \"", spec.name,
                                      "\" is missing: ", spec.description));
    }
  }
  return options;
}

absl::StatusOr<pb::Request> ParseRequest(const std::string& text) {
  pb::Request request;
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;  // those of later versions
  auto status =
      google::protobuf::util::JsonStringToMessage(text, &request, options);
  if (!status.ok()) {
    return SystemError(absl::StrCat("standard input holds no Request in JSON: ",
                                    status.ToString()));
  }
  if (request.protocol_version() > kProtocolVersion) {
    return SystemError(absl::StrCat(
        "the daemon speaks protocol version ", request.protocol_version(),
        ", this plugin ", kProtocolVersion, "; rebuild it"));
  }
  return request;
}

// Those that the plugin declares, its options name or its operator allows.
std::vector<std::string> HostsOf(
    const Plugin& plugin, const std::map<std::string, std::string>& options) {
  std::vector<std::string> hosts = plugin.hosts;
  const char* allowed = std::getenv("HEADWAY_ALLOW_HOSTS");
  for (absl::string_view host : absl::StrSplit(
           allowed == nullptr ? "" : allowed, ',', absl::SkipEmpty())) {
    hosts.emplace_back(host);
  }
  for (const auto& [name, value] : options) {
    const absl::StatusOr<Authority> authority = AuthorityOf(value);
    if (authority.ok()) {
      hosts.push_back(
          absl::StrCat("[", authority->host, "]:", authority->port));
    }
  }
  return hosts;
}

absl::Status CheckEnvironment(const Plugin& plugin) {
  for (const SecretSpec& secret : plugin.secrets) {
    if (secret.required && std::getenv(secret.name.c_str()) == nullptr) {
      return ConfigError(absl::StrCat("the environment variable ", secret.name,
                                      " is not set: ", secret.description));
    }
  }
  const char* contact = std::getenv("HEADWAY_CONTACT");
  if (plugin.needs_contact && (contact == nullptr || *contact == '\0')) {
    return ConfigError(absl::StrCat(
        "the publisher of plugin ", plugin.name,
        " wants to know who asks; set HEADWAY_CONTACT, or contact: \"…\" in "
        "the --config of headwayd, to an address of mail or of a page"));
  }
  return absl::OkStatus();
}

absl::StatusOr<Request> MakeRequest(const Plugin& plugin,
                                    absl::string_view verb,
                                    const std::string& text) {
  ASSIGN_OR_RETURN(pb::Request request, ParseRequest(text));
  // Where the last read ended is no concern of `check` and `discover`.
  if (verb != "read") request.clear_checkpoints();
  ASSIGN_OR_RETURN(auto options, EffectiveOptions(plugin, request));
  RETURN_IF_ERROR(CheckEnvironment(plugin));
  absl::Time now = request.has_now()
                       ? absl::FromUnixSeconds(request.now().seconds()) +
                             absl::Nanoseconds(request.now().nanos())
                       : absl::Now();
  std::string fingerprint = plugin.version;
  for (const auto& [name, value] : options) {
    absl::StrAppend(&fingerprint, "\n", name, "=", value);
  }
  std::vector<std::string> hosts = HostsOf(plugin, options);
  return Request(request.source(), std::move(options),
                 {request.checkpoints().begin(), request.checkpoints().end()},
                 now, ContentHash(fingerprint).substr(0, 16), std::move(hosts),
                 plugin.limits);
}

absl::Status Discover(const Plugin& plugin, const Request& request,
                      Writer& writer) {
  if (plugin.discover) {
    RETURN_IF_ERROR(plugin.discover(request, writer));
  } else {
    RETURN_IF_ERROR(plugin.read(request, writer));
  }
  return writer.status();
}

absl::StatusOr<std::string> Check(const Plugin& plugin,
                                  const Request& request) {
  if (plugin.check) return plugin.check(request);
  // A whole read would be a lot to ask of a publisher for a question.
  if (!plugin.discover) {
    return std::string(
        "the configuration is in order; the plugin has no check of its own, so "
        "the publisher was not asked");
  }
  Writer counter([](const pb::PluginMessage&) {}, {}, true);
  RETURN_IF_ERROR(Discover(plugin, request, counter));
  return absl::StrCat("delivers ", counter.series_count(), " series");
}

absl::Status Answer(const Plugin& plugin, absl::string_view verb,
                    const std::string& input, Writer& writer, Output& output) {
  if (verb == "describe") {
    pb::PluginMessage message;
    *message.mutable_description() = Describe(plugin);
    output.Write(message);
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(Request request, MakeRequest(plugin, verb, input));
  if (verb == "read") {
    RETURN_IF_ERROR(plugin.read(request, writer));
    return writer.status();
  }
  if (verb == "discover") return Discover(plugin, request, writer);
  ASSIGN_OR_RETURN(std::string found, Check(plugin, request));
  pb::PluginMessage message;
  message.mutable_check()->set_ok(true);
  message.mutable_check()->set_message(CleanUtf8(found));
  output.Write(message);
  return absl::OkStatus();
}

std::vector<std::string> SecretValues(const Plugin& plugin) {
  std::vector<std::string> values;
  for (const SecretSpec& secret : plugin.secrets) {
    const char* value = std::getenv(secret.name.c_str());
    if (value != nullptr) values.emplace_back(value);
  }
  return values;
}

int Usage(const Plugin& plugin) {
  std::fprintf(stderr,
               "usage: %s describe|check|discover|read [--json] < request\n"
               "%s\nThe request is one line of JSON, such as "
               "{\"config\":{}}.\n",
               plugin.name.c_str(), plugin.summary.c_str());
  return 2;
}

}  // namespace

Request::Request(std::string source, std::map<std::string, std::string> options,
                 std::map<std::string, std::string> checkpoints, absl::Time now,
                 std::string fingerprint, std::vector<std::string> hosts,
                 std::vector<HostLimit> limits)
    : source_(std::move(source)),
      options_(options.begin(), options.end()),
      checkpoints_(checkpoints.begin(), checkpoints.end()),
      now_(now),
      fingerprint_(std::move(fingerprint)),
      hosts_(std::move(hosts)),
      limits_(std::move(limits)) {}

const std::string& Request::Option(absl::string_view name) const {
  auto it = options_.find(name);
  return it == options_.end() ? EmptyString() : it->second;
}

std::vector<std::string> Request::ListOption(absl::string_view name) const {
  std::vector<std::string> parts;
  for (absl::string_view part : absl::StrSplit(Option(name), ',')) {
    part = absl::StripAsciiWhitespace(part);
    if (!part.empty()) parts.emplace_back(part);
  }
  return parts;
}

absl::StatusOr<double> Request::NumberOption(absl::string_view name) const {
  double value = 0;
  if (!absl::SimpleAtod(Option(name), &value) || !std::isfinite(value)) {
    return ConfigError(absl::StrCat("option ", name, " = \"", Option(name),
                                    "\" is not a number"));
  }
  return value;
}

absl::StatusOr<bool> Request::BoolOption(absl::string_view name) const {
  bool value = false;
  if (!absl::SimpleAtob(Option(name), &value)) {
    return ConfigError(absl::StrCat("option ", name, " = \"", Option(name),
                                    "\" is neither true nor false"));
  }
  return value;
}

std::string Request::Secret(absl::string_view name) const {
  const char* value = std::getenv(std::string(name).c_str());
  return value == nullptr ? std::string() : std::string(value);
}

const std::string& Request::checkpoint(absl::string_view stream) const {
  auto it = checkpoints_.find(stream);
  return it == checkpoints_.end() ? EmptyString() : it->second;
}

int RunPlugin(int argc, char** argv, const Plugin& plugin) {
  const std::string verb = argc > 1 ? argv[1] : "";
  const bool json = argc == 3 && std::string(argv[2]) == "--json";
  const char* const verbs[] = {"describe", "check", "discover", "read"};
  if ((argc != 2 && !json) ||
      std::find(std::begin(verbs), std::end(verbs), verb) == std::end(verbs)) {
    return Usage(plugin);
  }
  std::string input;
  if (verb != "describe" || isatty(STDIN_FILENO) == 0) {
    input.assign(std::istreambuf_iterator<char>(std::cin), {});
  }
  Output output(json);
  Writer writer([&](const pb::PluginMessage& m) { output.Write(m); },
                SecretValues(plugin), verb == "discover");
  absl::Status status = Answer(plugin, verb, input, writer, output);
  if (!status.ok()) writer.Fail(status);
  return output.Flush() && status.ok() ? 0 : 1;
}

}  // namespace headway::sdk

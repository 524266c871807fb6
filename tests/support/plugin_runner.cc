#include "tests/support/plugin_runner.h"

#include <fcntl.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/time_util.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "tests/support/files.h"
#include "tests/support/temp_directory.h"

namespace headway {
namespace {

using plugin::v1::PluginMessage;

constexpr absl::string_view kMagic = "HEADWAY1";

std::string RequestJson(const Ask& ask) {
  plugin::v1::Request request;
  request.set_protocol_version(1);
  request.set_source("test");
  request.mutable_config()->insert(ask.config.begin(), ask.config.end());
  request.mutable_checkpoints()->insert(ask.checkpoints.begin(),
                                        ask.checkpoints.end());
  EXPECT_TRUE(google::protobuf::util::TimeUtil::FromString(
      ask.now, request.mutable_now()));
  std::string json;
  EXPECT_TRUE(google::protobuf::util::MessageToJsonString(request, &json).ok());
  return json + "\n";
}

int Spawn(const std::string& program, std::vector<std::string> arguments,
          const std::map<std::string, std::string>& environment,
          const std::string& in, const std::string& out,
          const std::string& err) {
  std::vector<std::string> variables;
  for (const auto& [name, value] : environment) {
    variables.push_back(absl::StrCat(name, "=", value));
  }
  auto pointers = [](std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (std::string& text : texts) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
  };
  arguments.insert(arguments.begin(), program);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  const int write = O_WRONLY | O_CREAT | O_TRUNC;
  posix_spawn_file_actions_addopen(&actions, 0, in.c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, out.c_str(), write, 0600);
  posix_spawn_file_actions_addopen(&actions, 2, err.c_str(), write, 0600);
  pid_t child = 0;
  int failed =
      posix_spawn(&child, program.c_str(), &actions, nullptr,
                  pointers(arguments).data(), pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  EXPECT_EQ(failed, 0) << "cannot start " << program;
  int status = 0;
  if (failed != 0 || waitpid(child, &status, 0) != child) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::vector<PluginMessage> DecodeBinary(absl::string_view text) {
  std::vector<PluginMessage> messages;
  google::protobuf::io::CodedInputStream in(
      reinterpret_cast<const uint8_t*>(text.data()),
      static_cast<int>(text.size()));
  uint64_t size = 0;
  while (in.ReadVarint64(&size)) {
    auto limit = in.PushLimit(static_cast<int>(size));
    PluginMessage& message = messages.emplace_back();
    EXPECT_TRUE(message.ParseFromCodedStream(&in) && in.ConsumedEntireMessage())
        << "message " << messages.size() << " is cut short";
    in.PopLimit(limit);
  }
  EXPECT_EQ(in.CurrentPosition(), static_cast<int>(text.size()));
  return messages;
}

std::vector<PluginMessage> DecodeJsonLines(absl::string_view text) {
  std::vector<PluginMessage> messages;
  for (absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    auto status = google::protobuf::util::JsonStringToMessage(
        std::string(line), &messages.emplace_back());
    EXPECT_TRUE(status.ok()) << status.ToString() << " in " << line;
  }
  return messages;
}

std::string SeriesText(const plugin::v1::SeriesDefinition& series) {
  std::map<std::string, std::string> labels(series.labels().begin(),
                                            series.labels().end());
  return absl::StrCat(series.metric(), "{",
                      absl::StrJoin(labels, ",", absl::PairFormatter("=")),
                      "}");
}

}  // namespace

std::vector<plugin::v1::SeriesDefinition> Conversation::series() const {
  std::vector<plugin::v1::SeriesDefinition> out;
  for (const auto& m : messages) {
    if (m.has_series()) out.push_back(m.series());
  }
  return out;
}

std::vector<plugin::v1::Checkpoint> Conversation::checkpoints() const {
  std::vector<plugin::v1::Checkpoint> out;
  for (const auto& m : messages) {
    if (m.has_checkpoint()) out.push_back(m.checkpoint());
  }
  return out;
}

std::map<std::string, std::string> Conversation::states() const {
  std::map<std::string, std::string> out;
  for (const auto& c : checkpoints()) out[c.stream()] = c.state();
  return out;
}

std::vector<plugin::v1::ObservationBatch> Conversation::batches() const {
  std::vector<plugin::v1::ObservationBatch> out;
  for (const auto& m : messages) {
    if (m.has_observations()) out.push_back(m.observations());
  }
  return out;
}

std::string Conversation::log() const {
  std::string out;
  for (const auto& m : messages) {
    if (m.has_log()) absl::StrAppend(&out, m.log().message(), "\n");
  }
  return out;
}

plugin::v1::Error Conversation::error() const {
  for (const auto& m : messages) {
    if (m.has_error()) return m.error();
  }
  return {};
}

namespace {

std::string StatusText(const plugin::v1::ObservationBatch& batch, int index) {
  if (batch.statuses().empty() || batch.statuses(index) == plugin::v1::FINAL) {
    return "";
  }
  return absl::StrCat(
      " ", absl::AsciiStrToLower(
               plugin::v1::ObservationStatus_Name(batch.statuses(index))));
}

}  // namespace

std::vector<std::string> Conversation::Values() const {
  std::map<std::string, std::string> names;
  std::vector<std::string> out;
  for (const auto& m : messages) {
    if (m.has_series()) names[m.series().id()] = SeriesText(m.series());
    if (!m.has_observations()) continue;
    const auto& batch = m.observations();
    std::string at;
    if (batch.has_known_at()) {
      at = absl::StrCat(
          "@", google::protobuf::util::TimeUtil::ToString(batch.known_at()));
    }
    const std::string& name = names[batch.series()];
    const char* snapshot = batch.snapshot() ? " snapshot" : "";
    for (int i = 0; i < batch.periods_size(); ++i) {
      out.push_back(absl::StrCat(
          name, " ", batch.periods(i), at, snapshot, " = ",
          absl::StrFormat("%.15g", batch.values(i)), StatusText(batch, i)));
    }
    if (batch.periods_size() == 0 && batch.snapshot()) {
      out.push_back(absl::StrCat(name, " nothing", at, snapshot));
    }
    for (const auto& period : batch.withdrawn_periods()) {
      out.push_back(absl::StrCat(name, " ", period, at, " withdrawn"));
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::string PluginPath(absl::string_view name) {
  return absl::StrCat(HEADWAY_BIN_DIR, "/plugins/", name);
}

Conversation RunPlugin(const std::string& program, const std::string& verb,
                       const Ask& ask) {
  const TempDirectory directory;
  const std::string in = directory.Join("in");
  const std::string out = directory.Join("out");
  const std::string err = directory.Join("err");
  WriteFile(in, RequestJson(ask));
  std::vector<std::string> arguments = ask.arguments;
  arguments.insert(arguments.begin(), verb);
  Conversation conversation;
  conversation.exit_status =
      Spawn(program, arguments, ask.environment, in, out, err);
  conversation.standard_output = ReadFile(out);
  conversation.standard_error = ReadFile(err);
  absl::string_view text = conversation.standard_output;
  conversation.messages = absl::ConsumePrefix(&text, kMagic)
                              ? DecodeBinary(text)
                              : DecodeJsonLines(text);
  return conversation;
}

}  // namespace headway

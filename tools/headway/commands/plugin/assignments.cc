#include "tools/headway/commands/plugin/assignments.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace headway::cli {

absl::StatusOr<std::map<std::string, std::string>> ParseConfig(
    const std::vector<std::string>& texts) {
  std::map<std::string, std::string> config;
  for (const std::string& text : texts) {
    const size_t equals = text.find('=');
    if (equals == 0 || equals == std::string::npos) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--config \"", text, "\" is not NAME=VALUE, such as url=file:///…"));
    }
    const std::string name = text.substr(0, equals);
    if (!config.emplace(name, text.substr(equals + 1)).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("--config names ", name, " twice; give it once"));
    }
  }
  return config;
}

std::map<std::string, std::string> ParseCheckpoints(
    const std::vector<std::string>& texts) {
  // A state may hold anything, "=" too; the name of a stream is a word.
  const auto is_word = [](unsigned char c) {
    return absl::ascii_isalnum(c) || c == '_' || c == '-' || c == '.' ||
           c == '/';
  };
  std::map<std::string, std::string> checkpoints;
  for (const std::string& text : texts) {
    const size_t equals = text.find('=');
    if (equals != std::string::npos &&
        std::all_of(text.begin(), text.begin() + equals, is_word)) {
      checkpoints[text.substr(0, equals)] = text.substr(equals + 1);
    } else {
      checkpoints[""] = text;
    }
  }
  return checkpoints;
}

}  // namespace headway::cli

#include "tools/headway/plugin_new/plugin_new.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "daemon/base/status_macros.h"
// Made by CMake from plugins/sdk: kCppTemplate, kCppBuildTemplate,
// kPythonTemplate, kPythonModelTemplate, kPythonSdk and kShellTemplate.
#include "plugin_templates.inc"

namespace headway::cli {
namespace {

namespace fs = std::filesystem;

// What the templates call themselves.
constexpr absl::string_view kTemplateName = "my-plugin";

struct NewFile {
  std::string path;
  std::string text;
  bool executable = false;
  // Left alone where it is there already: several plugins share it.
  bool shared = false;
};

absl::StatusOr<std::vector<NewFile>> Files(absl::string_view name,
                                           PluginKind kind,
                                           absl::string_view language,
                                           absl::string_view directory) {
  const std::string path = absl::StrCat(directory, "/", name);
  auto named = [&](absl::string_view text) {
    return absl::StrReplaceAll(text, {{kTemplateName, name}});
  };
  const bool is_model = kind == PluginKind::kModel;
  if (is_model && language != "python") {
    return absl::InvalidArgumentError(
        absl::StrCat("a model in the language \"", language,
                     "\" has no template; choose python, or begin with the "
                     "protocol in docs/plugins.md"));
  }
  if (language == "cpp") {
    return std::vector<NewFile>{
        {absl::StrCat(path, "/main.cc"), named(kCppTemplate)},
        {absl::StrCat(path, "/CMakeLists.txt"), named(kCppBuildTemplate)}};
  }
  if (language == "python") {
    return std::vector<NewFile>{
        {.path = path,
         .text = named(is_model ? kPythonModelTemplate : kPythonTemplate),
         .executable = true},
        {.path = absl::StrCat(directory, "/headway_plugin.py"),
         .text = kPythonSdk,
         .shared = true}};
  }
  if (language == "sh") {
    return std::vector<NewFile>{
        {.path = path, .text = named(kShellTemplate), .executable = true}};
  }
  return absl::InvalidArgumentError(
      absl::StrCat("language \"", language, "\" is none of cpp, python, sh"));
}

absl::Status CheckName(absl::string_view name) {
  auto allowed = [](unsigned char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-';
  };
  if (!name.empty() && absl::ascii_islower(name[0]) &&
      std::all_of(name.begin(), name.end(), allowed)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "plugin name \"", name,
      "\": write lower-case letters, digits and hyphens, a letter first"));
}

absl::Status WriteFile(const NewFile& file) {
  std::error_code error;
  fs::create_directories(fs::path(file.path).parent_path(), error);
  std::ofstream out(file.path, std::ios::binary);
  if (!(out << file.text).flush()) {
    return absl::PermissionDeniedError(
        absl::StrCat(file.path, ": cannot be written"));
  }
  out.close();
  if (file.executable) {
    fs::permissions(
        file.path,
        fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec,
        fs::perm_options::add, error);
    if (error) {
      return absl::PermissionDeniedError(absl::StrCat(
          file.path, ": cannot be made executable: ", error.message()));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status WriteNewPlugin(absl::string_view name, PluginKind kind,
                            absl::string_view language,
                            absl::string_view directory) {
  RETURN_IF_ERROR(CheckName(name));
  ASSIGN_OR_RETURN(std::vector<NewFile> files,
                   Files(name, kind, language, directory));
  for (const NewFile& file : files) {
    std::error_code ignored;
    if (!file.shared && fs::exists(file.path, ignored)) {
      return absl::AlreadyExistsError(absl::StrCat(
          file.path, " is there already; choose another name or directory"));
    }
  }
  for (const NewFile& file : files) {
    std::error_code ignored;
    if (file.shared && fs::exists(file.path, ignored)) continue;
    RETURN_IF_ERROR(WriteFile(file));
  }
  return absl::OkStatus();
}

}  // namespace headway::cli

// Runs the files in tests/query/cases, each case as a test of its own. A
// failure names the file and the line of the expression.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "tests/query/case_file.h"
#include "tests/query/columns.h"
#include "tests/query/test_store.h"

namespace headway::query {
namespace {

constexpr absl::string_view kError = "error: ";

struct FileCase {
  // Relative to the source tree, for messages.
  std::string file;
  Case test;
  // Why the file has no cases.
  absl::Status status;
};

void PrintTo(const FileCase& file_case, std::ostream* out) {
  *out << file_case.file << ":" << file_case.test.line;
}

std::string NameOf(const ::testing::TestParamInfo<FileCase>& info) {
  const std::string stem =
      std::filesystem::path(info.param.file).stem().string();
  return absl::StrCat(
      stem, "_",
      info.param.status.ok() ? info.param.test.name : "CannotBeRead");
}

std::vector<FileCase> ReadCaseFiles() {
  const std::string folder = "tests/query/cases";
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(
           absl::StrCat(HEADWAY_SOURCE_DIR, "/", folder))) {
    files.push_back(
        absl::StrCat(folder, "/", entry.path().filename().string()));
  }
  std::sort(files.begin(), files.end());
  std::vector<FileCase> all;
  for (const std::string& file : files) {
    std::ifstream stream(absl::StrCat(HEADWAY_SOURCE_DIR, "/", file));
    std::stringstream text;
    text << stream.rdbuf();
    auto cases = ParseCases(file, text.str());
    if (!cases.ok()) {
      all.push_back({file, {}, cases.status()});
      continue;
    }
    for (Case& test : *cases) all.push_back({file, std::move(test)});
  }
  return all;
}

class CaseTest : public ::testing::TestWithParam<FileCase> {
 protected:
  void Answer(const AskStep& ask) const {
    const std::string got = ask.only_checks
                                ? Checked(ask.expression)
                                : Evaluated(ask.expression, ask.as_of);
    if (ask.error.has_value()) {
      if (absl::StartsWith(got, kError) && absl::StrContains(got, *ask.error)) {
        return;
      }
      Fail(ask, absl::StrCat(kError, *ask.error), got);
    } else if (const std::string expected =
                   ask.type.has_value() ? *ask.type : TextOf(*ask.panel);
               got != expected) {
      Fail(ask, expected, got);
    }
    CheckNotes(ask);
  }

  TestStore store_;

 private:
  static std::string TextOf(const Panel& panel) {
    return absl::StrCat(panel.unit.ToString(), "\n", Text(panel.columns));
  }
  static std::string ErrorText(const absl::Status& status) {
    return absl::StrCat(kError, status.message());
  }
  std::string Checked(const std::string& expression) const {
    const auto type = store_.Check(expression);
    if (type.ok()) return TypeText(*type);
    EXPECT_EQ(type.status().code(), absl::StatusCode::kInvalidArgument);
    return ErrorText(type.status());
  }
  std::string Evaluated(const std::string& expression, absl::Time as_of) const {
    const auto panel = store_.Evaluate(
        expression, {.as_of = as_of, .metrics_must_exist = true});
    return panel.ok() ? TextOf(*panel) : ErrorText(panel.status());
  }
  void CheckNotes(const AskStep& ask) const {
    if (ask.notes.empty() && !ask.expects_no_note) return;
    const auto panel = store_.Evaluate(ask.expression, {.as_of = ask.as_of});
    if (!panel.ok()) return;
    const std::string all = absl::StrJoin(panel->notes, "\n");
    if (ask.expects_no_note && !all.empty()) Fail(ask, "no note", all);
    for (const std::string& note : ask.notes) {
      if (!absl::StrContains(all, note)) {
        Fail(ask, absl::StrCat("a note: ", note), all);
      }
    }
  }
  static void Fail(const AskStep& ask, const std::string& expected,
                   const std::string& got) {
    ADD_FAILURE_AT(
        absl::StrCat(HEADWAY_SOURCE_DIR, "/", GetParam().file).c_str(),
        ask.line)
        << ask.expression << "\nis expected to give\n"
        << expected << "\nand gives\n"
        << got;
  }
};

TEST_P(CaseTest, Holds) {
  ASSERT_TRUE(GetParam().status.ok()) << GetParam().status;
  const Case& test = GetParam().test;
  for (const LoadStep& load : test.loads) {
    store_.Add(load.metric, load.labels.pairs(), load.unit.ToString(),
               load.observations, load.vintage_kind);
  }
  for (const DefineStep& define : test.definitions) {
    store_.Define(define.name, define.expression, define.unit.ToString(),
                  define.members);
  }
  for (const AskStep& ask : test.asks) Answer(ask);
}

INSTANTIATE_TEST_SUITE_P(Expressions, CaseTest,
                         ::testing::ValuesIn(ReadCaseFiles()), NameOf);

}  // namespace
}  // namespace headway::query

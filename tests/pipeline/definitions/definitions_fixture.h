// A directory of definitions, and what is loaded from it.
#ifndef HEADWAY_TESTS_PIPELINE_DEFINITIONS_DEFINITIONS_FIXTURE_H_
#define HEADWAY_TESTS_PIPELINE_DEFINITIONS_DEFINITIONS_FIXTURE_H_

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "daemon/pipeline/definitions/definitions.h"
#include "tests/support/plugin_fixture.h"

namespace headway::pipeline {

class DefinitionsTest : public ingest::PluginTest {
 protected:
  DefinitionsTest() {
    std::filesystem::create_directory(Pipelines());
    options_.reader = nullptr;
  }

  std::string Pipelines() const { return directory_.Join("pipelines"); }

  void Write(absl::string_view file, absl::string_view text) {
    WriteFile(absl::StrCat(Pipelines(), "/", file), text);
  }

  Definitions Load() {
    absl::StatusOr<Definitions> loaded = LoadDirectory(Pipelines(), options_);
    EXPECT_TRUE(loaded.ok()) << loaded.status();
    return loaded.ok() ? *std::move(loaded) : Definitions();
  }

  // With the directory of the test taken off.
  std::vector<std::string> Errors(const Definitions& definitions) {
    std::vector<std::string> errors;
    for (const DefinitionError& error : definitions.errors) {
      errors.push_back(
          absl::StrReplaceAll(error.ToString(), {{Pipelines() + "/", ""}}));
    }
    return errors;
  }

  std::vector<std::string> ErrorsOf(absl::string_view text) {
    Write("p.textproto", text);
    return Errors(Load());
  }

  void CommitSeries(const std::string& metric, const std::string& unit) {
    store::VintageUpdate update;
    update.info.key.metric = metric;
    update.info.unit = series::Unit::Parse(unit).value();
    update.known_at = clock_.Now();
    update.ordinals = {1};
    update.values = {1};
    ASSERT_TRUE(store_->Commit({.updates = {update}}).ok());
  }

  LoadOptions options_;
};

}  // namespace headway::pipeline

#endif  // HEADWAY_TESTS_PIPELINE_DEFINITIONS_DEFINITIONS_FIXTURE_H_

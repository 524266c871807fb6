// Reads tables by the csv plugin, as the daemon starts it.
#ifndef HEADWAY_TESTS_PLUGINS_CSV_TABLE_FIXTURE_H_
#define HEADWAY_TESTS_PLUGINS_CSV_TABLE_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tests/support/files.h"
#include "tests/support/plugin_runner.h"
#include "tests/support/temp_directory.h"

namespace headway {

// The table's options besides its address.
using CsvOptions = std::map<std::string, std::string>;

class CsvTableTest : public testing::Test {
 protected:
  // Reads the table at one address: a checkpoint holds for an address.
  Conversation ReadCsv(absl::string_view table, CsvOptions options = {},
                       std::map<std::string, std::string> checkpoints = {}) {
    const std::string path = directory_.Join("table.csv");
    WriteFile(path, table);
    options["url"] = absl::StrCat("file://", path);
    return RunPlugin(
        PluginPath("csv"), "read",
        {.config = options, .checkpoints = std::move(checkpoints)});
  }

 private:
  const TempDirectory directory_;
};

inline std::string ErrorOf(const Conversation& said) {
  EXPECT_EQ(said.exit_status, 1);
  EXPECT_EQ(said.error().class_(), plugin::v1::Error::CONFIG);
  EXPECT_THAT(said.checkpoints(), testing::IsEmpty());
  return said.error().message();
}

}  // namespace headway

#endif  // HEADWAY_TESTS_PLUGINS_CSV_TABLE_FIXTURE_H_

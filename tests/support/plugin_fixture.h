// A real plugin host, with a real store in a directory of the test's own, into
// which the test writes its plugins.
#ifndef HEADWAY_TESTS_SUPPORT_PLUGIN_FIXTURE_H_
#define HEADWAY_TESTS_SUPPORT_PLUGIN_FIXTURE_H_

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/base/clock.h"
#include "daemon/ingest/plugin_host.h"
#include "daemon/ingest/sandbox/isolation.h"
#include "daemon/store/store.h"
#include "tests/support/files.h"
#include "tests/support/plugin_scripts.h"
#include "tests/support/temp_directory.h"

namespace headway::ingest {

class PluginTest : public ::testing::Test {
 protected:
  PluginTest() {
    std::filesystem::create_directory(plugins());
    OpenStore();
  }

  // Again, as the next daemon does: whatever used the store has been destroyed.
  void OpenStore() {
    host_.reset();
    store_.reset();
    auto store = store::Store::Open(directory_.Join("store"), &clock_, {});
    if (!store.ok()) {
      ADD_FAILURE() << store.status();
      std::abort();
    }
    store_ = *std::move(store);
    host_ = std::make_unique<PluginHost>(
        PluginHost::Options{.directories = {plugins()},
                            .isolation = isolation_.get(),
                            .parking = {.crashes_until_parked = 3}},
        &clock_, store_.get());
  }

  std::string plugins() const { return directory_.Join("plugins"); }
  std::string PathOf(absl::string_view file) const {
    return absl::StrCat(plugins(), "/", file);
  }

  void Install(absl::string_view file, absl::string_view text) {
    WriteExecutable(PathOf(file), text);
  }

  // A source of the plugin, with limits that a test can hit.
  Source MakeSource(absl::string_view plugin) const {
    Source source;
    source.name = "src";
    source.plugin = std::string(plugin);
    source.limits.wall_time = absl::Seconds(20);
    return source;
  }

  absl::StatusOr<PullReport> Pull(absl::string_view plugin) {
    return host_->Pull(MakeSource(plugin), "runs/1", {});
  }

  // Installs a shell or Python plugin and pulls from it.
  absl::StatusOr<PullReport> PullShell(absl::string_view body) {
    Install("p", ShellPlugin("p", body));
    return Pull("p");
  }
  absl::StatusOr<PullReport> PullPython(absl::string_view body) {
    Install("p", PythonPlugin("p", body));
    return Pull("p");
  }

  TempDirectory directory_{TempDirectory::Place::kDisk};
  SimulatedClock clock_{
      absl::FromCivil(absl::CivilSecond(2025, 6, 15, 12), absl::UTCTimeZone())};
  std::unique_ptr<store::Store> store_;
  // Null: plugins are processes of this test's user. Set before OpenStore.
  std::unique_ptr<Isolation> isolation_;
  std::unique_ptr<PluginHost> host_;
};

}  // namespace headway::ingest

#endif  // HEADWAY_TESTS_SUPPORT_PLUGIN_FIXTURE_H_

// Tests with real plugin processes: plugins are written into a temporary
// directory, and a real store stands beside them.
#ifndef HEADWAY_TESTS_INGEST_PLUGIN_FIXTURE_H_
#define HEADWAY_TESTS_INGEST_PLUGIN_FIXTURE_H_

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/base/clock.h"
#include "daemon/ingest/plugin_host.h"
#include "daemon/store/store.h"

namespace headway::ingest {

class TempDirectory {
 public:
  TempDirectory() {
    std::string name =
        (std::filesystem::temp_directory_path() / "headway-test-XXXXXX")
            .string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~TempDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::string& path() const { return path_; }
  std::string Join(absl::string_view name) const {
    return absl::StrCat(path_, "/", name);
  }

 private:
  std::string path_;
};

inline void WriteFile(const std::string& path, absl::string_view text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  file.close();
  ASSERT_TRUE(file.good()) << path;
}

inline std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// Puts an executable at `path`. A new inode each time, as an installation does.
inline void WriteExecutable(const std::string& path, absl::string_view text) {
  WriteFile(path + ".new", text);
  ASSERT_EQ(::chmod((path + ".new").c_str(), 0755), 0);
  std::filesystem::rename(path + ".new", path);
}

// A shell plugin that describes itself as `name`, and runs `body` for every
// other verb. `more` goes into the description.
inline std::string ShellPlugin(absl::string_view name, absl::string_view body,
                               absl::string_view more = "") {
  return absl::StrCat("#!/bin/sh\nif [ \"$1\" = describe ]; then echo '",
                      R"({"description":{"name":")", name,
                      R"(","version":"1.2","protocol_version":1)", more,
                      "}}'; exit 0; fi\n", body, "\n");
}

// The same in Python, where `say(message)` writes a message, `request` holds
// the request and `verb` the verb.
inline std::string PythonPlugin(absl::string_view name, absl::string_view body,
                                absl::string_view more = "") {
  return absl::StrCat(R"(#!/usr/bin/python3
import json, os, signal, sys, time
verb = sys.argv[1]
def say(message):
    print(json.dumps(message), flush=True)
if verb == 'describe':
    print('{"description":{"name":")",
                      name, R"(","version":"1.2","protocol_version":1)", more,
                      R"(}}')
    sys.exit(0)
request = json.load(sys.stdin)
def define(**more):
    say({'series': {'id': 's', 'metric': 'm', 'frequency': 'MONTHLY',
                    'unit': 'USD', **more}})
def observe(points, **more):
    say({'observations': {'series': 's', 'periods': list(points),
                          'values': list(points.values()), **more}})
def checkpoint(state='', **more):
    say({'checkpoint': {'state': state, **more}})
)",
                      body, "\n");
}

inline const char kSeries[] =
    R"(echo '{"series":{"id":"s","metric":"m","frequency":"MONTHLY","unit":"USD"}}')";
inline const char kOnePoint[] =
    R"(echo '{"observations":{"series":"s","periods":["2024-01"],"values":[1]}}')";
inline const char kCheckpoint[] = R"(echo '{"checkpoint":{}}')";

class PluginTest : public ::testing::Test {
 protected:
  PluginTest() {
    std::filesystem::create_directory(plugins());
    auto store = store::Store::Open(directory_.Join("store"), &clock_, {});
    if (!store.ok()) {
      ADD_FAILURE() << store.status();
      std::abort();
    }
    store_ = *std::move(store);
    host_ = std::make_unique<PluginHost>(
        PluginHost::Options{.directories = {plugins()},
                            .crashes_until_parked = 3},
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

  TempDirectory directory_;
  SimulatedClock clock_{
      absl::FromCivil(absl::CivilSecond(2025, 6, 15, 12), absl::UTCTimeZone())};
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<PluginHost> host_;
};

}  // namespace headway::ingest

#endif  // HEADWAY_TESTS_INGEST_PLUGIN_FIXTURE_H_

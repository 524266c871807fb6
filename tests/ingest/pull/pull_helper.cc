// Pulls once: pull_helper STORE PLUGINS MARKS. Writes "commit N" to standard
// output after each commit, as an acknowledgement that survives this process.
#include <unistd.h>

#include <cstdio>

#include "absl/strings/str_cat.h"
#include "daemon/base/clock.h"
#include "daemon/ingest/plugin_host.h"
#include "daemon/store/store.h"

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  headway::RealClock clock;
  auto store = headway::store::Store::Open(argv[1], &clock, {});
  if (!store.ok()) {
    std::fprintf(stderr, "%s\n", store.status().ToString().c_str());
    return 1;
  }
  auto subscription =
      (*store)->Subscribe([](const headway::store::CommitNotice& notice) {
        // Not the memory of what the plugin is.
        if (notice.kind != headway::store::CommitKind::kSeries) return;
        const std::string line = absl::StrCat("commit ", notice.commit, "\n");
        if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) ::_exit(3);
      });
  headway::ingest::PluginHost host({.directories = {argv[2]}}, &clock,
                                   store->get());
  headway::ingest::Source source;
  source.name = "src";
  source.plugin = "slow";
  source.config = {{"marks", argv[3]}};
  auto report = host.Pull(source, "runs/1", {});
  if (!report.ok()) {
    std::fprintf(stderr, "%s\n", report.status().ToString().c_str());
    return 1;
  }
  return 0;
}

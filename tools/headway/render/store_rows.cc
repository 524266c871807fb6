#include "tools/headway/render/store_rows.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tools/headway/render/format.h"

namespace headway::cli {
namespace {

Cell BytesCell(int64_t bytes) {
  return Cell(FormatBytes(bytes), absl::StrCat(bytes));
}

}  // namespace

std::string FormatBytes(int64_t bytes) {
  constexpr std::array<const char*, 5> kUnits = {"KiB", "MiB", "GiB", "TiB",
                                                 "PiB"};
  if (bytes < 1024) return absl::StrCat(bytes, " B");
  double value = static_cast<double>(bytes) / 1024;
  size_t unit = 0;
  while (value >= 1024 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  return absl::StrFormat("%.1f %s", value, kUnits[unit]);
}

Table StatsTable(const v1::StoreStats& stats, bool families) {
  Table table({{.name = "what"}, {.name = "value", .align = Align::kRight}});
  table.AddRow({"format", absl::StrCat(stats.format())});
  table.AddRow({"series", CountCell(stats.series())});
  table.AddRow({"commits", CountCell(stats.commits())});
  table.AddRow({"oldest_recorded_at", InstantCell(stats.oldest_recorded_at())});
  table.AddRow({"newest_recorded_at", InstantCell(stats.newest_recorded_at())});
  table.AddRow({"table_files", CountCell(stats.table_files())});
  table.AddRow({"table_bytes", BytesCell(stats.table_bytes())});
  table.AddRow({"log_bytes", BytesCell(stats.log_bytes())});
  table.AddRow({"kept_log_bytes", BytesCell(stats.kept_log_bytes())});
  table.AddRow({"memory_bytes", BytesCell(stats.memory_bytes())});
  table.AddRow({"cache_bytes", BytesCell(stats.cache_bytes())});
  table.AddRow({"free_disk_bytes", BytesCell(stats.free_disk_bytes())});
  table.AddRow({"last_backup", InstantCell(stats.last_backup().create_time())});
  if (!families) return table;
  for (const auto& family : stats.families()) {
    const std::string name = absl::StrCat("family.", family.name());
    table.AddRow({name + ".bytes", BytesCell(family.bytes())});
    table.AddRow({name + ".keys", CountCell(family.keys())});
  }
  return table;
}

Table FamilyTable(const v1::StoreStats& stats) {
  Table table({{.name = "family"},
               {.name = "bytes", .align = Align::kRight},
               {.name = "memory", .align = Align::kRight},
               {.name = "keys (estimated)", .align = Align::kRight}});
  for (const auto& family : stats.families()) {
    table.AddRow({family.name(), BytesCell(family.bytes()),
                  BytesCell(family.memory_bytes()), CountCell(family.keys())});
  }
  return table;
}

Table ProblemTable(
    const google::protobuf::RepeatedPtrField<v1::StoreProblem>& problems) {
  Table table({{.name = "thing"}, {.name = "problem"}, {.name = "remedy"}});
  for (const auto& problem : problems) {
    table.AddRow({problem.thing(),
                  Cell(problem.what(), problem.what(), Style::kBad),
                  problem.remedy()});
  }
  return table;
}

Table BackupTable(
    const google::protobuf::RepeatedPtrField<v1::Backup>& backups) {
  Table table({{.name = "backup"},
               {.name = "created"},
               {.name = "commit", .align = Align::kRight},
               {.name = "recorded_at"},
               {.name = "any_instant_since_last"},
               {.name = "bytes", .align = Align::kRight},
               {.name = "files", .align = Align::kRight},
               {.name = "format", .align = Align::kRight, .csv_only = true},
               {.name = "headway_version", .csv_only = true}});
  for (const auto& backup : backups) {
    table.AddRow({std::string(LastSegment(backup.name())),
                  InstantCell(backup.create_time()), CountCell(backup.commit()),
                  // To the microsecond for people, too: it is what --at takes.
                  backup.has_recorded_at()
                      ? Cell(FormatExactInstant(backup.recorded_at()))
                      : MissingCell(),
                  Cell(backup.continuous() ? "yes" : "no"),
                  BytesCell(backup.bytes()), CountCell(backup.files()),
                  absl::StrCat(backup.format()), backup.headway_version()});
  }
  return table;
}

}  // namespace headway::cli

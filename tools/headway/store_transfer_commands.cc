// headway store export, headway store import
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/clock.h"
#include "daemon/base/status_macros.h"
#include "daemon/series/selector.h"
#include "daemon/store/export.h"
#include "daemon/store/import.h"
#include "daemon/store/store.h"
#include "tools/headway/store_commands.h"
#include "tools/headway/store_offline.h"

namespace headway::cli {
namespace {

using store::TransferFormat;

constexpr size_t kReadBytes = size_t{1} << 18;

struct TransferOptions {
  std::string data_dir;
  // Empty: as the file's name ends.
  std::string format;
  std::string selector;
  std::optional<google::protobuf::Timestamp> as_of;
  // "-" is standard output or input.
  std::string path = "-";
};

absl::StatusOr<TransferFormat> FormatOf(const TransferOptions& options) {
  if (!options.format.empty()) {
    return store::ParseTransferFormat(options.format);
  }
  if (absl::EndsWith(options.path, ".csv")) return TransferFormat::kCsv;
  if (absl::EndsWith(options.path, ".ndjson")) return TransferFormat::kNdjson;
  return absl::InvalidArgumentError(absl::StrCat(
      "\"", options.path,
      "\" does not end in .csv or .ndjson; give --format csv or ndjson"));
}

// "3 series, 1 vintage, 12 observations"
std::string Counted(int64_t series, int64_t vintages, int64_t observations) {
  return absl::StrCat(series, " series, ", vintages,
                      vintages == 1 ? " vintage, " : " vintages, ",
                      observations,
                      observations == 1 ? " observation" : " observations");
}

// Standard output, or a file that has its name only when it is whole.
class Output {
 public:
  explicit Output(std::string path) : path_(std::move(path)) {}
  ~Output() {
    if (file_ == nullptr || file_ == stdout) return;
    std::fclose(file_);
    std::remove(partial().c_str());
  }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  absl::Status Open() {
    file_ = path_ == "-" ? stdout : std::fopen(partial().c_str(), "wb");
    return file_ != nullptr ? absl::OkStatus() : Failed();
  }

  absl::Status Write(absl::string_view text) {
    const size_t written = std::fwrite(text.data(), 1, text.size(), file_);
    return written == text.size() ? absl::OkStatus() : Failed();
  }

  absl::Status Finish() {
    if (std::fflush(file_) != 0) return Failed();
    if (file_ == stdout) return absl::OkStatus();
    if (fsync(fileno(file_)) != 0) return Failed();
    if (std::fclose(std::exchange(file_, nullptr)) != 0 ||
        std::rename(partial().c_str(), path_.c_str()) != 0) {
      return Failed();
    }
    return absl::OkStatus();
  }

 private:
  std::string partial() const { return path_ + ".partial"; }
  absl::Status Failed() const {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot write ", path_));
  }

  const std::string path_;
  FILE* file_ = nullptr;
};

absl::Status ExportFrom(const store::Store& store,
                        const TransferOptions& options) {
  store::ExportOptions what;
  ASSIGN_OR_RETURN(what.format, FormatOf(options));
  if (!options.selector.empty()) {
    ASSIGN_OR_RETURN(what.selector, series::ParseSelector(options.selector));
  }
  if (options.as_of) {
    what.as_of = absl::FromUnixSeconds(options.as_of->seconds()) +
                 absl::Nanoseconds(options.as_of->nanos());
  }
  const std::unique_ptr<store::Reader> reader = store.NewReader();
  store::Exporter exporter(reader.get(), std::move(what));
  Output output(options.path);
  RETURN_IF_ERROR(output.Open());
  while (true) {
    ASSIGN_OR_RETURN(const std::string text, exporter.Next());
    if (text.empty()) break;
    RETURN_IF_ERROR(output.Write(text));
  }
  RETURN_IF_ERROR(output.Finish());
  // Standard output may be the data.
  std::fprintf(
      stderr, "exported %s\n",
      Counted(exporter.series(), exporter.vintages(), exporter.observations())
          .c_str());
  return absl::OkStatus();
}

absl::Status Export(const TransferOptions& options) {
  RETURN_IF_ERROR(FormatOf(options).status());
  RealClock clock;
  ASSIGN_OR_RETURN(const std::unique_ptr<store::Store> store,
                   OpenStopped(options.data_dir, &clock));
  return ExportFrom(*store, options);
}

absl::StatusOr<store::ImportResult> ImportFile(FILE* file,
                                               const std::string& path,
                                               store::Importer* importer) {
  std::vector<char> buffer(kReadBytes);
  while (const size_t count =
             std::fread(buffer.data(), 1, buffer.size(), file)) {
    RETURN_IF_ERROR(importer->Add({buffer.data(), count}));
  }
  if (std::ferror(file) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", path));
  }
  return importer->Finish();
}

absl::Status Import(const TransferOptions& options) {
  ASSIGN_OR_RETURN(const TransferFormat format, FormatOf(options));
  const bool is_stdin = options.path == "-";
  const std::unique_ptr<FILE, int (*)(FILE*)> file(
      is_stdin ? stdin : std::fopen(options.path.c_str(), "rb"), std::fclose);
  if (file == nullptr) {
    return absl::ErrnoToStatus(errno,
                               absl::StrCat("cannot read ", options.path));
  }
  RealClock clock;
  ASSIGN_OR_RETURN(const std::unique_ptr<store::Store> store,
                   store::Store::Open(options.data_dir, &clock, {}));
  store::ImportOptions how;
  how.name = is_stdin ? "standard input" : options.path;
  how.now = clock.Now();
  store::Importer importer(store.get(), format, std::move(how));
  ASSIGN_OR_RETURN(const store::ImportResult result,
                   ImportFile(file.get(), options.path, &importer));
  Print(absl::StrCat(
      "imported ", Counted(result.series, result.vintages, result.observations),
      ", ", result.changed_observations, " of them news\n"));
  return absl::OkStatus();
}

void AddDataDir(CLI::App& command, TransferOptions* options) {
  command
      .add_option("--data-dir", options->data_dir,
                  "The data directory of a daemon that is stopped")
      ->type_name("DIR")
      ->required();
  command
      .add_option("--format", options->format,
                  "csv or ndjson; else as the file's name ends")
      ->type_name("csv|ndjson");
}

}  // namespace

void AddStoreTransferCommands(CLI::App& store, Context& context) {
  auto options = std::make_shared<TransferOptions>();
  CLI::App* out = store.add_subcommand(
      "export", "Write series with their whole history of revisions");
  AddDataDir(*out, options.get());
  out->add_option("--selector", options->selector,
                  "Such as 'trade_value_usd{partner=\"CHN\"}'; none is all")
      ->type_name("SELECTOR");
  AddAsOf(*out, &options->as_of);
  out->add_option("--output", options->path,
                  "The file to write; standard output if there is none")
      ->type_name("FILE");
  out->callback([&context, options] {
    context.action = [options] { return Export(*options); };
  });

  auto from = std::make_shared<TransferOptions>();
  CLI::App* in = store.add_subcommand(
      "import", "Store what was exported, or written in the same form");
  AddDataDir(*in, from.get());
  in->add_option("file", from->path, "The file to read; - is standard input")
      ->type_name("FILE")
      ->required();
  in->callback(
      [&context, from] { context.action = [from] { return Import(*from); }; });
}

}  // namespace headway::cli

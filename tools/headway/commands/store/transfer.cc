// headway store export, headway store import
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/clock.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/timestamp.h"
#include "daemon/series/selector.h"
#include "daemon/store/store.h"
#include "daemon/store/transfer/export.h"
#include "daemon/store/transfer/import.h"
#include "tools/headway/base/client.h"
#include "tools/headway/base/context.h"
#include "tools/headway/base/options.h"
#include "tools/headway/base/output.h"
#include "tools/headway/commands/store/commands.h"
#include "tools/headway/commands/store/offline.h"

namespace headway::cli {
namespace {

using store::TransferFormat;

// A message to the daemon, too.
constexpr size_t kReadBytes = size_t{1} << 18;

struct TransferOptions {
  // Empty: the daemon's.
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

// What a text holds.
struct Counts {
  int64_t series = 0;
  int64_t vintages = 0;
  int64_t observations = 0;

  // "3 series, 1 vintage, 12 observations"
  std::string ToString() const {
    return absl::StrCat(series, " series, ", vintages,
                        vintages == 1 ? " vintage, " : " vintages, ",
                        observations,
                        observations == 1 ? " observation" : " observations");
  }
};

Counts FromProto(const v1::TransferCounts& counts) {
  return {counts.series(), counts.vintages(), counts.observations()};
}

v1::TransferFormat ToProto(TransferFormat format) {
  return format == TransferFormat::kCsv ? v1::CSV : v1::NDJSON;
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

// ---- export ----

// Writes what `next` gives until it is empty. The file is named when all is
// there; `next` is not called after an error.
absl::Status WriteAll(
    const std::string& path,
    const std::function<absl::StatusOr<std::string>()>& next) {
  Output output(path);
  RETURN_IF_ERROR(output.Open());
  while (true) {
    ASSIGN_OR_RETURN(const std::string text, next());
    if (text.empty()) return output.Finish();
    RETURN_IF_ERROR(output.Write(text));
  }
}

absl::StatusOr<Counts> ExportOffline(const TransferOptions& options,
                                     TransferFormat format) {
  store::ExportOptions what;
  what.format = format;
  if (!options.selector.empty()) {
    ASSIGN_OR_RETURN(what.selector, series::ParseSelector(options.selector));
  }
  if (options.as_of) {
    what.as_of = messages::FromTimestamp(*options.as_of);
  }
  RealClock clock;
  ASSIGN_OR_RETURN(const std::unique_ptr<store::Store> store,
                   OpenStopped(options.data_dir, &clock));
  const std::unique_ptr<store::Reader> reader = store->NewReader();
  store::Exporter exporter(reader.get(), std::move(what));
  RETURN_IF_ERROR(WriteAll(options.path, [&] { return exporter.Next(); }));
  return Counts{exporter.series(), exporter.vintages(),
                exporter.observations()};
}

absl::StatusOr<Counts> ExportOnline(const Context& context,
                                    const TransferOptions& options,
                                    TransferFormat format) {
  Client client = MakeClient(context);
  v1::ExportSeriesRequest request;
  request.set_format(ToProto(format));
  request.set_filter(options.selector);
  if (options.as_of) *request.mutable_as_of() = *options.as_of;
  grpc::ClientContext call;
  const auto stream = client.admin().ExportSeries(&call, request);
  v1::ExportSeriesResponse part;
  RETURN_IF_ERROR(WriteAll(options.path, [&]() -> absl::StatusOr<std::string> {
    if (stream->Read(&part) && !part.has_counts()) return part.text();
    RETURN_IF_ERROR(client.ToStatus(stream->Finish()));
    return std::string();
  }));
  if (part.left_out_series() > 0) {
    std::fprintf(stderr,
                 "left out %lld series whose publishers do not let them be "
                 "shown; export on the daemon's machine to have them\n",
                 static_cast<long long>(part.left_out_series()));
  }
  return FromProto(part.counts());
}

absl::Status Export(const Context& context, const TransferOptions& options) {
  ASSIGN_OR_RETURN(const TransferFormat format, FormatOf(options));
  ASSIGN_OR_RETURN(const Counts counts,
                   options.data_dir.empty()
                       ? ExportOnline(context, options, format)
                       : ExportOffline(options, format));
  // Standard output may be the data.
  std::fprintf(stderr, "exported %s\n", counts.ToString().c_str());
  return absl::OkStatus();
}

// ---- import ----

// Standard input or a file, and how it is called in errors.
class Input {
 public:
  static absl::StatusOr<Input> Open(const std::string& path) {
    if (path == "-") return Input(stdin, "standard input");
    FILE* file = std::fopen(path.c_str(), "rb");
    if (file != nullptr) return Input(file, path);
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", path));
  }

  const std::string& name() const { return name_; }

  // Hands all of it to `take`, in pieces, while that goes well.
  absl::Status ReadAll(
      const std::function<absl::Status(absl::string_view)>& take) const {
    std::vector<char> buffer(kReadBytes);
    while (const size_t count =
               std::fread(buffer.data(), 1, buffer.size(), file_.get())) {
      RETURN_IF_ERROR(take({buffer.data(), count}));
    }
    if (std::ferror(file_.get()) == 0) return absl::OkStatus();
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", name_));
  }

 private:
  Input(FILE* file, std::string name)
      : file_(file, std::fclose), name_(std::move(name)) {}

  std::unique_ptr<FILE, int (*)(FILE*)> file_;
  std::string name_;
};

struct Imported {
  Counts counts;
  int64_t changed_observations = 0;
};

absl::StatusOr<Imported> ImportOffline(const Input& input,
                                       const std::string& data_dir,
                                       TransferFormat format) {
  RealClock clock;
  ASSIGN_OR_RETURN(const std::unique_ptr<store::Store> store,
                   store::Store::Open(data_dir, &clock, {}));
  store::ImportOptions how;
  how.name = input.name();
  how.now = clock.Now();
  store::Importer importer(store.get(), format, std::move(how));
  RETURN_IF_ERROR(input.ReadAll(
      [&](absl::string_view text) { return importer.Add(text); }));
  ASSIGN_OR_RETURN(const store::ImportResult result, importer.Finish());
  return Imported{{result.series, result.vintages, result.observations},
                  result.changed_observations};
}

absl::StatusOr<Imported> ImportOnline(const Context& context,
                                      const Input& input,
                                      TransferFormat format) {
  Client client = MakeClient(context);
  grpc::ClientContext call;
  v1::ImportSeriesResponse response;
  const auto stream = client.admin().ImportSeries(&call, &response);
  v1::ImportSeriesRequest part;
  part.set_format(ToProto(format));
  part.set_name(input.name());
  bool open = stream->Write(part);
  const absl::Status read =
      input.ReadAll([&](absl::string_view text) -> absl::Status {
        part.Clear();
        part.set_text(text.data(), text.size());
        // Closed by the daemon: Finish says why.
        open = open && stream->Write(part);
        return open ? absl::OkStatus() : absl::CancelledError();
      });
  // The end of the text is not told where reading it failed.
  if (open && !read.ok()) {
    call.TryCancel();
    stream->Finish();
    return read;
  }
  if (open) stream->WritesDone();
  RETURN_IF_ERROR(client.ToStatus(stream->Finish()));
  return Imported{FromProto(response.counts()),
                  response.changed_observations()};
}

absl::Status Import(const Context& context, const TransferOptions& options) {
  ASSIGN_OR_RETURN(const TransferFormat format, FormatOf(options));
  ASSIGN_OR_RETURN(const Input input, Input::Open(options.path));
  ASSIGN_OR_RETURN(const Imported imported,
                   options.data_dir.empty()
                       ? ImportOnline(context, input, format)
                       : ImportOffline(input, options.data_dir, format));
  Print(absl::StrCat("imported ", imported.counts.ToString(), ", ",
                     imported.changed_observations, " of them news\n"));
  return absl::OkStatus();
}

void AddPlaceAndFormat(CLI::App& command, TransferOptions* options) {
  AddDataDir(command, &options->data_dir);
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
  AddPlaceAndFormat(*out, options.get());
  out->add_option("--selector", options->selector,
                  "Such as 'trade_value_usd{partner=\"CHN\"}'; none is all")
      ->type_name("SELECTOR");
  AddAsOf(*out, &options->as_of);
  out->add_option("--output", options->path,
                  "The file to write; standard output if there is none")
      ->type_name("FILE");
  SetAction(*out, context,
            [&context, options] { return Export(context, *options); });

  auto from = std::make_shared<TransferOptions>();
  CLI::App* in = store.add_subcommand(
      "import", "Store what was exported, or written in the same form");
  AddPlaceAndFormat(*in, from.get());
  in->add_option("file", from->path, "The file to read; - is standard input")
      ->type_name("FILE")
      ->required();
  SetAction(*in, context, [&context, from] { return Import(context, *from); });
}

}  // namespace headway::cli

// The http plugin: most publishers need no code. Options say what is asked of
// them, how their pages follow each other and which parts of an answer in CSV,
// JSON, SDMX, JSON-stat, XLSX or HTML are periods, values and labels.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/base/status_macros.h"
#include "plugins/sdk/cpp/plugin.h"
#include "plugins/sources/tables/http/decoder.h"
#include "plugins/sources/tables/http/merged.h"
#include "plugins/sources/tables/http/options.h"
#include "plugins/sources/tables/http/pages.h"
#include "plugins/sources/tables/http/requests.h"
#include "plugins/sources/tables/http/state.h"
#include "plugins/sources/tables/mapping/delivery.h"

namespace headway::http {
namespace {

absl::Status AsConfigError(const absl::Status& status) {
  return status.ok() || status.code() != absl::StatusCode::kInvalidArgument
             ? status
             : sdk::ConfigError(status.message());
}

// The time from which values are asked for.
absl::Time FromOf(const Options& options, const State& last) {
  if (!options.since) return absl::InfinitePast();
  if (!last.read_at()) return *options.since;
  return std::max(*options.since, *last.read_at() - options.look_back);
}

// How a message names the answers: the only one, or their number.
std::string NameOfAll(const std::vector<Asking>& askings) {
  if (askings.size() == 1) return NameOf(askings[0].request.url);
  return absl::StrCat(askings.size(), " answers of ",
                      NameOf(askings[0].request.url), " and its like");
}

// The answers to all askings as one table.
struct Gathered {
  size_t unchanged = 0;
  size_t pages = 0;
  // Askings that were answered without a row.
  std::vector<std::string> empty;
};

absl::StatusOr<Gathered> Gather(const Options& options,
                                const std::vector<Asking>& askings,
                                Fetcher& fetcher, sdk::Writer& out,
                                MergedTable* table) {
  Gathered gathered;
  // Unless all of several is unchanged, a snapshot needs all of it.
  const bool whole = options.snapshot && askings.size() > 1;
  for (size_t i = 0; i < askings.size(); ++i) {
    const Asking& asking = askings[i];
    if (askings.size() > 1) {
      out.Progress(static_cast<int64_t>(i),
                   static_cast<int64_t>(askings.size()),
                   absl::StrCat("request ", i + 1, " of ", askings.size()));
    }
    ASSIGN_OR_RETURN(const Fetched fetched, fetcher.Fetch(asking, whole));
    if (fetched.unchanged) {
      ++gathered.unchanged;
      continue;
    }
    const size_t before = table->row_count();
    for (const Page& page : fetched.pages) {
      ++gathered.pages;
      if (page.answer.row_count == 0) continue;
      RETURN_IF_ERROR(AsConfigError(
          table->Add(page.name, page.answer.grid, asking.labels)));
    }
    if (table->row_count() == before) {
      gathered.empty.push_back(NameOf(asking.request.url));
    }
  }
  return gathered;
}

absl::Status SayEmpty(const Options& options, const Gathered& gathered,
                      bool nothing_at_all, sdk::Writer& out) {
  constexpr size_t kMostNamed = 3;
  if (gathered.empty.empty()) return absl::OkStatus();
  std::vector<std::string> named = gathered.empty;
  if (named.size() > kMostNamed) {
    named.resize(kMostNamed);
    named.push_back(absl::StrCat(gathered.empty.size() - kMostNamed, " more"));
  }
  const std::string said =
      absl::StrCat(absl::StrJoin(named, ", "), ": the answer has no rows");
  if (options.allow_empty) {
    out.Info(said);
  } else if (nothing_at_all || options.snapshot) {
    return sdk::ConfigError(absl::StrCat(
        said,
        "; the publisher may have emptied it, or the request asks for "
        "nothing that there is; where that is in order, set "
        "allow_empty = true"));
  } else {
    out.Warn(said);
  }
  return absl::OkStatus();
}

absl::Status Read(const sdk::Request& request, sdk::Writer& out) {
  ASSIGN_OR_RETURN(const Options options, ReadOptions(request));
  ASSIGN_OR_RETURN(const Decoder decoder, Decoder::Create(request, options));
  const State last = State::Parse(request.checkpoint(), request.fingerprint());
  State next;
  if (options.uses_from) next.set_read_at(request.now());
  ASSIGN_OR_RETURN(const std::vector<Asking> askings,
                   MakeAskings(options, request.now(), FromOf(options, last)));
  Fetcher fetcher(options, decoder, last, &next);
  MergedTable table(request);
  ASSIGN_OR_RETURN(const Gathered gathered,
                   Gather(options, askings, fetcher, out, &table));
  const std::string name = NameOfAll(askings);
  const sdk::Checkpoint checkpoint = {.state =
                                          next.ToText(request.fingerprint())};
  const bool nothing = table.row_count() == 0;
  RETURN_IF_ERROR(
      SayEmpty(options, gathered, nothing && gathered.unchanged == 0, out));
  if (gathered.unchanged > 0) {
    out.Info(
        gathered.unchanged == askings.size()
            ? absl::StrCat(name, ": unchanged")
            : absl::StrCat(gathered.unchanged, " of ", name, ": unchanged"));
  }
  if (nothing) {
    out.Checkpoint(checkpoint);
    return absl::OkStatus();
  }
  if (table.left_out_count() > 0) {
    out.Info(absl::StrCat(name, ": ", table.left_out_count(),
                          " rows left out by where and ignore_rows"));
  }
  const GridInput input(table.Finish(name), name, GridInput::Places::kWhole);
  return mapping::DeliverTable(table.FinishedRequest(), input, out, checkpoint);
}

// The first answer: whether it is there and has the columns that the options
// name. What is wrong with the options is said before anything is asked.
absl::StatusOr<std::string> Check(const sdk::Request& request) {
  ASSIGN_OR_RETURN(const Options options, ReadOptions(request));
  ASSIGN_OR_RETURN(const Decoder decoder, Decoder::Create(request, options));
  const State last;
  State next;
  ASSIGN_OR_RETURN(const std::vector<Asking> askings,
                   MakeAskings(options, request.now(), FromOf(options, last)));
  ASSIGN_OR_RETURN(
      const Page page,
      Fetcher(options, decoder, last, &next).FetchFirst(askings[0]));
  if (page.answer.row_count == 0) {
    return absl::StrCat(page.name, ": an answer without rows, one of ",
                        askings.size());
  }
  MergedTable table(request);
  RETURN_IF_ERROR(
      AsConfigError(table.Add(page.name, page.answer.grid, askings[0].labels)));
  const GridInput input(table.Finish(page.name), page.name,
                        GridInput::Places::kWhole);
  ASSIGN_OR_RETURN(const std::string found,
                   mapping::CheckHeader(table.FinishedRequest(), input));
  return askings.size() == 1 ? found
                             : absl::StrCat(found, ", the first of ",
                                            askings.size(), " answers");
}

}  // namespace
}  // namespace headway::http

int main(int argc, char** argv) {
  return headway::sdk::RunPlugin(
      argc, argv,
      {.name = "http",
       .version = "1.0",
       .summary = "Reads tables in CSV, JSON, SDMX, JSON-stat, XLSX or HTML "
                  "from any publisher, by options alone.",
       .options = headway::http::OptionSpecs(),
       .default_schedule = "0 6 * * *",
       .read = headway::http::Read,
       .check = headway::http::Check});
}

#include "plugins/sources/tables/http/pages.h"

#include <map>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "daemon/base/status_macros.h"
#include "plugins/sources/tables/http/address.h"

namespace headway::http {
namespace {

sdk::HttpOptions ClientOptions(const Options& options) {
  sdk::HttpOptions client;
  client.min_interval = options.min_interval;
  return client;
}

bool IsAddress(absl::string_view text) {
  return absl::StrContains(text, "://") || absl::StartsWith(text, "/") ||
         absl::StartsWith(text, "?");
}

}  // namespace

std::string NameOf(absl::string_view url) {
  return std::string(absl::StripPrefix(url, "file://"));
}

// Where the pages of one asking are.
class Fetcher::Pager {
 public:
  Pager(const Options& options, const std::string& url)
      : pages_(options.pages), base_(url) {
    for (const auto& [name, value] : options.secret_query) {
      secret_names_.push_back(name);
    }
    current_ = pages_.first.empty()
                   ? url
                   : WithParameter(url, pages_.parameter, pages_.first);
    (void)absl::SimpleAtoi(pages_.first, &number_);
  }

  const std::string& current() const { return current_; }
  int64_t count() const { return count_; }

  // The address of the page after the current one; absent at the end.
  absl::StatusOr<std::optional<std::string>> After(
      const sdk::HttpResponse& response, const Answer& answer) {
    ++count_;
    RETURN_IF_ERROR(CheckIsNew(response.body));
    ASSIGN_OR_RETURN(std::optional<std::string> next, Next(response, answer));
    if (!next) return next;
    if (count_ >= pages_.most) {
      return sdk::ConfigError(absl::StrCat(
          NameOf(base_), ": there are more than ", pages_.most,
          " pages, the option max_pages; raise it, or ask for less"));
    }
    current_ = *next;
    return next;
  }

 private:
  absl::StatusOr<std::optional<std::string>> Next(
      const sdk::HttpResponse& response, const Answer& answer) {
    switch (pages_.paging) {
      case Paging::kNone:
        return std::nullopt;
      case Paging::kLink:
        return Address(NextOfLink(response.Header("link")));
      case Paging::kCursor:
        if (answer.next.empty() || IsAddress(answer.next)) {
          return Address(answer.next);
        }
        return WithParameter(base_, pages_.parameter, answer.next);
      case Paging::kPage:
      case Paging::kOffset:
        return NextNumber(answer);
    }
    return std::nullopt;
  }

  absl::StatusOr<std::optional<std::string>> Address(
      const std::string& reference) const {
    if (reference.empty()) return std::nullopt;
    ASSIGN_OR_RETURN(const std::string url, NextAddress(current_, reference));
    return WithoutParameters(url, secret_names_);
  }

  std::optional<std::string> NextNumber(const Answer& answer) {
    const auto rows = static_cast<int64_t>(answer.row_count);
    int64_t first = 0;
    (void)absl::SimpleAtoi(pages_.first, &first);
    const bool is_last = answer.last_page
                             ? number_ - first + 1 >= *answer.last_page
                             : rows == 0 || rows < pages_.size;
    if (is_last) return std::nullopt;
    number_ += pages_.paging == Paging::kPage ? 1 : pages_.size;
    return WithParameter(base_, pages_.parameter, absl::StrCat(number_));
  }

  // A publisher that does not know the parameter answers the same again and
  // again.
  absl::Status CheckIsNew(const std::string& body) {
    const auto [it, is_new] = seen_.try_emplace(ShortHash(body), count_);
    if (is_new) return absl::OkStatus();
    return sdk::ConfigError(absl::StrCat(
        NameOf(current_), ": page ", count_, " is page ", it->second,
        " again: the pages would never end; does the publisher know the "
        "parameter ",
        pages_.parameter.empty() ? "of the address" : pages_.parameter, "?"));
  }

  const PageOptions& pages_;
  const std::string base_;
  std::vector<std::string> secret_names_;
  std::string current_;
  int64_t number_ = 0;
  int64_t count_ = 0;
  // The page on which each body was.
  std::map<std::string, int64_t> seen_;
};

Fetcher::Fetcher(const Options& options, const Decoder& decoder,
                 const State& last, State* next)
    : options_(options),
      decoder_(decoder),
      last_(last),
      next_(*next),
      http_(ClientOptions(options)) {}

absl::StatusOr<Fetched> Fetcher::Fetch(const Asking& asking, bool whole) {
  return options_.pages.paging == Paging::kNone ? FetchSingle(asking, whole)
                                                : FetchPages(asking, whole);
}

absl::StatusOr<Page> Fetcher::FetchFirst(const Asking& asking) {
  sdk::HttpRequest request = asking.request;
  request.url = Pager(options_, request.url).current();
  ASSIGN_OR_RETURN(const sdk::HttpResponse response, http_.Get(request));
  Page page{.name = NameOf(request.url)};
  ASSIGN_OR_RETURN(page.answer, decoder_.Decode(page.name, response));
  return page;
}

absl::StatusOr<Fetched> Fetcher::FetchSingle(const Asking& asking, bool whole) {
  sdk::HttpRequest request = asking.request;
  const KnownDocument* known = last_.Find(request.url);
  if (known != nullptr && !whole) {
    request.etag = known->etag;
    request.last_modified = known->last_modified;
  }
  ASSIGN_OR_RETURN(const sdk::HttpResponse response, http_.Get(request));
  Fetched fetched;
  if (response.status == 304) {
    next_.Put(request.url, *known);
    fetched.unchanged = true;
    return fetched;
  }
  fetched.unchanged = Note(request.url, response) && !whole;
  if (fetched.unchanged) return fetched;
  Page page{.name = NameOf(request.url)};
  ASSIGN_OR_RETURN(page.answer, decoder_.Decode(page.name, response));
  fetched.pages.push_back(std::move(page));
  return fetched;
}

absl::StatusOr<Fetched> Fetcher::FetchPages(const Asking& asking, bool whole) {
  Fetched fetched{.unchanged = !whole};
  Pager pager(options_, asking.request.url);
  while (true) {
    sdk::HttpRequest request = asking.request;
    request.url = pager.current();
    ASSIGN_OR_RETURN(const sdk::HttpResponse response, http_.Get(request));
    if (!Note(request.url, response)) fetched.unchanged = false;
    Page page{.name = NameOf(request.url)};
    ASSIGN_OR_RETURN(page.answer, decoder_.Decode(page.name, response));
    ASSIGN_OR_RETURN(const auto next, pager.After(response, page.answer));
    // An empty page ends the pages, and is none.
    if (page.answer.row_count > 0) fetched.pages.push_back(std::move(page));
    if (!next) break;
  }
  if (fetched.unchanged) fetched.pages.clear();
  return fetched;
}

bool Fetcher::Note(const std::string& url, const sdk::HttpResponse& response) {
  const KnownDocument* known = last_.Find(url);
  KnownDocument document{
      .hash = ShortHash(response.body),
      .etag = std::string(response.Header("etag")),
      .last_modified = std::string(response.Header("last-modified"))};
  const bool same = known != nullptr && known->hash == document.hash;
  next_.Put(url, std::move(document));
  return same;
}

}  // namespace headway::http

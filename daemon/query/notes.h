// What an answer has to say besides its values: what is missing from it, and
// why. A note is for what may be meant; what cannot be is an error.
#ifndef HEADWAY_DAEMON_QUERY_NOTES_H_
#define HEADWAY_DAEMON_QUERY_NOTES_H_

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace headway::query {

// Belongs to one evaluation, on one thread.
class Notes {
 public:
  // Says `text` of the part of the expression at `column`, once.
  void Add(size_t column, absl::string_view text) {
    std::string note = absl::StrCat(
        indicator_.empty() ? "" : absl::StrCat("indicator ", indicator_, ": "),
        "column ", column, ": ", text);
    if (std::find(notes_.begin(), notes_.end(), note) != notes_.end()) return;
    if (notes_.size() == kMost) {
      ++left_out_;
      return;
    }
    notes_.push_back(std::move(note));
  }

  // The indicator whose expression the columns are of; "" for the expression
  // that was asked for. Returns the one before.
  std::string Enter(std::string indicator) {
    return std::exchange(indicator_, std::move(indicator));
  }

  size_t count() const { return notes_.size() + left_out_; }

  std::vector<std::string> Take() && {
    if (left_out_ > 0) {
      notes_.push_back(absl::StrCat("and ", left_out_, " more notes"));
    }
    return std::move(notes_);
  }

 private:
  static constexpr size_t kMost = 20;

  std::vector<std::string> notes_;
  std::string indicator_;
  size_t left_out_ = 0;
};

}  // namespace headway::query

#endif  // HEADWAY_DAEMON_QUERY_NOTES_H_

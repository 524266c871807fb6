#include "daemon/ingest/source/contact.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace headway::ingest {

absl::Status CheckContact(absl::string_view contact) {
  constexpr size_t kMaxContact = 200;
  const bool is_good =
      contact.size() <= kMaxContact &&
      std::all_of(contact.begin(), contact.end(), [](unsigned char c) {
        return absl::ascii_isprint(c) && c != '(' && c != ')' && c != '\\';
      });
  if (is_good) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "\"", absl::CHexEscape(contact.substr(0, kMaxContact)),
      "\" is no contact; write an address of mail or of a page in ASCII, "
      "without parentheses, of up to ",
      kMaxContact, " letters"));
}

}  // namespace headway::ingest

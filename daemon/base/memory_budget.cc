#include "daemon/base/memory_budget.h"

#include "absl/strings/str_cat.h"

namespace headway {

MemoryBudget::Share::~Share() {
  if (budget_ != nullptr) budget_->used_ -= held_;
}

absl::Status MemoryBudget::Share::Grow(int64_t bytes) {
  if (budget_ == nullptr) return absl::OkStatus();
  const int64_t used = budget_->used_ += bytes;
  if (used <= budget_->bytes_) {
    held_ += bytes;
    return absl::OkStatus();
  }
  budget_->used_ -= bytes;
  return absl::ResourceExhaustedError(absl::StrCat(
      "all ", budget_->holders_, " together may hold ", budget_->bytes_ >> 20,
      " MiB, and this one needs ", (held_ + bytes) >> 20, " of the ",
      (budget_->bytes_ - used + bytes + held_) >> 20,
      " that are left; ask for less, or try again when others have ended"));
}

}  // namespace headway

#include "daemon/forecast/ets/form.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace headway::forecast {
namespace {

using enum EtsComponent;

absl::string_view Letter(EtsComponent component) {
  switch (component) {
    case kNone:
      return "N";
    case kAdditive:
      return "A";
    case kMultiplicative:
      return "M";
  }
  return "?";
}

}  // namespace

std::string EtsName(const EtsForm& form) {
  return absl::StrCat("ETS(", Letter(form.error), ",", Letter(form.trend),
                      form.damped ? "d" : "", ",", Letter(form.season), ")");
}

int CountEtsParameters(const EtsForm& form, int season) {
  return 2 + (form.has_trend() ? 2 : 0) + (form.damped ? 1 : 0) +
         (form.has_season() ? season : 0);
}

}  // namespace headway::forecast

#include "plugins/sources/trade/census/countries.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "plugins/sdk/cpp/errors.h"

namespace headway::census {
namespace {

struct Country {
  absl::string_view iso;
  absl::string_view code;
};

// Schedule C: https://www.census.gov/foreign-trade/schedules/c/countrycode.html
constexpr Country kCountries[] = {
    {"WLD", "-"},    {"ARE", "5200"}, {"ARG", "3570"}, {"ARM", "4631"},
    {"AUS", "6021"}, {"AUT", "4330"}, {"AZE", "4632"}, {"BEL", "4231"},
    {"BGD", "5380"}, {"BGR", "4870"}, {"BLR", "4622"}, {"BRA", "3510"},
    {"CAN", "1220"}, {"CHE", "4419"}, {"CHL", "3370"}, {"CHN", "5700"},
    {"COL", "3010"}, {"CZE", "4351"}, {"DEU", "4280"}, {"DNK", "4099"},
    {"ESP", "4700"}, {"EST", "4470"}, {"FIN", "4050"}, {"FRA", "4279"},
    {"GBR", "4120"}, {"GEO", "4633"}, {"GRC", "4840"}, {"HKG", "5820"},
    {"HUN", "4370"}, {"IDN", "5600"}, {"IND", "5330"}, {"IRL", "4190"},
    {"IRN", "5070"}, {"ISR", "5081"}, {"ITA", "4759"}, {"JPN", "5880"},
    {"KAZ", "4634"}, {"KGZ", "4635"}, {"KHM", "5550"}, {"KOR", "5800"},
    {"KWT", "5130"}, {"LTU", "4510"}, {"LUX", "4239"}, {"LVA", "4490"},
    {"MAC", "5660"}, {"MEX", "2010"}, {"MLT", "4730"}, {"MNG", "5740"},
    {"MYS", "5570"}, {"NLD", "4210"}, {"NOR", "4039"}, {"NZL", "6141"},
    {"OMN", "5230"}, {"PAK", "5350"}, {"PER", "3330"}, {"PHL", "5650"},
    {"POL", "4550"}, {"PRT", "4710"}, {"QAT", "5180"}, {"ROU", "4850"},
    {"RUS", "4621"}, {"SAU", "5170"}, {"SGP", "5590"}, {"SVK", "4359"},
    {"SVN", "4792"}, {"SWE", "4010"}, {"THA", "5490"}, {"TUR", "4890"},
    {"TWN", "5830"}, {"UKR", "4623"}, {"UZB", "4644"}, {"VNM", "5520"},
    {"ZAF", "7910"},
};

}  // namespace

absl::StatusOr<absl::string_view> CountryCode(absl::string_view iso) {
  const auto* found =
      std::find_if(std::begin(kCountries), std::end(kCountries),
                   [&](const Country& country) { return country.iso == iso; });
  if (found != std::end(kCountries)) return found->code;
  auto append_iso = [](std::string* out, const Country& country) {
    out->append(country.iso.data(), country.iso.size());
  };
  return sdk::ConfigError(
      absl::StrCat("option partners: \"", iso,
                   "\" is no country code that is known here; there are ",
                   absl::StrJoin(kCountries, ", ", append_iso)));
}

}  // namespace headway::census

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
    {"WLD", "-"},    {"AFG", "5310"}, {"AGO", "7620"}, {"ALB", "4810"},
    {"AND", "4271"}, {"ARE", "5200"}, {"ARG", "3570"}, {"ARM", "4631"},
    {"ATG", "2484"}, {"AUS", "6021"}, {"AUT", "4330"}, {"AZE", "4632"},
    {"BDI", "7670"}, {"BEL", "4231"}, {"BEN", "7610"}, {"BFA", "7600"},
    {"BGD", "5380"}, {"BGR", "4870"}, {"BHR", "5250"}, {"BHS", "2360"},
    {"BIH", "4793"}, {"BLR", "4622"}, {"BLZ", "2080"}, {"BMU", "2320"},
    {"BOL", "3350"}, {"BRA", "3510"}, {"BRB", "2720"}, {"BRN", "5610"},
    {"BTN", "5682"}, {"BWA", "7930"}, {"CAF", "7540"}, {"CAN", "1220"},
    {"CHE", "4419"}, {"CHL", "3370"}, {"CHN", "5700"}, {"CIV", "7480"},
    {"CMR", "7420"}, {"COD", "7660"}, {"COG", "7630"}, {"COL", "3010"},
    {"CPV", "7643"}, {"CRI", "2230"}, {"CUB", "2390"}, {"CYM", "2440"},
    {"CYP", "4910"}, {"CZE", "4351"}, {"DEU", "4280"}, {"DJI", "7770"},
    {"DMA", "2486"}, {"DNK", "4099"}, {"DOM", "2470"}, {"DZA", "7210"},
    {"ECU", "3310"}, {"EGY", "7290"}, {"ERI", "7741"}, {"ESP", "4700"},
    {"EST", "4470"}, {"ETH", "7749"}, {"FIN", "4050"}, {"FJI", "6863"},
    {"FRA", "4279"}, {"GAB", "7550"}, {"GBR", "4120"}, {"GEO", "4633"},
    {"GHA", "7490"}, {"GIN", "7460"}, {"GMB", "7500"}, {"GNB", "7642"},
    {"GNQ", "7380"}, {"GRC", "4840"}, {"GRD", "2489"}, {"GRL", "1010"},
    {"GTM", "2050"}, {"GUY", "3120"}, {"HKG", "5820"}, {"HND", "2150"},
    {"HRV", "4791"}, {"HTI", "2450"}, {"HUN", "4370"}, {"IDN", "5600"},
    {"IND", "5330"}, {"IRL", "4190"}, {"IRN", "5070"}, {"IRQ", "5050"},
    {"ISL", "4000"}, {"ISR", "5081"}, {"ITA", "4759"}, {"JAM", "2410"},
    {"JOR", "5110"}, {"JPN", "5880"}, {"KAZ", "4634"}, {"KEN", "7790"},
    {"KGZ", "4635"}, {"KHM", "5550"}, {"KNA", "2483"}, {"KOR", "5800"},
    {"KWT", "5130"}, {"LAO", "5530"}, {"LBN", "5040"}, {"LBR", "7650"},
    {"LBY", "7250"}, {"LCA", "2487"}, {"LIE", "4411"}, {"LKA", "5420"},
    {"LSO", "7990"}, {"LTU", "4510"}, {"LUX", "4239"}, {"LVA", "4490"},
    {"MAC", "5660"}, {"MAR", "7140"}, {"MCO", "4272"}, {"MDA", "4641"},
    {"MDG", "7880"}, {"MDV", "5683"}, {"MEX", "2010"}, {"MKD", "4794"},
    {"MLI", "7450"}, {"MLT", "4730"}, {"MMR", "5460"}, {"MNE", "4804"},
    {"MNG", "5740"}, {"MOZ", "7870"}, {"MRT", "7410"}, {"MUS", "7850"},
    {"MWI", "7970"}, {"MYS", "5570"}, {"NAM", "7920"}, {"NER", "7510"},
    {"NGA", "7530"}, {"NIC", "2190"}, {"NLD", "4210"}, {"NOR", "4039"},
    {"NPL", "5360"}, {"NZL", "6141"}, {"OMN", "5230"}, {"PAK", "5350"},
    {"PAN", "2250"}, {"PER", "3330"}, {"PHL", "5650"}, {"PNG", "6040"},
    {"POL", "4550"}, {"PRK", "5790"}, {"PRT", "4710"}, {"PRY", "3530"},
    {"QAT", "5180"}, {"ROU", "4850"}, {"RUS", "4621"}, {"RWA", "7690"},
    {"SAU", "5170"}, {"SDN", "7321"}, {"SEN", "7440"}, {"SGP", "5590"},
    {"SLE", "7470"}, {"SLV", "2110"}, {"SMR", "4751"}, {"SOM", "7700"},
    {"SRB", "4801"}, {"SSD", "7323"}, {"SUR", "3150"}, {"SVK", "4359"},
    {"SVN", "4792"}, {"SWE", "4010"}, {"SWZ", "7950"}, {"SYC", "7800"},
    {"SYR", "5020"}, {"TCD", "7560"}, {"TGO", "7520"}, {"THA", "5490"},
    {"TJK", "4642"}, {"TKM", "4643"}, {"TTO", "2740"}, {"TUN", "7230"},
    {"TUR", "4890"}, {"TWN", "5830"}, {"TZA", "7830"}, {"UGA", "7780"},
    {"UKR", "4623"}, {"URY", "3550"}, {"UZB", "4644"}, {"VCT", "2488"},
    {"VEN", "3070"}, {"VNM", "5520"}, {"YEM", "5210"}, {"ZAF", "7910"},
    {"ZMB", "7940"}, {"ZWE", "7960"},
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

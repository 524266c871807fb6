#include "daemon/forecast/combination.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace headway::forecast {
namespace {

double Median(std::vector<double>& values) {
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle]
                                : (values[middle - 1] + values[middle]) / 2;
}

}  // namespace

Prediction Combine(absl::Span<const Prediction> members) {
  const double share = 1.0 / static_cast<double>(members.size());
  Prediction combined;
  combined.model = absl::StrCat(
      "Median of ",
      absl::StrJoin(members, ", ",
                    [](std::string* out, const Prediction& member) {
                      out->append(member.model);
                    }));
  std::vector<double> points;
  for (size_t h = 0; h < members[0].point.size(); ++h) {
    points.clear();
    for (const Prediction& member : members) points.push_back(member.point[h]);
    const double point = Median(points);
    double mean = point;
    std::vector<double> quantiles(members[0].quantiles[h].size(), point);
    for (const Prediction& member : members) {
      mean += share * (member.mean[h] - member.point[h]);
      for (size_t i = 0; i < quantiles.size(); ++i) {
        quantiles[i] += share * (member.quantiles[h][i] - member.point[h]);
      }
    }
    combined.point.push_back(point);
    combined.mean.push_back(mean);
    combined.quantiles.push_back(std::move(quantiles));
  }
  return combined;
}

}  // namespace headway::forecast

#include "daemon/query/columns/release_triangle.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/query/columns.h"

namespace headway::query {
namespace {

using series::Frequency;

ReleaseTriangle::Span Months(absl::string_view first, absl::string_view last,
                             int32_t final_age, absl::Time first_seen,
                             absl::Time known_at) {
  return {.frequency = Frequency::kMonthly,
          .first = series::ParsePeriod(first)->ordinal,
          .last = series::ParsePeriod(last)->ordinal,
          .final_age = final_age,
          .first_seen = first_seen,
          .known_at = known_at};
}

// One line a row: "2024-04 from age 0: 1 2".
std::string TriangleText(const ReleaseTriangle& triangle) {
  std::string text;
  int32_t period = triangle.first_row();
  for (const DevelopmentRow& row : triangle.rows()) {
    absl::StrAppend(&text, text.empty() ? "" : "\n",
                    series::FormatPeriod({Frequency::kMonthly, period++}),
                    " from age ", row.first_age, ": ",
                    absl::StrJoin(row.values, " "));
  }
  return text;
}

TEST(ReleaseTriangleTest, CountsWhatWasListedAtEachAge) {
  ReleaseTriangle triangle(Months(
      "2024-01", "2024-04", 2, Midnight(2024, 2, 10), Midnight(2024, 5, 10)));
  EXPECT_EQ(triangle.periods_seen(), 3);
  triangle.Add(
      {At({{"2024-01-05", 1}}, Midnight(2024, 2, 10)),
       At({{"2024-01-05", 1}, {"2024-01-20", 1}}, Midnight(2024, 3, 5)),
       At({{"2024-01-05", 1}, {"2024-01-20", 1}, {"2024-03-01", 1}},
          Midnight(2024, 4, 10))});
  EXPECT_EQ(TriangleText(triangle),
            "2024-01 from age 0: 1 2 2\n"
            "2024-02 from age 0: 0 0 0\n"
            "2024-03 from age 0: 1 1\n"
            "2024-04 from age 0: 0");
}

TEST(ReleaseTriangleTest, DoesNotKnowWhatGrewBeforeTheFirstVintage) {
  ReleaseTriangle triangle(Months(
      "2023-01", "2024-04", 3, Midnight(2024, 3, 20), Midnight(2024, 5, 10)));
  EXPECT_EQ(triangle.periods_seen(), 1);
  triangle.Add({At({{"2024-01-05", 1}}, Midnight(2024, 3, 20))});
  EXPECT_EQ(TriangleText(triangle),
            "2024-01 from age 2: 1 1\n"
            "2024-02 from age 1: 0 0\n"
            "2024-03 from age 0: 0 0\n"
            "2024-04 from age 0: 0");
}

TEST(ReleaseTriangleTest, AWithdrawnReleaseCountsUntilItWasWithdrawn) {
  ReleaseTriangle triangle(Months(
      "2024-01", "2024-03", 2, Midnight(2024, 2, 10), Midnight(2024, 4, 10)));
  triangle.Add(
      {At({{"2024-01-05", 1}, {"2024-01-06", 1}}, Midnight(2024, 2, 10)),
       At({{"2024-01-06", 1}}, Midnight(2024, 3, 1))});
  EXPECT_EQ(triangle.rows().at(0).values, (std::vector<double>{2, 1, 1}));
}

TEST(ReleaseTriangleTest, OneVintageHasSeenNoPeriodGrow) {
  const ReleaseTriangle triangle(Months(
      "2020-01", "2024-04", 3, Midnight(2024, 5, 10), Midnight(2024, 5, 10)));
  EXPECT_EQ(triangle.periods_seen(), 0);
}

}  // namespace
}  // namespace headway::query

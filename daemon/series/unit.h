// Units of measure: enough algebra to catch a wrong formula.
//
// A unit is a product of base symbols with whole exponents: "USD",
// "USD/FLOP", "month^2", "1". Symbols are free words ([A-Za-z_%][A-Za-z0-9_]*),
// so a new currency needs no code. There are no scale prefixes: data are
// converted to base units when they come in.
//
// Three symbols are dimensionless and differ in scale or origin: "1" (a
// ratio or a number), "percent", and "index". They do not add to one another,
// but a declared unit may relabel one as another: 100 * ratio is "percent".
//
// Value type; immutable.
#ifndef HEADWAY_DAEMON_SERIES_UNIT_H_
#define HEADWAY_DAEMON_SERIES_UNIT_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace headway::series {

class Unit {
 public:
  // Dimensionless, "1".
  Unit() = default;

  // Parses "USD", "USD/FLOP", "USD*month^-1", "percent", "1". Whole exponents
  // from -9 to 9.
  static absl::StatusOr<Unit> Parse(absl::string_view text);

  // The canonical text: symbols in order, positive exponents first.
  std::string ToString() const;

  // "percent" and "index" act as plain numbers in products.
  Unit operator*(const Unit& other) const;
  Unit operator/(const Unit& other) const;

  bool IsDimensionless() const;

  // Symbol to exponent, of the symbols it is made of; none for "1".
  const std::map<std::string, int>& exponents() const { return exponents_; }

  // Whether a value of this unit may be shown under the label `declared`:
  // equal, or both dimensionless.
  bool CanBeLabelled(const Unit& declared) const;

  friend bool operator==(const Unit&, const Unit&) = default;

 private:
  Unit Combine(const Unit& other, int sign) const;

  // Symbol to exponent; no exponent is 0.
  std::map<std::string, int> exponents_;
};

}  // namespace headway::series

#endif  // HEADWAY_DAEMON_SERIES_UNIT_H_

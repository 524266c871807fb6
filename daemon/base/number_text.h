// Numbers as text, for people and for programs.
//
// Every table, page and message that shows a number to a person uses these, so
// that a value reads the same everywhere. The texts are ASCII but for the dash
// of a missing value. Pure functions, thread-safe.
#ifndef HEADWAY_DAEMON_BASE_NUMBER_TEXT_H_
#define HEADWAY_DAEMON_BASE_NUMBER_TEXT_H_

#include <cstdint>
#include <string>

namespace headway {

// Three significant digits: "1.20 B", "34.5 M", "12,345", "81.2", "0.0123".
// Whole numbers below a million are written out: "7", "12,345". Sizes below a
// thousandth and from 999.5 trillion on are powers of ten: "1.23e-04",
// "2.10e+25". NaN is "–".
std::string FormatNumber(double value);

// FormatNumber with a plus before what is above zero: "+1.50", "-1.50", "0".
std::string FormatSigned(double value);

// `decimals` digits after the point, commas between thousands: "-1,234.6".
std::string FormatFixed(double value, int decimals);

std::string FormatCount(int64_t count);

// The shortest text that reads back as the same double, for programs.
std::string FormatExact(double value);

}  // namespace headway

#endif  // HEADWAY_DAEMON_BASE_NUMBER_TEXT_H_

#include "daemon/ingest/egress/address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>

#include "absl/strings/str_cat.h"

namespace headway::ingest {
namespace {

struct Range4 {
  // In the order of the host.
  uint32_t start;
  int bits;
};

constexpr uint32_t Of(uint32_t a, uint32_t b, uint32_t c) {
  return a << 24 | b << 16 | c << 8;
}

// RFC 6890 and what was set apart since.
constexpr std::array<Range4, 15> kSetApart = {{
    {Of(0, 0, 0), 8},
    {Of(10, 0, 0), 8},
    {Of(100, 64, 0), 10},
    {Of(127, 0, 0), 8},
    {Of(169, 254, 0), 16},
    {Of(172, 16, 0), 12},
    {Of(192, 0, 0), 24},
    {Of(192, 0, 2), 24},
    {Of(192, 88, 99), 24},
    {Of(192, 168, 0), 16},
    {Of(198, 18, 0), 15},
    {Of(198, 51, 100), 24},
    {Of(203, 0, 113), 24},
    {Of(224, 0, 0), 4},
    {Of(240, 0, 0), 4},
}};

bool IsPublic4(uint32_t address) {
  for (const Range4& range : kSetApart) {
    if ((address ^ range.start) >> (32 - range.bits) == 0) return false;
  }
  return true;
}

uint32_t Word(const in6_addr& address, int index) {
  uint32_t word;
  std::memcpy(&word, address.s6_addr + 4 * index, sizeof(word));
  return ntohl(word);
}

bool IsPublic6(const in6_addr& address) {
  const uint32_t first = Word(address, 0);
  const uint32_t second = Word(address, 1);
  // What a translator of addresses makes of one of IPv4: 64:ff9b::/96.
  if (first == 0x0064ff9b && second == 0 && Word(address, 2) == 0) {
    return IsPublic4(Word(address, 3));
  }
  // Of the rest 2000::/3 alone is given out.
  if (first >> 29 != 1) return false;
  if (first >> 9 == 0x20010000 >> 9) return false;  // 2001::/23
  if (first == 0x20010db8) return false;            // documentation
  if (first >> 16 == 0x2002) return false;          // 6to4
  if (first >> 12 == 0x3fff0) return false;         // documentation
  return true;
}

}  // namespace

std::optional<Address> ParseAddress(const std::string& text, int port) {
  Address address;
  auto* four = reinterpret_cast<sockaddr_in*>(&address.storage);
  if (::inet_pton(AF_INET, text.c_str(), &four->sin_addr) == 1) {
    four->sin_family = AF_INET;
    four->sin_port = htons(static_cast<uint16_t>(port));
    address.size = sizeof(*four);
    return address;
  }
  auto* six = reinterpret_cast<sockaddr_in6*>(&address.storage);
  if (::inet_pton(AF_INET6, text.c_str(), &six->sin6_addr) == 1) {
    six->sin6_family = AF_INET6;
    six->sin6_port = htons(static_cast<uint16_t>(port));
    address.size = sizeof(*six);
    return address;
  }
  return std::nullopt;
}

std::string FormatAddress(const Address& address) {
  char text[INET6_ADDRSTRLEN] = "?";
  if (address.get()->sa_family == AF_INET) {
    const auto* four = reinterpret_cast<const sockaddr_in*>(&address.storage);
    ::inet_ntop(AF_INET, &four->sin_addr, text, sizeof(text));
    return absl::StrCat(text, ":", ntohs(four->sin_port));
  }
  const auto* six = reinterpret_cast<const sockaddr_in6*>(&address.storage);
  ::inet_ntop(AF_INET6, &six->sin6_addr, text, sizeof(text));
  return absl::StrCat("[", text, "]:", ntohs(six->sin6_port));
}

bool IsPublic(const Address& address) {
  switch (address.get()->sa_family) {
    case AF_INET:
      return IsPublic4(
          ntohl(reinterpret_cast<const sockaddr_in*>(&address.storage)
                    ->sin_addr.s_addr));
    case AF_INET6:
      return IsPublic6(
          reinterpret_cast<const sockaddr_in6*>(&address.storage)->sin6_addr);
    default:
      return false;
  }
}

absl::StatusOr<std::vector<Address>> ResolveHost(const std::string& host,
                                                 int port) {
  addrinfo hints = {};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int error =
      ::getaddrinfo(host.c_str(), absl::StrCat(port).c_str(), &hints, &list);
  if (error != 0) {
    return absl::UnavailableError(absl::StrCat(
        "the name ", host, " cannot be resolved: ", ::gai_strerror(error)));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(
      list, &::freeaddrinfo);
  std::vector<Address> addresses;
  for (const addrinfo* each = list; each != nullptr; each = each->ai_next) {
    Address& address = addresses.emplace_back();
    std::memcpy(&address.storage, each->ai_addr, each->ai_addrlen);
    address.size = each->ai_addrlen;
  }
  return addresses;
}

}  // namespace headway::ingest

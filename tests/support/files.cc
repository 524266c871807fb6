#include "tests/support/files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <ios>
#include <iterator>

namespace headway {

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

void WriteFile(const std::string& path, absl::string_view content) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  file.close();
  ASSERT_TRUE(file.good()) << path;
}

void WriteExecutable(const std::string& path, absl::string_view content) {
  const std::string beside = path + ".new";
  WriteFile(beside, content);
  ASSERT_EQ(::chmod(beside.c_str(), 0755), 0) << path;
  std::filesystem::rename(beside, path);
}

std::string SharedDataDirectory() {
  const char* named = std::getenv("HEADWAY_SHARED_DATA");
  return named != nullptr ? named : HEADWAY_SOURCE_DIR "/../shared/data";
}

}  // namespace headway

// SPDX-License-Identifier: Apache-2.0
#include "shell/submission.hpp"

#include <fstream>

#include "catch.hpp"
#include "print_result.hpp"
#include "temp_folder.hpp"

using namespace weft;
using namespace weft::shell;

TEST_CASE("a file that is kept is an artifact with its name and kind") {
  const testing::TempFolder folder;
  auto artifacts = artifact::ArtifactStore::open(folder.path() / "artifacts").value();
  const auto file = folder.path() / "a.png";
  std::ofstream(file) << "\x89PNG\r\n\x1a\n and more";
  const ArtifactInfo kept = keep_file(artifacts, file).value();
  CHECK(kept.name == "a.png");
  CHECK(kept.media_type == "image/png");
  CHECK(kept == describe_file(file).value());
}

TEST_CASE("a file that is another one at each reading is kept as one of them") {
  const testing::TempFolder folder;
  auto artifacts = artifact::ArtifactStore::open(folder.path() / "artifacts").value();
  const ArtifactInfo kept = keep_file(artifacts, "/proc/sys/kernel/random/uuid").value();
  CHECK(kept.size_bytes > 0);
  CHECK(artifacts.contains(kept.digest));
}

// SPDX-License-Identifier: Apache-2.0
#include "shell/config_watch.hpp"

#include <fstream>

#include "catch.hpp"
#include "print_result.hpp"
#include "temp_folder.hpp"

using namespace weft;
using namespace weft::shell;

namespace {

class Files {
 public:
  Files() {
    std::filesystem::create_directory(folder_.path() / "services");
    write("weft.toml", "include = [\"services/*.conf\"]\n");
  }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_.path() / name) << text;
  }
  void remove(const std::string& name) const { std::filesystem::remove(folder_.path() / name); }
  Configuration read() const {
    const ConfigLookup lookup{{}, folder_.path(), nullptr};
    return read_config(folder_.path() / "weft.toml", lookup).value();
  }

 private:
  testing::TempFolder folder_;
};

}  // namespace

TEST_CASE("a file that comes into a folder of includes is noticed, though none was there before") {
  const Files files;
  ConfigWatch watch(files.read());
  CHECK_FALSE(watch.changed());
  files.write("services/a.conf", "");
  CHECK_FALSE(watch.changed());  // it may still be written
  CHECK(watch.changed());
  CHECK_FALSE(watch.changed());
}

TEST_CASE("a file that was read is noticed when it changes or goes, whatever its name ends in") {
  const Files files;
  files.write("services/a.conf", "");
  ConfigWatch watch(files.read());
  files.write("services/a.conf", "[classes]\ngpu = 2\n");
  CHECK_FALSE(watch.changed());
  CHECK(watch.changed());
  files.remove("services/a.conf");
  CHECK_FALSE(watch.changed());
  CHECK(watch.changed());
}

TEST_CASE("what changes between the reading and the first look is noticed") {
  const Files files;
  const Configuration read = files.read();
  files.write("weft.toml", "include = [\"services/*.conf\"]\n[classes]\ngpu = 2\n");
  ConfigWatch watch(read);
  CHECK_FALSE(watch.changed());
  CHECK(watch.changed());
}

TEST_CASE("what stands beside the configuration is none of its business") {
  const Files files;
  ConfigWatch watch(files.read());
  files.write("another.toml", "");
  CHECK_FALSE(watch.changed());
  CHECK_FALSE(watch.changed());
}

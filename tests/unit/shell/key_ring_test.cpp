// SPDX-License-Identifier: Apache-2.0
#include "shell/key_ring.hpp"

#include <sys/stat.h>

#include <fstream>

#include "catch.hpp"
#include "print_result.hpp"
#include "temp_folder.hpp"

using namespace weft;
using namespace weft::shell;

namespace {

class Place {
 public:
  std::filesystem::path state() const { return folder_.path() / "state"; }
  std::filesystem::path write(const std::string& name, const std::string& text) const {
    const auto file = folder_.path() / name;
    std::ofstream(file) << text;
    return file;
  }
  result<> keep(std::string_view value, SecretPlace place = SecretPlace::only) {
    store::Options options;
    options.folder = state();
    const auto client = store::Client::open(options).value();
    const auto queries = store::Queries::open(options).value();
    return keep_secret(*client, *queries, state(), "key", value, place, now);
  }
  KeyRing ring(std::vector<SecretReference> references = {}) {
    return KeyRing({state(), std::move(references), [this] { return now; }, nullptr});
  }
  Timestamp now = from_unix_ms(1'700'000'000'000);

 private:
  testing::TempFolder folder_;
};

}  // namespace

TEST_CASE("a secret is sealed into the store and given again, its clear text nowhere on disk") {
  Place place;
  REQUIRE(place.keep("sk-very-secret-1234"));
  KeyRing ring = place.ring();
  CHECK(ring.get("key") == "sk-very-secret-1234");
  CHECK_FALSE(ring.get("another"));
  for (const auto& entry : std::filesystem::recursive_directory_iterator(place.state())) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), {});
    CHECK(bytes.find("very-secret") == std::string::npos);
  }
  const auto views = ring.describe("key");
  REQUIRE(views.size() == 1);
  CHECK(views[0].source == "store");
  CHECK(views[0].hint == "1234");
  CHECK_FALSE(views[0].missing);
}

TEST_CASE("a short secret shows none of itself") {
  CHECK(hint_of("hunter2hunt") == "");
  CHECK(hint_of("hunter2hunte") == "unte");
}

TEST_CASE("a secret that is set while a ring is in use is noticed") {
  Place place;
  KeyRing ring = place.ring();
  CHECK_FALSE(ring.get("key"));
  REQUIRE(place.keep("first"));
  CHECK(ring.get("key") == "first");
  REQUIRE(place.keep("second"));
  CHECK(ring.get("key") == "second");
}

TEST_CASE("the key file is the owner's alone, and one that others may read is not used") {
  Place place;
  REQUIRE(place.keep("value"));
  const auto file = place.state() / "secret.key";
  struct stat status {};
  REQUIRE(::stat(file.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  std::filesystem::permissions(file, std::filesystem::perms::group_read,
                               std::filesystem::perm_options::add);
  const auto kept = place.keep("another");
  REQUIRE_FALSE(kept);
  CHECK(kept.error().message.find("may be read by others") != std::string::npos);
  CHECK(kept.error().remedy == "chmod 600 " + file.string());
  CHECK_FALSE(place.ring().get("key"));
}

TEST_CASE("without the key that sealed it a secret is missing, not wrong") {
  Place place;
  REQUIRE(place.keep("value-that-is-long"));
  std::filesystem::remove(place.state() / "secret.key");
  CHECK_FALSE(place.ring().get("key"));
  const auto views = place.ring().describe("key");
  CHECK(views.at(0).missing);
  CHECK(views.at(0).hint == "long");
  place.write("state/secret.key", std::string(64, 'a'));
  std::filesystem::permissions(place.state() / "secret.key", std::filesystem::perms(0600));
  CHECK_FALSE(place.ring().get("key"));
}

TEST_CASE("a value that is refused rests, and the next one is given until it is over") {
  Place place;
  REQUIRE(place.keep("first"));
  REQUIRE(place.keep("second", SecretPlace::last));
  KeyRing ring = place.ring();
  CHECK(ring.get("key") == "first");
  CHECK(ring.refuse("key", "first", std::chrono::seconds(60)));
  CHECK(ring.get("key") == "second");
  place.now += std::chrono::seconds(59);
  CHECK(ring.get("key") == "second");
  place.now += std::chrono::seconds(1);
  CHECK(ring.get("key") == "first");
}

TEST_CASE("when every value is refused there is no other one, and the shortest rest is given") {
  Place place;
  REQUIRE(place.keep("first"));
  REQUIRE(place.keep("second", SecretPlace::last));
  KeyRing ring = place.ring();
  CHECK(ring.refuse("key", "first", std::chrono::seconds(60)));
  CHECK_FALSE(ring.refuse("key", "second", std::chrono::seconds(30)));
  CHECK(ring.get("key") == "second");
}

TEST_CASE("a new value can go before the others or in their place") {
  Place place;
  REQUIRE(place.keep("first"));
  REQUIRE(place.keep("second", SecretPlace::last));
  REQUIRE(place.keep("zeroth", SecretPlace::first));
  CHECK(place.ring().get("key") == "zeroth");
  CHECK(place.ring().describe("key").size() == 3);
  REQUIRE(place.keep("alone"));
  CHECK(place.ring().get("key") == "alone");
  CHECK(place.ring().describe("key").size() == 1);
}

TEST_CASE("a secret can be a file, and a line break at its end does not count") {
  Place place;
  const auto file = place.write("key.txt", "sk-from-a-file\r\n");
  REQUIRE(place.keep("of the store"));
  KeyRing ring = place.ring({{"key", SecretReference::Kind::file, file.string()}});
  CHECK(ring.get("key") == "sk-from-a-file");
  CHECK(ring.describe("key").at(0).source == "file " + file.string());
  std::filesystem::remove(file);
  CHECK_FALSE(ring.get("key"));
}

// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "catch.hpp"
#include "model_support.hpp"

using namespace weft;
using namespace std::chrono_literals;
using namespace weft::testing;
namespace fs = std::filesystem;

namespace {

// A folder of its own, gone afterwards.
class Folder {
 public:
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "weft-config-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  fs::path write(const std::string& name, const std::string& text) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name) << text;
    return path_ / name;
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

result<Configuration> read(const std::string& text) {
  const Folder folder;
  return read_config(folder.write("weft.toml", text), lookup());
}

Price price_of(const std::string& price) {
  return *read("[services.s]\ncomponent = \"c\"\nprice = " + price + "\n")
              .value()
              .services.at(0)
              .price;
}

}  // namespace

TEST_CASE("a configuration says which services there are, in the order in which they stand") {
  const auto config = read(R"(currency = "EUR"
plugins = ["../plugins", "/opt/plugins"]
[state]
path = "~/films"
[classes]
gpu = 2
io = 8
[services.z-first]
component = "comfyui"
operations = ["image.generate"]
class = "gpu"
slots = 2
config = { url = "http://127.0.0.1:8188" }
secrets = ["comfy_token"]
limits = { concurrency = 3, adaptive = true, rpm = 120, queue = 16, timeout = "15m" }
health = { failures = 5, failure_rate = 0.25, samples = 8, open = "1m", open_at_most = "10m", min_available = 2, probe_every = "30s" }
price = "0.04"
[services.a-second]
component = "storyboard"
role = "placeholder"
enabled = false
)");
  INFO((config.has_error() ? config.error().to_string() : ""));
  REQUIRE(config.has_value());
  CHECK(config->state == "/home/ada/films");
  CHECK(config->plugins[1] == "/opt/plugins");
  CHECK(config->plugins[0].filename() == "plugins");
  REQUIRE(config->classes.size() == 2);
  CHECK(config->classes[0].name == "gpu");
  CHECK(config->classes[0].slots == 2);
  REQUIRE(config->services.size() == 2);
  const ServiceConfig& first = config->services[0];
  CHECK(first.name == "z-first");
  CHECK(first.component == "comfyui");
  CHECK(first.operations == std::vector<std::string>{"image.generate"});
  CHECK(first.slot_class == "gpu");
  CHECK(first.slots == 2);
  CHECK(first.limits.concurrency == 3);
  CHECK(first.limits.adaptive);
  CHECK(first.limits.rpm == 120);
  CHECK(first.limits.queue == 16);
  CHECK(first.limits.timeout == std::chrono::minutes{15});
  CHECK(first.health.breaker);
  CHECK(first.health.failures == 5);
  CHECK(first.health.failure_rate == 0.25);
  CHECK(first.health.samples == 8);
  CHECK(first.health.open == std::chrono::minutes{1});
  CHECK(first.health.open_at_most == std::chrono::minutes{10});
  CHECK(first.health.min_available == 2);
  CHECK(first.health.probe_every == std::chrono::seconds{30});
  CHECK(first.config.at("url") == "http://127.0.0.1:8188");
  CHECK(first.config_position.line == 13);
  CHECK(first.secrets == std::vector<std::string>{"comfy_token"});
  CHECK_FALSE(config->discover);
  CHECK(read("discover = true\n")->discover);
  CHECK(first.price->of({}) == Money{40'000, "EUR"});
  CHECK_FALSE(first.placeholder);
  CHECK(first.enabled);
  CHECK_FALSE(config->services[1].enabled);
  CHECK(config->services[1].placeholder);
  CHECK_FALSE(config->services[1].price);
}

TEST_CASE("what is not said of limits and health is what configs/README.md says") {
  const auto config = read(
      "[services.s]\ncomponent = \"c\"\n[services.t]\ncomponent = \"c\"\n"
      "health = { breaker = false }\n");
  REQUIRE(config.has_value());
  const ServiceConfig& plain = config->services[0];
  CHECK(plain.limits.concurrency == 0);
  CHECK_FALSE(plain.limits.adaptive);
  CHECK(plain.limits.rpm == 0);
  CHECK(plain.limits.queue == 0);
  CHECK_FALSE(plain.limits.timeout);
  CHECK(plain.health.breaker);
  CHECK(plain.health.failures == 3);
  CHECK(plain.health.failure_rate == 0.5);
  CHECK(plain.health.samples == 5);
  CHECK(plain.health.open == std::chrono::seconds{15});
  CHECK(plain.health.open_at_most == std::chrono::minutes{5});
  CHECK(plain.health.min_available == 1);
  CHECK_FALSE(plain.health.probe_every);
  CHECK_FALSE(config->services[1].health.breaker);
}

TEST_CASE("included files are read in the order of their names") {
  const Folder folder;
  const fs::path main =
      folder.write("weft.toml", "include = [\"services/*.toml\", \"more.toml\"]\n");
  folder.write("services/b.toml", "[services.b]\ncomponent = \"c\"\n");
  folder.write("services/a.toml",
               "[services.a]\ncomponent = \"c\"\noperations = [\"audio.speak\"]\n");
  folder.write("services/notes.txt", "not read");
  folder.write(
      "more.toml",
      "[operations.\"audio.speak\"]\nsummary = \"s\"\noutputs.audio.media_type = \"audio/*\"\n");
  const auto config = read_config(main, lookup());
  INFO((config.has_error() ? config.error().to_string() : ""));
  REQUIRE(config.has_value());
  REQUIRE(config->files.size() == 4);
  CHECK(config->files[0] == main);
  CHECK(config->services[0].name == "a");
  CHECK(config->services[1].name == "b");
  CHECK(config->operations.find("audio.speak"));
}

TEST_CASE(
    "what a configuration includes is found beside it, also when it is named without a folder") {
  const Folder folder;
  folder.write("weft.toml", "include = [\"more.toml\"]\n");
  folder.write("more.toml", "[services.a]\ncomponent = \"c\"\n");
  const fs::path before = fs::current_path();
  fs::current_path(folder.path());
  const auto config = read_config("weft.toml", lookup());
  fs::current_path(before);
  INFO((config.has_error() ? config.error().to_string() : ""));
  REQUIRE(config.has_value());
  CHECK(config->services.size() == 1);
}

TEST_CASE("the mistakes of all files come together") {
  const Folder folder;
  const fs::path main = folder.write("weft.toml", "include = [\"*.inc\"]\ncurency = \"USD\"\n");
  folder.write("a.inc", "[services.a]\ncomponent = 1\n");
  folder.write("b.inc", "[services.a]\ncomponent = \"x\"\nclass = \"tpu\"\n");
  folder.write("c.inc", "currency = \"USD\"\n[[broken\n");
  folder.write("d.inc", "currency = \"USD\"\n");
  const auto config = read_config(main, lookup());
  REQUIRE(config.has_error());
  CHECK(config.error().kind == ErrorKind::invalid);
  std::vector<std::string> places;
  for (const Diagnostic& one : config.error().diagnostics)
    places.push_back(fs::path(one.position.file).filename().string() + ":" +
                     std::to_string(one.position.line));
  CHECK(places == std::vector<std::string>{"a.inc:2", "b.inc:1", "b.inc:3", "c.inc:2", "d.inc:1",
                                           "weft.toml:2"});
}

TEST_CASE("a secret may be a variable, a file beside the configuration, or a systemd credential") {
  const Folder folder;
  const auto config = read_config(folder.write("weft.toml", R"([secrets]
openai_key = { env = "OPENAI_API_KEY" }
fal_key    = { file = "keys/fal" }
luma_key   = { credential = "luma" }
)"),
                                  lookup());
  INFO((config.has_error() ? config.error().to_string() : ""));
  REQUIRE(config.has_value());
  REQUIRE(config->secrets.size() == 3);
  using Kind = SecretReference::Kind;
  const auto find = [&](const std::string& name) {
    return *std::find_if(config->secrets.begin(), config->secrets.end(),
                         [&](const SecretReference& one) { return one.name == name; });
  };
  CHECK(find("openai_key").kind == Kind::environment);
  CHECK(find("openai_key").where == "OPENAI_API_KEY");
  CHECK(find("fal_key").where == (folder.path() / "keys/fal").string());
  CHECK(find("luma_key").kind == Kind::credential);
}

TEST_CASE("a secret that is in no place, in two, or in the configuration itself is a mistake") {
  const auto message = [](const std::string& secret) {
    const auto config = read("[secrets]\n" + secret + "\n");
    REQUIRE(config.has_error());
    std::string all;
    for (const Diagnostic& one : config.error().diagnostics) all += one.to_string() + "\n";
    return all;
  };
  CHECK(message("a = {}").find("is to be found in one place") != std::string::npos);
  CHECK(message("a = { env = \"A\", file = \"b\" }").find("is to be found in one place") !=
        std::string::npos);
  CHECK(message("a = { evn = \"A\" }").find("evn") != std::string::npos);
  CHECK(message("a = \"sk-1\"").find("sk-1") == std::string::npos);
  CHECK(message("a = { credential = \"../b\" }").find("without a folder") != std::string::npos);
  CHECK(message("\"a b\" = { env = \"A\" }").find("cannot name a secret") != std::string::npos);
}

TEST_CASE("a file that is not there is not found, which is no mistake in a text") {
  const auto config = read_config("/nowhere/weft.toml", lookup());
  REQUIRE(config.has_error());
  CHECK(config.error().kind == ErrorKind::not_found);
}

TEST_CASE("a price of zero makes a service free, and no other does") {
  CHECK(price_of("0").is_free());
  CHECK(price_of("\"0\"").is_free());
  CHECK_FALSE(price_of("\"0.01\"").is_free());
  CHECK_FALSE(
      price_of(R"({ table = [{ when = "params.width > 9", price = "0.08" }, { price = 0 }] })")
          .is_free());
  CHECK_FALSE(price_of(R"({ table = [{ when = "params.width > 9", price = 0 }] })").is_free());
}

TEST_CASE("the first row of a price table that holds decides") {
  const Price price = price_of(
      R"({ table = [{ when = "params.width > 1024", price = "0.08" }, { price = "0.04" }] })");
  CHECK(price.of({{"width", 2048}}) == Money{80'000, "USD"});
  CHECK(price.of({{"width", 512}}) == Money{40'000, "USD"});
}

TEST_CASE("a price that cannot be told is unknown, not zero") {
  const Price price = price_of(R"({ table = [{ when = "params.width > 1024", price = "0.08" }] })");
  CHECK(price.of({{"width", 512}}) == std::nullopt);
  CHECK(price.of({}) == std::nullopt);
}

TEST_CASE("a latency is declared for all operations of a service, or for each") {
  const auto config = read(R"([services.a]
component = "c"
latency = { p50 = "20s", p95 = "45s" }
[services.b]
component = "c"
latency = { p50 = "5s", "video.generate" = { p50 = "1m", p95 = "3m" } }
)");
  REQUIRE(config.has_value());
  const auto& a = config->services[0].latency;
  REQUIRE(a.size() == 1);
  CHECK(a[0].operation.empty());
  CHECK(a[0].p50 == 20s);
  CHECK(a[0].p95 == 45s);
  const auto& b = config->services[1].latency;
  REQUIRE(b.size() == 2);
  CHECK(b[0].operation == "video.generate");
  CHECK(b[0].p95 == 180s);
  CHECK(b[1].p95 == 5s);  // without p95 it takes p50 always
}

TEST_CASE("a latency that says nothing, or of what nobody knows, is told where it stands") {
  const auto [latency, message] = GENERATE(table<std::string, std::string>({
      {"{}", "p50 = \"20s\""},
      {"{ p50 = \"20s\", p95 = \"10s\" }", "it is shorter than 'p50', 20s"},
      {"{ p50 = \"20s\", p59 = \"40s\" }", "did you mean 'p95'?"},
      {"{ \"video.genarate\" = { p50 = \"20s\" } }", "did you mean 'video.generate'?"},
  }));
  const auto config = read("[services.s]\ncomponent = \"c\"\nlatency = " + latency + "\n");
  REQUIRE(config.has_error());
  CAPTURE(message, config.error().to_string());
  REQUIRE(config.error().diagnostics.size() == 1);
  const Diagnostic one = config.error().diagnostics.front();
  CHECK(one.position.line == 3);
  CHECK(config.error().to_string().find(message) != std::string::npos);
}

TEST_CASE("a config is looked for from the most particular place to the most general") {
  const Folder folder;
  ConfigLookup where = lookup(folder.path());
  const auto before = find_config(where);
  CHECK((!before || *before == "/etc/weft/weft.toml"));
  const fs::path here = folder.write("weft.toml", "");
  CHECK(find_config(where) == here);
  where.environment = [](const char* name) {
    return std::string(name) == "WEFT_CONFIG" ? std::string("/etc/named.toml") : "";
  };
  CHECK(find_config(where) == fs::path("/etc/named.toml"));
  where.explicit_file = "/asked/for.toml";
  CHECK(find_config(where) == fs::path("/asked/for.toml"));
}

TEST_CASE("how much is kept of results, and how long, has a usual measure and may be set") {
  const Configuration usual = default_config(lookup());
  CHECK(usual.cache.ttl == std::chrono::days{30});
  CHECK(usual.cache.size_bytes == std::uint64_t{10} << 30);
  const auto set = read("[cache]\nttl = \"7d\"\nsize = \"512MiB\"\n");
  REQUIRE(set.has_value());
  CHECK(set->cache.ttl == std::chrono::days{7});
  CHECK(set->cache.size_bytes == std::uint64_t{512} << 20);
  CHECK(read("[cache]\nsize = \"0\"\n")->cache.size_bytes == 0);
  CHECK(read("[cache]\nsize = \"much\"\n").has_error());
  const auto wrong = read("[cache]\nttll = \"7d\"\n");
  REQUIRE(wrong.has_error());
  CHECK(wrong.error().to_string().find("did you mean 'ttl'") != std::string::npos);
}

TEST_CASE("without a file the local plugins are the services") {
  const Configuration config = default_config(lookup());
  CHECK(config.files.empty());
  CHECK(config.state == "/home/ada/.local/state/weft");
  REQUIRE(config.services.size() == 4);
  CHECK(config.services[0].name == "storyboard");
  CHECK(config.services[0].placeholder);
  CHECK(config.services[0].price->is_free());
  CHECK(config.services[1].component == "media");
  CHECK(config.services[2].component == "flow");
  CHECK_FALSE(config.services[2].placeholder);
  CHECK(config.services[3].component == "detail_judge");
  CHECK(config.services[3].placeholder);
  REQUIRE(config.classes.size() == 3);
  CHECK(config.classes[2].name == "io");
  CHECK(config.classes[2].slots == 16);
}

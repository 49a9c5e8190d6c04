// SPDX-License-Identifier: Apache-2.0
#include "plugin/check.hpp"

#include <stdlib.h>
#include <weft/abi.h>
#include <weft/adapter.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>
#include <cstring>
#include <fstream>
#include <iterator>

#include "net/http_client.hpp"
#include "plugin/elf.hpp"
#include "plugin/instance.hpp"
#include "plugin/text.hpp"

namespace weft::plugin {
namespace {

namespace fs = std::filesystem;

constexpr Duration patience{5'000};

class NoSecrets final : public SecretSource {
 public:
  std::optional<std::string> get(std::string_view) override { return std::nullopt; }
  bool refuse(std::string_view, std::string_view, Duration) override { return false; }
};
class NoState final : public StateStore {
 public:
  std::optional<std::string> get(std::string_view, std::string_view) override {
    return std::nullopt;
  }
  result<> put(std::string_view, std::string_view, std::string_view) override { return {}; }
};
class NoJobs final : public JobSink {
 public:
  void started(AttemptRef) override {}
  void progressed(AttemptRef, std::int32_t, std::string_view) override {}
  void checkpoint(AttemptRef, std::uint64_t, std::string) override {}
  void ended(AttemptRef, JobOutcome) override {}
};

// A host with real parts in a folder of its own; what a plugin logs as an error is kept.
class Bench {
 public:
  Bench() {
    std::string pattern = (fs::temp_directory_path() / "weft-check-XXXXXX").string();
    if (!::mkdtemp(pattern.data())) return;
    folder_ = pattern;
    auto artifacts = artifact::ArtifactStore::open(folder_ / "artifacts");
    if (!artifacts) return;
    artifacts_ = std::move(*artifacts);
    auto host = Host::create(
        {io_, http_, *artifacts_, redactor_, metrics_, secrets_, state_, log_, folder_ / "work"});
    if (host) host_ = std::move(*host);
  }
  ~Bench() {
    host_.reset();
    std::error_code ignored;
    if (!folder_.empty()) fs::remove_all(folder_, ignored);
  }
  Host* host() { return host_.get(); }
  JobSink& sink() { return sink_; }
  std::string take_errors() { return std::exchange(errors_, {}); }
  // Runs the io_context until `done`, at most a little longer than plugins may take.
  void run_until(const bool& done) {
    const auto end = std::chrono::steady_clock::now() + 2 * patience;
    io_.restart();
    while (!done && std::chrono::steady_clock::now() < end)
      io_.run_one_for(std::chrono::milliseconds(50));
  }

 private:
  fs::path folder_;
  std::string errors_;
  boost::asio::io_context io_{1};
  observe::Redactor redactor_;
  observe::Metrics metrics_;
  observe::Logger log_ = observe::Logger::to_sink(
      [this](observe::Level, std::string_view line) { errors_ += std::string(line) + "; "; },
      redactor_, observe::Level::error);
  NoSecrets secrets_;
  NoState state_;
  NoJobs sink_;
  net::HttpClient http_{io_, {}, log_};
  std::optional<artifact::ArtifactStore> artifacts_;
  std::unique_ptr<Host> host_;
};

class Checker {
 public:
  Checker(const fs::path& file, const json::object& config) : file_(file), config_(config) {}

  std::vector<Check> run() {
    std::ifstream stream(file_, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
    const auto elf = ElfFile::parse(std::as_bytes(std::span(bytes)));
    const auto text = read_manifest(file_);
    note("is a shared library with a manifest", elf && text,
         text ? std::string() : text.error().to_string());
    if (!elf || !text) return std::move(checks_);
    check_file(*elf);
    const auto library = Library::load(file_);
    note("loads", library.has_value(), library ? "" : library.error().to_string());
    if (!library) return std::move(checks_);
    Bench bench;
    if (!bench.host()) {
      note("can be run", false, "the folder for temporary files cannot be used");
      return std::move(checks_);
    }
    for (std::size_t i = 0; i < (*library)->manifest().components.size(); ++i)
      check_component(bench, Component(*library, i));
    return std::move(checks_);
  }

 private:
  void note(std::string name, bool passed, std::string message) {
    checks_.push_back({std::move(name), passed, std::move(message)});
  }

  void check_file(const ElfFile& elf) {
    std::string others, unique, libraries;
    for (const ElfSymbol& symbol : elf.exported_symbols()) {
      if (symbol.name != "weft_entry_v1") others += symbol.name + " ";
      if (symbol.unique) unique += symbol.name + " ";
    }
    for (const std::string& library : elf.needed_libraries())
      if (library.starts_with("libcurl") || library.starts_with("libssl"))
        libraries += library + " ";
    note("exports weft_entry_v1 and nothing else", others.empty(),
         others.empty() ? "" : "it exports " + others + "(build it with weft_add_plugin)");
    note("has no symbol that all libraries of a process share", unique.empty(),
         unique.empty() ? "" : unique + "(compile with -fno-gnu-unique)");
    note("speaks HTTP and TLS through the host", libraries.empty(),
         libraries.empty() ? "" : "it needs " + libraries + "(use weft.http/1)");
  }

  void check_component(Bench& bench, const Component& component) {
    const std::string name = component.manifest().name;
    if (!component.manifest().is_adapter() && !component.manifest().is_executor()) return;
    if (const auto config = check_config(component.manifest(), config_, {}); !config)
      return note(
          name + ": is made", config_.empty(),
          config_.empty() ? "not asked: it needs a configuration" : config.error().to_string());
    ServiceSetup setup;
    setup.service = name;
    setup.config = config_;
    auto instance = Instance::create(*bench.host(), component, std::move(setup), bench.sink(), {});
    note(name + ": is made", instance.has_value(),
         instance ? "" : instance.error().to_string() + " " + bench.take_errors());
    if (!instance) return;
    check_instance(name, (*instance)->raw());
    check_describe(bench, name, **instance);
    check_drain(bench, name, **instance);
  }

  void check_instance(const std::string& name, const weft_instance& raw) {
    const bool knows_none = !raw.query(&raw, "weft.nothing/1") && !raw.query(&raw, "") &&
                            !raw.query(&raw, WEFT_ADAPTER "0") &&
                            !raw.query(&raw, "weft.adapter/2");
    note(name + ": answers an unknown interface with NULL", knows_none,
         knows_none ? "" : "query gave a table for an id that is not exactly its own");
    if (!WEFT_HAS(&raw, weft_instance, event) || !raw.event) return;
    // As a later host would send it: an unknown type, longer than what we know, the tail not zero.
    struct {
      weft_event event;
      unsigned char tail[64];
    } later{};
    std::memset(later.tail, 0xA5, sizeof later.tail);
    later.event.size = sizeof later;
    later.event.type = 999'999;
    later.event.id = ~weft_id{0};
    raw.event(&raw, &later.event);
    note(name + ": ignores an event that it does not know", true, "");
  }

  void check_describe(Bench& bench, const std::string& name, Instance& instance) {
    bool answered = false;
    result<Offer> offer = Offer{};
    instance.describe(patience, [&](result<Offer> said) {
      offer = std::move(said);
      answered = true;
    });
    bench.run_until(answered);
    const bool is_away = !offer && offer.error().kind == ErrorKind::machine;
    note(name + ": says what it does", answered && (offer || is_away),
         offer ? "" : (is_away ? "not asked: " : "") + offer.error().to_string());
  }

  void check_drain(Bench& bench, const std::string& name, Instance& instance) {
    bool drained = false;
    const auto begin = std::chrono::steady_clock::now();
    instance.drain(patience, [&] { drained = true; });
    bench.run_until(drained);
    const bool in_time = drained && std::chrono::steady_clock::now() - begin < patience;
    note(name + ": lets go when it is asked to", in_time,
         in_time ? "" : "drain was not ended within 5 s");
  }

  const fs::path& file_;
  const json::object& config_;
  std::vector<Check> checks_;
};

}  // namespace

std::vector<Check> check_plugin(const fs::path& file, const json::object& config) {
  return Checker(file, config).run();
}

}  // namespace weft::plugin

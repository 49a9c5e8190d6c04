// SPDX-License-Identifier: Apache-2.0
#include "model/config.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <iterator>

#include "base/text.hpp"
#include "model/config_service.hpp"

namespace weft {
namespace fs = std::filesystem;
namespace {

std::string variable(const ConfigLookup& lookup, const char* name) {
  return lookup.environment ? lookup.environment(name) : std::string();
}

fs::path default_state(const ConfigLookup& lookup) {
  if (const std::string state = variable(lookup, "XDG_STATE_HOME"); !state.empty())
    return fs::path(state) / "weft";
  if (const std::string home = variable(lookup, "HOME"); !home.empty())
    return fs::path(home) / ".local/state/weft";
  return lookup.working_folder / ".weft";
}

std::vector<SlotClass> default_classes() {
  return {{"cpu", 2}, {"gpu", 1}, {"io", 16}};
}

result<std::string> read_file(const fs::path& file) {
  std::error_code failed;
  const auto status = fs::status(file, failed);
  if (status.type() == fs::file_type::not_found)
    return not_found("there is no file '" + file.string() + "'");
  if (status.type() != fs::file_type::regular)
    return machine("'" + file.string() + "' is no file that can be read",
                   failed ? failed.message() : "");
  std::ifstream stream(file, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  if (!stream) return machine("'" + file.string() + "' cannot be read", "look at its rights");
  return text;
}

}  // namespace

bool is_plain_name(std::string_view text) noexcept {
  const auto fits = [](unsigned char c) {
    return std::islower(c) || std::isdigit(c) || c == '_' || c == '-';
  };
  return !text.empty() && std::islower(static_cast<unsigned char>(text.front())) &&
         std::all_of(text.begin(), text.end(), fits);
}

class ConfigReader {
 public:
  explicit ConfigReader(const ConfigLookup& lookup) : lookup_(lookup) {
    config_.state = default_state(lookup);
  }

  result<Configuration> read(const fs::path& file) {
    will_read(file);
    auto text = read_file(file);
    if (!text) return text.error();
    std::vector<fs::path> included;
    read_main(*text, file, included);
    for (const fs::path& one : included) read_included(one);
    check_together();
    if (mistakes_.any()) return invalid("the configuration", mistakes_.take());
    if (config_.classes.empty()) config_.classes = default_classes();
    const auto by_name = [](const SlotClass& a, const SlotClass& b) { return a.name < b.name; };
    std::sort(config_.classes.begin(), config_.classes.end(), by_name);
    return std::move(config_);
  }

 private:
  // What is changed while it is read has changed.
  void will_read(const fs::path& path) { config_.read_from.emplace_back(path, stamp_of(path)); }

  void read_main(const std::string& text, const fs::path& file, std::vector<fs::path>& included) {
    config_.files.push_back(file);
    auto document = Document::from_toml(text, file.string());
    if (!document) return mistakes_.add(document.error(), {file.string(), 0, 0});
    TableReader root(*document, "", "the main file", mistakes_);
    included = find_included(root, file.parent_path());
    for (const std::string& folder : root.texts("plugins"))
      config_.plugins.push_back(resolve(folder, file));
    read_currency(root);
    config_.discover = root.boolean("discover").value_or(false);
    if (auto state = root.table("state", "[state]")) {
      if (const json::string* path = state->text("path"))
        config_.state = resolve(std::string(*path), file);
      state->finish();
    }
    read_secrets(root, file);
    read_cache(root);
    root.not_supported("rules",
                       "leave them out: services are tried in the order in which they stand");
    read_shared(root);
  }

  void read_cache(TableReader& root) {
    auto table = root.table("cache", "[cache]");
    if (!table) return;
    if (const auto ttl = table->duration("ttl")) config_.cache.ttl = *ttl;
    if (const json::string* written = table->text("size")) {
      if (const auto size = parse_size(*written))
        config_.cache.size_bytes = *size;
      else
        table->wrong("size", size.error().message, size.error().remedy);
    }
    table->finish();
  }

  void read_secrets(TableReader& root, const fs::path& file) {
    auto table = root.table("secrets", "[secrets]");
    if (!table) return;
    const json::value& written = *value_at(root.document().root(), table->pointer());
    for (const json::key_value_pair& member : written.get_object()) {
      const std::string name(member.key());
      if (!is_secret_name(name))
        mistakes_.add(table->key_position(name), "'" + excerpt(name, 60) + "' cannot name a secret",
                      "use letters, digits, '_', '-' and '.'");
      if (auto reference = table->table(name, "secret '" + name + "'"))
        read_secret(name, *reference, file);
    }
  }

  void read_secret(const std::string& name, TableReader& table, const fs::path& file) {
    using Kind = SecretReference::Kind;
    constexpr std::array<std::pair<const char*, Kind>, 3> kinds{
        {{"env", Kind::environment}, {"file", Kind::file}, {"credential", Kind::credential}}};
    std::size_t given = 0;
    for (const auto& [key, kind] : kinds) {
      const json::string* text = table.text(key);
      if (!text) continue;
      ++given;
      if (text->empty()) table.wrong(key, "it is empty", "name where the secret is");
      std::string where(*text);
      if (kind == Kind::file) where = resolve(where, file).string();
      if (kind == Kind::credential && where.find('/') != std::string::npos)
        table.wrong(key, "a credential is named without a folder",
                    "or write { file = \"...\" } for a file of yours");
      config_.secrets.push_back({name, kind, std::move(where)});
    }
    if (given != 1)
      mistakes_.add(table.position(), "secret '" + name + "' is to be found in one place",
                    "write one of { env = \"VARIABLE\" }, { file = \"PATH\" } and "
                    "{ credential = \"NAME\" }; a value is kept by 'weft secret set'");
    table.finish();
  }

  void read_included(const fs::path& file) {
    will_read(file);
    auto text = read_file(file);
    if (!text) return mistakes_.add(text.error(), {file.string(), 0, 0});
    config_.files.push_back(file);
    auto document = Document::from_toml(*text, file.string());
    if (!document) return mistakes_.add(document.error(), {file.string(), 0, 0});
    TableReader root(*document, "", "an included file", mistakes_);
    for (const char* key : {"include", "plugins", "currency", "state", "secrets", "discover"})
      if (root.any(key))
        mistakes_.add(root.key_position(key),
                      std::string("'") + key + "' stands in the main file only", "move it there");
    root.not_supported("rules",
                       "leave them out: services are tried in the order in which they stand");
    read_shared(root);
  }

  // What any file may hold.
  void read_shared(TableReader& root) {
    read_classes(root);
    config_.operations.add(config_.operations.read_tables(root));
    const json::object* tables = root.object("services");
    if (tables)
      for (const std::string& name : in_written_order(root, *tables)) read_one_service(root, name);
    if (const json::object* schedules = root.object("schedules"))
      for (const json::key_value_pair& member : *schedules)
        read_one_schedule(root, std::string(member.key()));
    root.finish();
  }

  // toml++ sorts the keys of a table; the order of services means something.
  static std::vector<std::string> in_written_order(const TableReader& root,
                                                   const json::object& tables) {
    std::vector<std::string> names;
    for (const json::key_value_pair& member : tables) names.emplace_back(member.key());
    const auto place = [&](const std::string& name) {
      const SourcePosition at = root.document().key_position(child_pointer("/services", name));
      return std::pair(at.line, at.column);
    };
    std::stable_sort(names.begin(), names.end(),
                     [&](const auto& a, const auto& b) { return place(a) < place(b); });
    return names;
  }

  void read_one_service(TableReader& root, const std::string& name) {
    TableReader table(root.document(), child_pointer(root.pointer_of("services"), name),
                      "service '" + name + "'", mistakes_);
    if (!is_plain_name(name))
      mistakes_.add(
          table.position(), "'" + excerpt(name, 60) + "' cannot name a service",
          "begin with a lower-case letter, go on with lower-case letters, digits, '_' and '-'");
    for (const ServiceConfig& other : config_.services)
      if (other.name == name)
        mistakes_.add(table.position(),
                      "there is a service '" + name + "' already, at " + other.position.to_string(),
                      "give one of the two another name");
    config_.services.push_back(read_service(table, name, config_.currency));
    uses_.push_back({root.document().value_position(table.pointer_of("class")),
                     operation_positions(root.document(), table.pointer_of("operations"))});
  }

  void read_one_schedule(TableReader& root, const std::string& name) {
    TableReader table(root.document(), child_pointer(root.pointer_of("schedules"), name),
                      "schedule '" + name + "'", mistakes_);
    if (!is_plain_name(name))
      mistakes_.add(
          table.position(), "'" + excerpt(name, 60) + "' cannot name a schedule",
          "begin with a lower-case letter, go on with lower-case letters, digits, '_' and '-'");
    for (const Schedule& other : config_.schedules)
      if (other.name == name)
        mistakes_.add(
            table.position(),
            "there is a schedule '" + name + "' already, at " + other.position.to_string(),
            "give one of the two another name");
    const fs::path& file = config_.files.back();  // the one that is being read
    const std::function<std::string(const std::string&)> resolved = [&](const std::string& path) {
      return fs::absolute(resolve(path, file)).string();
    };
    config_.schedules.push_back(read_schedule(table, name, resolved));
  }

  std::vector<SourcePosition> operation_positions(const Document& document,
                                                  const std::string& pointer) const {
    std::vector<SourcePosition> positions;
    for (std::size_t i = 0; i < config_.services.back().operations.size(); ++i)
      positions.push_back(document.value_position(child_pointer(pointer, std::to_string(i))));
    return positions;
  }

  void read_currency(TableReader& root) {
    const json::string* currency = root.text("currency");
    if (!currency) return;
    if (Currency::is_code(*currency))
      config_.currency = std::string(*currency);
    else
      root.wrong("currency", "'" + excerpt(*currency, 20) + "' is no currency",
                 "write its code: \"USD\", \"EUR\"");
  }

  void read_classes(TableReader& root) {
    auto table = root.table("classes", "[classes]");
    if (!table) return;
    constexpr std::int64_t slots_at_most = 1'000'000;
    const json::value& written = *value_at(root.document().root(), table->pointer());
    for (const json::key_value_pair& member : written.get_object()) {
      const std::string name(member.key());
      if (!is_plain_name(name))
        mistakes_.add(
            table->key_position(name), "'" + excerpt(name, 60) + "' cannot name a class",
            "begin with a lower-case letter, go on with lower-case letters, digits, '_' and '-'");
      const auto slots = table->integer(name, 1, slots_at_most);
      const auto is_it = [&](const SlotClass& other) { return other.name == name; };
      if (std::any_of(config_.classes.begin(), config_.classes.end(), is_it))
        mistakes_.add(table->key_position(name), "there is a class '" + name + "' already",
                      "keep one of the two");
      config_.classes.push_back({name, static_cast<std::uint32_t>(slots.value_or(1))});
    }
  }

  // Relative to the file; "~" is the home folder.
  fs::path resolve(const std::string& written, const fs::path& file) const {
    const fs::path path(written);
    if (written == "~" || written.starts_with("~/"))
      return fs::path(variable(lookup_, "HOME")) /
             fs::path(written.substr(std::min<std::size_t>(2, written.size())));
    return path.is_absolute() ? path : (file.parent_path() / path).lexically_normal();
  }

  std::vector<fs::path> find_included(TableReader& root, const fs::path& folder) {
    std::vector<fs::path> files;
    const std::vector<std::string> patterns = root.texts("include");
    for (std::size_t i = 0; i < patterns.size(); ++i) {
      const fs::path pattern =
          fs::path(patterns[i]).is_absolute() ? fs::path(patterns[i]) : folder / patterns[i];
      const fs::path within = pattern.has_parent_path() ? pattern.parent_path() : ".";
      will_read(within);
      std::vector<fs::path> found;
      std::error_code failed;
      for (const fs::directory_entry& entry : fs::directory_iterator(within, failed))
        if (fnmatch(pattern.filename().c_str(), entry.path().filename().c_str(), FNM_PERIOD) == 0)
          found.push_back(entry.path().lexically_normal());
      std::sort(found.begin(), found.end());
      files.insert(files.end(), found.begin(), found.end());
      if (found.empty() && patterns[i].find_first_of("*?[") == std::string::npos)
        mistakes_.add(root.document().value_position(
                          child_pointer(root.pointer_of("include"), std::to_string(i))),
                      "there is no file '" + excerpt(patterns[i], 200) + "'",
                      "mend the path, or take it out");
    }
    return files;
  }

  // What can be told only when every file has been read.
  void check_together() {
    std::vector<std::string> classes;
    for (const SlotClass& one : config_.classes.empty() ? default_classes() : config_.classes)
      classes.push_back(one.name);
    for (std::size_t i = 0; i < config_.services.size(); ++i) {
      const ServiceConfig& service = config_.services[i];
      if (!service.slot_class.empty() &&
          std::find(classes.begin(), classes.end(), service.slot_class) == classes.end())
        mistakes_.add(uses_[i].class_position,
                      "there is no class '" + excerpt(service.slot_class, 60) + "'",
                      suggest(service.slot_class, classes));
      for (std::size_t k = 0; k < service.operations.size(); ++k)
        if (!config_.operations.find(service.operations[k]))
          mistakes_.add(uses_[i].operation_positions[k],
                        "unknown operation '" + excerpt(service.operations[k], 60) + "'",
                        suggest(service.operations[k], config_.operations.names()));
      check_price(service, config_.operations, mistakes_);
      for (const DeclaredLatency& latency : service.latency)
        if (!latency.operation.empty() && !config_.operations.find(latency.operation))
          mistakes_.add(latency.position,
                        "unknown operation '" + excerpt(latency.operation, 60) + "'",
                        suggest(latency.operation, config_.operations.names()));
    }
  }

  struct Uses {
    SourcePosition class_position;
    std::vector<SourcePosition> operation_positions;
  };

  const ConfigLookup& lookup_;
  Mistakes mistakes_;
  Configuration config_;
  std::vector<Uses> uses_;  // of each service
};

bool is_secret_name(std::string_view text) noexcept {
  const auto fits = [](char c) {
    return std::string_view("_-.").find(c) != std::string_view::npos || (c >= '0' && c <= '9') ||
           (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), fits);
}

std::optional<fs::path> find_config(const ConfigLookup& lookup) {
  if (lookup.explicit_file) return lookup.explicit_file;
  if (const std::string named = variable(lookup, "WEFT_CONFIG"); !named.empty())
    return fs::path(named);
  std::vector<fs::path> places{lookup.working_folder / "weft.toml"};
  if (const std::string folder = variable(lookup, "XDG_CONFIG_HOME"); !folder.empty())
    places.push_back(fs::path(folder) / "weft/weft.toml");
  else if (const std::string home = variable(lookup, "HOME"); !home.empty())
    places.push_back(fs::path(home) / ".config/weft/weft.toml");
  places.emplace_back("/etc/weft/weft.toml");
  std::error_code failed;
  for (const fs::path& place : places)
    if (fs::is_regular_file(place, failed)) return place;
  return std::nullopt;
}

result<Configuration> read_config(const fs::path& file, const ConfigLookup& lookup) {
  return ConfigReader(lookup).read(file);
}

Configuration default_config(const ConfigLookup& lookup) {
  Configuration config;
  config.state = default_state(lookup);
  config.classes = default_classes();
  const Price free{{}, {{std::nullopt, Money{0, config.currency}}}};
  ServiceConfig storyboard;
  storyboard.name = storyboard.component = "storyboard";
  storyboard.placeholder = true;
  storyboard.price = free;
  ServiceConfig media;
  media.name = media.component = "media";
  media.price = free;
  ServiceConfig flow;
  flow.name = flow.component = "flow";
  flow.price = free;
  ServiceConfig judge;
  judge.name = "judge";
  judge.component = "detail_judge";
  judge.placeholder = true;
  judge.price = free;
  config.services = {std::move(storyboard), std::move(media), std::move(flow), std::move(judge)};
  return config;
}

}  // namespace weft

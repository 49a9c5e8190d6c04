// SPDX-License-Identifier: Apache-2.0
// What operators write: weft.toml and the files it includes. A key that is not in configs/README.md
// is an error.
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/file_stamp.hpp"
#include "base/json.hpp"
#include "base/money.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "expr/program.hpp"
#include "model/health.hpp"
#include "model/operation.hpp"
#include "model/schedule.hpp"

namespace weft {

// What a service asks for one attempt. The first row whose `when` holds (or that has none) decides;
// when no row does, the price is unknown, and unknown is not zero.
struct Price {
  struct Row {
    std::optional<expr::Program> when;  // over `params`
    Money amount;
  };
  expr::Environment environment;  // what the programs were compiled with
  std::vector<Row> rows;
  // Declared 0 whatever is asked: the only thing that makes a service free.
  bool is_free() const noexcept;
  // Unknown also when a `when` before the row that holds cannot be evaluated, such as for a param
  // that is not given.
  MaybeMoney of(const json::object& params) const;
};

// How long one attempt takes, as the operator says: what is reckoned with until some were made.
struct DeclaredLatency {
  std::string operation;  // "": of any other
  Duration p50{};
  Duration p95{};
  SourcePosition position;
};

struct ServiceConfig {
  std::string name;
  std::string component;                // of some plugin
  std::vector<std::string> operations;  // narrows what the component offers; empty: all of it
  std::string slot_class;               // TOML `class`; "" takes the component's
  std::uint32_t slots = 1;              // what one attempt takes of the class
  ServiceLimits limits;
  HealthPolicy health;
  json::object config;  // for the component, checked against its config_schema when it is loaded
  SourcePosition config_position;
  std::vector<std::string> secrets;  // names it may use
  std::optional<Price> price;        // none: unknown, unless the component is an executor
  std::vector<DeclaredLatency> latency;
  bool placeholder = false;
  bool enabled = true;  // false: known, and given nothing to do          // role = "placeholder"
  SourcePosition position;
  std::string written;  // the table as JSON and the currency: two that are equal mean the same
};

// Where the value of a secret is, when it is not in the store: `[secrets]` of the main file.
struct SecretReference {
  enum class Kind : std::uint8_t {
    environment,  // a variable
    file,         // its content; a line break at the end does not count
    credential,   // a systemd credential: a file in $CREDENTIALS_DIRECTORY
  };
  std::string name;
  Kind kind = Kind::environment;
  std::string where;  // the variable, the file (absolute), the credential
};

struct SlotClass {
  std::string name;
  std::uint32_t slots = 0;
};

// How much of what tasks gave is kept for tasks that ask for the same; `[cache]`.
struct CacheLimits {
  Duration ttl = std::chrono::days{30};
  std::uint64_t size_bytes = std::uint64_t{10} << 30;  // of all results together; 0: none is kept
};

struct Configuration {
  std::vector<std::filesystem::path> files;  // what was read, the main file first; empty: built in
  // Whatever changes the configuration when it changes: `files` and the folders that `include`
  // looks into, file or none; each as it was before it was read.
  std::vector<std::pair<std::filesystem::path, FileStamp>> read_from;
  std::vector<std::filesystem::path> plugins;  // folders to look for plugin libraries in
  std::string currency = "USD";
  std::filesystem::path state;          // the state folder
  std::vector<SlotClass> classes;       // by name
  std::vector<ServiceConfig> services;  // in the order in which they stand
  std::vector<SecretReference> secrets;
  CacheLimits cache;
  std::vector<Schedule> schedules;
  bool discover = false;  // offer servers that run on this machine
  OperationCatalog operations = OperationCatalog::canonical();
};

// Whether a text can name a secret: letters, digits, '_', '-' and '.'.
bool is_secret_name(std::string_view text) noexcept;

// Whether a text can name a service, a class or a schedule: lower-case letters, digits, '_' and
// '-', the first one a letter.
bool is_plain_name(std::string_view text) noexcept;

// Where to look, in this order: `explicit_file`, $WEFT_CONFIG, ./weft.toml,
// $XDG_CONFIG_HOME/weft/weft.toml, /etc/weft/weft.toml; nothing found: the built-in default.
// `environment` answers for one variable, "" if unset.
struct ConfigLookup {
  std::optional<std::filesystem::path> explicit_file;
  std::filesystem::path working_folder;
  std::string (*environment)(const char* name) = nullptr;
};
std::optional<std::filesystem::path> find_config(const ConfigLookup& lookup);

// Reads a main file and what it includes. All mistakes of all files come together. A file that
// cannot be read is of kind not_found or machine.
result<Configuration> read_config(const std::filesystem::path& file, const ConfigLookup& lookup);
// The local plugins as services; what runs when no file is found. `plugins` is where the
// installation keeps them.
Configuration default_config(const ConfigLookup& lookup);

}  // namespace weft

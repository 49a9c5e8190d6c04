// SPDX-License-Identifier: Apache-2.0
// The values of secrets: where the configuration says (`[secrets]`), else in the store, sealed,
// else in the environment variable WEFT_SECRET_<NAME>. A secret of the store may have several
// values; one that a service refused rests, and the next one is given.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/seal.hpp"
#include "model/config.hpp"
#include "observe/log.hpp"
#include "plugin/host.hpp"
#include "store/client.hpp"
#include "store/queries.hpp"
#include "weft/runtime.hpp"

namespace weft::shell {

// The key that seals secrets: $WEFT_KEY (64 hex digits), else the file `secret.key` in the state
// folder, which only its owner may read. Nothing: there is none yet. Kind `invalid` when
// the variable is no key, `machine` when the file cannot be used.
result<std::optional<SealKey>> find_seal_key(const std::filesystem::path& state);
// The same, and makes the file when there is none.
result<SealKey> make_seal_key(const std::filesystem::path& state);

class KeyRing final : public plugin::SecretSource {
 public:
  struct Parts {
    std::filesystem::path state;
    std::vector<SecretReference> references;
    std::function<Timestamp()> now;
    observe::Logger* log = nullptr;  // told once of each secret that cannot be read
  };
  explicit KeyRing(Parts parts) : parts_(std::move(parts)) {}

  // Any thread.
  std::optional<std::string> get(std::string_view name) override;
  bool refuse(std::string_view name, std::string_view value, Duration rest) override;

  // Where the secret is and how its values end, in the order in which they are asked; one entry
  // that says "missing" when it is nowhere.
  std::vector<SecretView> describe(std::string_view name);
  // Names of the configuration and of the store, in order, each once.
  std::vector<std::string> names();

 private:
  struct Found {
    std::vector<SecretView> views;
    std::vector<std::string> values;  // of the views, "" where it cannot be read
  };
  Found find(std::string_view name);
  bool find_reference(std::string_view name, Found& found) const;
  bool find_stored(std::string_view name, Found& found);
  // Null while the state folder has no database.
  store::Queries* queries();
  std::vector<store::SecretRow> stored(std::string_view name);
  void complain(std::string_view name, const std::string& why);

  const Parts parts_;
  std::mutex mutex_;
  std::unique_ptr<store::Queries> queries_;
  std::map<std::pair<std::string, std::string>, Timestamp> resting_until_;  // by name and value
  std::map<std::string, std::string, std::less<>> complained_;
};

// How a value is shown: its last four characters, or none of a value so short that they would give
// it away.
std::string hint_of(std::string_view value);

// Seals a value and puts it into the store.
result<> keep_secret(store::Client& client, store::Queries& reader,
                     const std::filesystem::path& state, std::string_view name,
                     std::string_view value, SecretPlace place, Timestamp now);

}  // namespace weft::shell

// SPDX-License-Identifier: Apache-2.0
// Takes secret values out of texts that leave the process.
#pragma once
#include <array>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

namespace weft::observe {

// Knows the values of secrets and puts "{secret:NAME}" where one stands. Besides the value as it
// is, its forms in a JSON string, in a URL and in base64 are known, because that is how a secret
// comes back in a service's error text. A secret is never forgotten: after a reload the old key is
// as secret as the new one. All functions may be called by any thread.
class Redactor {
 public:
  // An empty value is ignored: it stands everywhere.
  void add(std::string_view name, std::string_view value);
  // Of overlapping secrets the longest one that starts first is replaced.
  std::string redact(std::string_view text) const;

 private:
  struct Secret {
    std::string value;
    std::string replacement;
  };
  const Secret* secret_at(std::string_view text) const noexcept;

  mutable std::shared_mutex mutex_;
  std::vector<Secret> secrets_;  // longest first
  std::array<bool, 256>
      first_bytes_{};  // most positions of a text are dismissed by their first byte
};

}  // namespace weft::observe

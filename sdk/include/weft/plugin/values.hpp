// SPDX-License-Identifier: Apache-2.0
// weft/plugin/values.hpp - plain values of the C++ face: text across the border, errors, money,
// JSON.
#pragma once

#include <weft/abi.h>

#include <cstdint>
#include <cstring>
#include <exception>
#include <new>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft {

// Text crosses as a borrowed view (law 1): valid until the call returns.
inline weft_str borrow(std::string_view text) noexcept {
  return {text.data(), text.size()};
}
inline std::string_view view(weft_str text) noexcept {
  return {text.data, static_cast<std::size_t>(text.size)};
}

// The elements of a list, each a [frozen] structure; what they point to stays borrowed.
template <class Element>
std::vector<Element> elements(weft_list list) {
  std::vector<Element> copies(list.count);
  const auto* at = static_cast<const char*>(list.data);
  for (Element& copy : copies) {
    std::memcpy(&copy, at, sizeof copy);
    at += list.stride;
  }
  return copies;
}
template <class Element>
weft_list borrow_list(const std::vector<Element>& list) noexcept {
  return {list.data(), static_cast<std::uint32_t>(list.size()), sizeof(Element)};
}

// What plugin code throws, and what awaiting something that failed throws. The status decides what
// the runtime does next (see weft/abi.h); the message is for people and must hold no secret.
class error : public std::exception {
 public:
  error(weft_status status, std::string message, std::uint32_t retry_after_ms = 0)
      : status_(status), retry_after_ms_(retry_after_ms), message_(std::move(message)) {}

  const char* what() const noexcept override { return message_.c_str(); }
  weft_status status() const noexcept { return status_; }
  std::uint32_t retry_after_ms() const noexcept { return retry_after_ms_; }

  // The service's own error object, stored with the attempt.
  const nlohmann::json& details() const noexcept { return details_; }
  error&& with(nlohmann::json details) && {
    details_ = std::move(details);
    return std::move(*this);
  }

 private:
  weft_status status_;
  std::uint32_t retry_after_ms_;
  std::string message_;
  nlohmann::json details_ = nlohmann::json::object();
};

// Money spent: millionths of a currency unit.
class cost {
 public:
  cost() = default;  // unknown
  static cost billed(std::int64_t micros, std::string currency) {
    return {micros, std::move(currency), WEFT_COST_BILLED};
  }
  static cost estimated(std::int64_t micros, std::string currency) {
    return {micros, std::move(currency), WEFT_COST_ESTIMATED};
  }
  std::int64_t micros() const noexcept { return micros_; }
  const std::string& currency() const noexcept { return currency_; }
  std::uint32_t basis() const noexcept { return basis_; }

 private:
  cost(std::int64_t micros, std::string currency, std::uint32_t basis)
      : micros_(micros), currency_(std::move(currency)), basis_(basis) {}

  std::int64_t micros_ = 0;
  std::string currency_;
  std::uint32_t basis_ = WEFT_COST_UNKNOWN;
};

// What a job took, as weft_result has it; 0: not known. The host measures its child processes.
struct usage {
  std::uint64_t cpu_ms = 0, memory_bytes = 0, gpu_memory_bytes = 0;
  std::uint32_t queue_place = 0;
};

// How something ended, ready to be told to the host.
struct outcome {
  weft_status status = WEFT_OK;
  std::uint32_t retry_after_ms = 0;
  std::string message = {};
  nlohmann::json value = nlohmann::json::object();
  weft::cost spent = {};
  weft::usage used = {};
};

// Turns the exception being handled into an outcome. Call it in a catch block only. JSON of an
// unexpected shape counts as the service's fault, since params were checked before the plugin saw
// them.
inline outcome outcome_of_current_exception() {
  outcome failed;
  try {
    throw;
  } catch (const error& e) {
    failed.status = e.status() == WEFT_OK ? WEFT_INTERNAL : e.status();
    failed.message = e.what();
    failed.retry_after_ms = e.retry_after_ms();
    failed.value = e.details();
  } catch (const nlohmann::json::exception& e) {
    failed.status = WEFT_BAD_OUTPUT;
    failed.message = std::string("unexpected JSON: ") + e.what();
  } catch (const std::bad_alloc&) {
    failed.status = WEFT_EXHAUSTED;
    failed.message = "out of memory";
  } catch (const std::exception& e) {
    failed.status = WEFT_INTERNAL;
    failed.message = std::string("the plugin threw: ") + e.what();
  } catch (...) {
    failed.status = WEFT_INTERNAL;
    failed.message = "the plugin threw something that is no std::exception";
  }
  return failed;
}

// The same of one that was caught before; without one all went well.
inline outcome outcome_of(const std::exception_ptr& failure) {
  if (!failure) return {};
  try {
    std::rethrow_exception(failure);
  } catch (...) {
    return outcome_of_current_exception();
  }
}

// The border (law 8): calls `body`, which returns a weft_status, and turns whatever it throws into
// one.
template <class Body>
weft_status guarded(Body&& body) noexcept {
  try {
    return body();
  } catch (...) {
    try {
      return outcome_of_current_exception().status;
    } catch (...) {
      return WEFT_EXHAUSTED;
    }
  }
}

// Text that the host calls JSON; empty text means {}.
inline nlohmann::json parse_json(weft_str text) {
  return text.size == 0 ? nlohmann::json::object() : nlohmann::json::parse(view(text));
}

// Compact JSON text; bytes that are not UTF-8 (a service's error page, say) become U+FFFD instead
// of an exception.
inline std::string dump_json(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace weft

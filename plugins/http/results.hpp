// SPDX-License-Identifier: Apache-2.0
// From the answer that says that a job is done to its outputs.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <weft/plugin.hpp>

#include "answer.hpp"

namespace http_plugin {

// Belongs to one job; everything it is made of must outlive it.
class Results {
 public:
  Results(const Description& all, weft::expressions& language, const Operation& operation,
          weft::job& job, weft::expression_scope& scope)
      : all_(all), language_(language), operation_(operation), job_(job), scope_(scope) {}

  // A question about a job that is done, asked again while the service stumbles; its answer is
  // what the scope then holds. What cannot be fetched is bought all the same: that ends as
  // WEFT_UNKNOWN, so that nothing buys it again.
  weft::task<weft::http_response> ask(const Request& what);
  // The outputs of `answer`, which the scope holds.
  weft::task<> hand_over(const weft::http_response& answer);

 private:
  // Since when, and how often, something has been asked for.
  struct Tries {
    std::int64_t since_ms;
    std::uint32_t count = 0;
  };
  Tries first_try() const { return {job_.host().now_ms()}; }
  weft::task<> pause(const weft::error& failed, Tries& tries) const;
  weft::task<weft::http_response> take(weft::http_request request,
                                       std::optional<weft::error>& failed);
  [[noreturn]] void give_up(const Verdict& verdict);

  void parse();
  weft::task<bool> fetch(const Output& output, const json& meta);
  weft::task<weft::artifact> download(const Output& output, std::size_t index);
  weft::task<weft::http_response> load(std::string url);
  weft::task<bool> renew();
  weft_status failed_download(std::uint32_t status) const;
  weft::artifact typed(const weft::http_response& answer, const Output& output) const;
  void put_value(const Output& output, const json& value, json& plain) const;

  const Description& all_;
  weft::expressions& language_;
  const Operation& operation_;
  weft::job& job_;
  weft::expression_scope& scope_;
};

// Whether an answer's body is to be an artifact and not to come to the plugin.
bool saves(const Operation& operation);

}  // namespace http_plugin

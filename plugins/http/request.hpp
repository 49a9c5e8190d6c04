// SPDX-License-Identifier: Apache-2.0
// From a description, values and inputs to a request that can be sent.
#pragma once
#include <string>
#include <weft/plugin.hpp>

#include "description.hpp"

namespace http_plugin {

// Where a URL leads.
enum class Trust {
  service,  // the service's own origin, or one that the description names: may get secrets
  host,     // another port of the service's host: no secret
  foreign   // anywhere else: no secret, and public addresses only
};

// Throws WEFT_BAD_OUTPUT for a URL that must not be asked: not http(s), a step down from https, or
// a local address while the service itself is not on that host.
Trust trust_in(const Description& all, const std::string& url);

// `inputs` are searched for the artifacts that the body names; null: there are none. Throws
// WEFT_BAD_INPUT when a value cannot be had, or brings a secret that the description did not name.
weft::http_request build(const Description& all, const Request& request,
                         const weft::expression_scope& scope, const weft::request* inputs);

// A request for a result at a URL that the service named.
weft::http_request build_download(const Description& all, const std::string& url,
                                  const weft::expression_scope& scope);

// Binds what is known of a task: config, params, options, inputs, task. What was not given is null.
void bind_task(weft::expression_scope& scope, const Description& all, const Operation& operation,
               const weft::request& task, std::int64_t now_ms);

}  // namespace http_plugin

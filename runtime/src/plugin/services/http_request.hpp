// SPDX-License-Identifier: Apache-2.0
// From a plugin's HTTP request to the client's.
#pragma once
#include <weft/http.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "net/http_client.hpp"
#include "plugin/blob.hpp"

namespace weft::plugin::services {

struct PlannedPart {
  std::string name;
  Blob blob;
};

// A value that stands for {secret:NAME} in a request.
struct UsedSecret {
  std::string name;
  std::string value;
};

// A request copied and checked, with its secrets filled in; its parts are still to be read.
struct PlannedRequest {
  net::HttpRequest http;          // without body and answer_to
  net::Headers secret_templates;  // the headers with a secret in them, as the plugin wrote them
  std::vector<UsedSecret> secrets;
  std::vector<PlannedPart> parts;
  bool is_form = false;
  bool buys = false;
  bool streams = false;
  std::uint64_t body_limit_bytes = 0;
  std::string save_as;  // a media type; "": the answer comes in memory
};

// What a name stands for; nothing: it is not listed or not set.
using SecretLookup = std::function<std::optional<std::string>(std::string_view name)>;

// The request, or the status that `start` answers: WEFT_AUTH or WEFT_BAD_INPUT, and why.
struct Refusal {
  weft_status status;
  std::string message;
};
// A header with the values in it that {secret:NAME} stands for.
struct FilledHeader {
  net::Header header;
  std::vector<UsedSecret> secrets;
};
std::variant<FilledHeader, Refusal> fill_header(std::string_view name, std::string_view text,
                                                const SecretLookup& secret);

using Planned = std::variant<PlannedRequest, Refusal>;
Planned plan_request(const weft_http_request& raw, const ArtifactTable& artifacts,
                     const SecretLookup& secret);

// Asks for the secrets again; false when one is gone, and nothing happens then.
bool refill_secrets(PlannedRequest& request, const SecretLookup& secret);

// Whether reading the parts blocks.
bool reads_files(const PlannedRequest& request);
// What is to be sent: a copy with the parts as its body. Blocks on files that are to be recoded or
// joined.
result<net::HttpRequest> with_body(const PlannedRequest& request,
                                   const artifact::ArtifactStore& store);

// What a failed exchange means (weft/http.h).
weft_status status_of(const net::HttpFailure& failure, bool buys) noexcept;

}  // namespace weft::plugin::services

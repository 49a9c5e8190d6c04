// SPDX-License-Identifier: Apache-2.0
// The echo in a test: time is virtual, the runtime dies in the middle.
#include <weft/testing.hpp>

#include <cstdlib>

int main() {
  weft::testing::fake_host host;
  auto service = host.create(weft_entry_v1, "echo", {{"prefix", "> "}});
  auto job = service.submit({.operation = "text.echo", .params = {{"text", "hello"}}});
  host.advance(1500);                // half-way, after one of three steps,
  service.crash();                   // the runtime dies ...
  auto again = service.attach(job);  // ... and goes on with the last durable token
  host.run_until_idle();

  const bool well = again.status() == WEFT_OK && again.output("text") == "> hello" &&
                    again.tokens().size() == 3 && host.violations().empty();
  return well ? EXIT_SUCCESS : EXIT_FAILURE;
}

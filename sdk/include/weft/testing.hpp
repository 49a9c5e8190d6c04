// SPDX-License-Identifier: Apache-2.0
// weft/testing.hpp - tests a plugin without the runtime, the network or time passing.
//
//   weft::testing::fake_host host;
//   host.on_http("POST", "https://api.example.org/", {.status = 429, .retry_after_ms = 2000});
//   auto service = host.create(weft_entry_v1, "example", {{"url", "https://api.example.org"}});
//   auto job = service.submit({.operation = "image.generate", .params = {{"prompt", "a heron"}}});
//   host.run_until_idle();
//   CHECK(job.status() == WEFT_RATE_LIMITED);
//   CHECK(host.violations().empty());            // the laws of weft/abi.h
//
// The clock is virtual (hours of polling take no time), answers are scripted, state is in memory,
// artifacts are files in a temporary folder, child processes are real. Works for plugins in any
// language: create takes their entry, which library{"path/plugin.so"} opens. Not thread-safe, apart
// from what executors do on their workers.
#pragma once

#include <weft/testing/fake_host.hpp>
#include <weft/testing/library.hpp>

// SPDX-License-Identifier: Apache-2.0
// An event as one line.
#pragma once
#include <weft/runtime.hpp>

#include <string>

namespace weft::cli {

// For logs and pipes; the form is stable, the members are the event's own:
//   2026-11-21T03:27:37.120Z task.started video[3] attempt=1 service=comfy-a
// An event of a run has "-" for the task; texts with white space stand in quotes.
std::string plain_event_line(const EventView& event);

// For people who watch:
//   04:27:37 video[3] started: attempt 1, service comfy-a
std::string friendly_event_line(const EventView& event, bool color);

}  // namespace weft::cli

// SPDX-License-Identifier: Apache-2.0
// A place with a job server whose jobs cost money, in which weft-crash-main is used.
#pragma once
#include "job_server.hpp"
#include "place.hpp"

namespace weft::testing {

inline constexpr const char* crash_run = "01926f00-0000-7000-8000-000000000001";

// One paid service for pictures, and ffmpeg.
std::string film_services(const std::string& url);

class CrashPlace : private TempFolder, public JobServer, public Place {
 public:
  // `services`: TOML for a job server at that URL.
  explicit CrashPlace(std::string (*services)(const std::string& url) = film_services)
      : JobServer(TempFolder::path()), Place(services(JobServer::url())) {}

  // Runs the definition in a process that dies at the nth commit; 0: lives.
  Finished crash(const std::string& definition, bool after, std::uint64_t nth) const {
    return run_program({WEFT_CRASH_MAIN, state().string(), config().string(), definition, crash_run,
                        after ? "after" : "before", std::to_string(nth)},
                       folder());
  }

  // Carries the run on; submits it again, under the same id, if not even that was durable.
  Finished recover(const std::string& definition, std::vector<std::string> options = {}) const {
    std::vector<std::string> resume{"resume", crash_run};
    resume.insert(resume.end(), options.begin(), options.end());
    Finished resumed = weft(resume);
    if (resumed.exit_code != 3) return resumed;
    options.insert(options.begin(), {"run", definition, "--id", crash_run});
    return weft(options);
  }
};

inline std::string film_services(const std::string& url) {
  return R"(
[services.pictures]
component  = "testing"
operations = ["image.generate"]
price      = "0.01"
[services.pictures.config]
url       = ")" +
         url + R"("
poll_ms   = 20
recover   = "key"
behaviour = { delay_ms = 100, cost_micros = 10000 }
[services.media]
component = "media"
class     = "cpu"
price     = 0
config    = { preset = "ultrafast" }
)";
}

}  // namespace weft::testing

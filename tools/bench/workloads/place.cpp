// SPDX-License-Identifier: Apache-2.0
#include "place.hpp"

#include <boost/json/parse.hpp>
#include <fstream>

#include "row.hpp"

namespace weft::bench {
namespace {

constexpr std::string_view operations = R"(
currency = "USD"

[classes]
io = 2000
one = 1

[operations."bench.add"]
summary = "x + 1"
[operations."bench.add".params]
required = ["value"]
[operations."bench.add".params.properties]
value = { type = "integer" }
[operations."bench.add".outputs.value]
schema = { type = "integer" }

[operations."bench.sum"]
summary = "The sum of numbers, by a modulus if one is given"
[operations."bench.sum".params]
required = ["values"]
[operations."bench.sum".params.properties]
values  = { type = "array", items = { type = "integer" } }
modulus = { type = "integer" }
[operations."bench.sum".outputs.value]
schema = { type = "integer" }

[operations."bench.sleep"]
summary = "An hour"
[operations."bench.sleep".outputs.value]
schema = { type = "integer" }

[operations."bench.step"]
summary = "One line in the books"
[operations."bench.step".params]
required = ["pipeline", "step"]
[operations."bench.step".params.properties]
pipeline = { type = "integer" }
step     = { type = "integer" }
[operations."bench.step".outputs.value]
schema = { type = "integer" }

[services.adder]
component = "adder"
price     = 0

[services.sleeper]
component = "sleeper"
class     = "one"
price     = 0

[services.file]
component = "file"
price     = "0.01"
)";

}  // namespace

Place::Place(std::filesystem::path folder, const std::string& append) : folder_(std::move(folder)) {
  std::ofstream file(config());
  file << "plugins = [\"" WEFT_BENCH_PLUGINS "\"]\n"
       << operations << "config    = { path = \"" << books().string() << "\", append = \"" << append
       << "\" }\n";
}

std::unique_ptr<Runtime> Place::open() const {
  RuntimeOptions options;
  options.config = config();
  options.state = state();
  options.role = Role::execute;
  return must(Runtime::open(std::move(options)));
}

Submission submission(const std::string& definition, const std::string& input, std::int64_t value) {
  Submission made;
  made.definition = definition;
  made.file = "bench.toml";
  made.inputs[input] = given_json(std::to_string(value));
  return made;
}

std::int64_t result_of(const RunView& run) {
  expect(run.state == "succeeded", "run " + run.id + " is " + run.state);
  const boost::json::value outputs = boost::json::parse(run.outputs_json);
  return outputs.at("result").as_int64();
}

}  // namespace weft::bench

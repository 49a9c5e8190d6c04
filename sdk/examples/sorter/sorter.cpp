// SPDX-License-Identifier: Apache-2.0
// An executor that lets a program of this machine do the work.
#include <weft/plugin.hpp>

WEFT_MANIFEST(R"({"id": "dev.weft.sorter", "name": "Sorter", "version": "1.0.0",
  "license": "Apache-2.0", "abi": "1.0", "components": [{
    "name": "sorter", "interfaces": ["weft.executor/1"], "class": "cpu", "slots": 1,
    "needs": ["weft.job/1", "weft.artifact/1", "weft.process-draft/1"],
    "operations": [{"name": "text.sort",
      "params": {"type": "object", "properties": {"reverse": {"type": "boolean"}}},
      "inputs": {"text": {"media_types": ["text/plain"]}},
      "outputs": {"text": {"media_types": ["text/plain"]}}}]}]})");

class Sorter final : public weft::executor<Sorter> {
 public:
  static constexpr std::string_view name = "sorter";

  explicit Sorter(const weft::context& context) : executor(context) {}

  void run(weft::work& work) override {
    const std::string sorted = work.reserve("text/plain");
    weft::command sort("sort");
    if (work.params().value("reverse", false)) sort.arg("--reverse");
    sort.arg("--output=" + sorted).arg(work.input("text").path());
    if (const auto exit = work.process(sort); !exit.ok())
      throw weft::error(WEFT_BAD_INPUT, "sort: " + exit.text());
    work.output_file("text", sorted, "text/plain");
  }
};

WEFT_PLUGIN(Sorter);

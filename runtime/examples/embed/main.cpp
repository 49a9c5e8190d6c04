// SPDX-License-Identifier: Apache-2.0
// embed FILE: carries out a definition in this process and prints what happens.
#include <weft/runtime.hpp>

#include <fstream>
#include <iostream>
#include <iterator>

namespace {

int complain(const weft::Error& error) {
  std::cerr << error.to_string() << '\n';
  return weft::exit_code(error);
}

void print(const weft::EventView& event) {
  std::cout << event.run_seq << ' ' << event.type << ' ' << event.task << ' ' << event.data_json
            << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return complain(weft::invalid("usage: embed FILE"));
  std::ifstream file(argv[1]);
  weft::Submission submission;
  submission.definition.assign(std::istreambuf_iterator<char>(file), {});
  submission.file = argv[1];

  auto runtime = weft::Runtime::open({});
  if (!runtime) return complain(runtime.error());
  const auto run = (*runtime)->submit(submission);
  if (!run) return complain(run.error());
  const auto end = (*runtime)->wait(*run, print);
  if (!end) return complain(end.error());
  return end->state == "succeeded" ? 0 : 1;
}

// SPDX-License-Identifier: Apache-2.0
#include "journal.hpp"

#include <boost/json/serialize.hpp>
#include <iterator>
#include <string>

#include "base/json.hpp"

namespace weft::jobs {
namespace {

result<Bill> parse_bill(std::string_view line) {
  const auto value = parse_json(line);
  if (!value) return value.error();
  const auto* key = find_member(*value, "key");
  const auto* operation = find_member(*value, "operation");
  const auto* cost = find_member(*value, "cost_micros");
  if (!key || !key->is_string() || !operation || !operation->is_string() || !cost ||
      !cost->is_int64()) {
    return invalid("a line is not a bill");
  }
  return Bill{std::string(key->get_string()), std::string(operation->get_string()),
              cost->get_int64()};
}

}  // namespace

Journal::Journal(std::filesystem::path path)
    : path_(std::move(path)), file_(path_, std::ios::binary | std::ios::app) {}

result<Journal::Opened> Journal::open(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::size_t whole_bytes = text.rfind('\n') + 1;  // 0 when there is no line
  if (whole_bytes < text.size()) std::filesystem::resize_file(path, whole_bytes);
  Opened opened{Journal(path), {}};
  if (!opened.journal.file_) return machine("cannot write journal " + path.string());
  for (std::size_t from = 0; from < whole_bytes;) {
    const std::size_t end = text.find('\n', from);
    auto bill = parse_bill(std::string_view(text).substr(from, end - from));
    if (!bill) return std::move(bill).error().in("journal " + path.string());
    opened.bills.push_back(*std::move(bill));
    from = end + 1;
  }
  return opened;
}

void Journal::append(const Bill& bill) {
  const json::object line{
      {"key", bill.key}, {"operation", bill.operation}, {"cost_micros", bill.cost_micros}};
  file_ << json::serialize(line) << '\n' << std::flush;
}

void Journal::clear() {
  file_ = std::ofstream(path_, std::ios::binary | std::ios::trunc);
}

}  // namespace weft::jobs

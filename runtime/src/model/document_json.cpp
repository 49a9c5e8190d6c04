// SPDX-License-Identifier: Apache-2.0
#include <boost/json/parse.hpp>

#include "base/json_parse.hpp"
#include "model/document.hpp"

namespace weft {

// Boost.JSON keeps no positions. It has read the text already when this goes over it again, so
// nothing here can be out of form: what is left is to find where each part begins.
class JsonDocumentReader {
 public:
  JsonDocumentReader(std::string_view text, const std::string& file)
      : text_(text), document_(file) {}

  result<Document> read() {
    auto root = parse_json_into(document_.root_.storage(), text_, document_.file_);
    if (!root) return root.error();
    skip_space();
    document_.marks_.emplace_back().key = place();
    locate(&*root, 0);
    if (!mistakes_.empty()) return invalid(document_.file_, std::move(mistakes_));
    document_.root_ = std::move(*root);
    return std::move(document_);
  }

 private:
  Document::Place place() const { return {line_, static_cast<int>(at_ - line_start_) + 1}; }
  void skip_space() {
    for (; at_ < text_.size(); ++at_)
      if (text_[at_] == '\n')
        ++line_, line_start_ = at_ + 1;
      else if (text_[at_] != ' ' && text_[at_] != '\t' && text_[at_] != '\r')
        return;
  }
  // The string with its quotes; stands behind it afterwards.
  std::string_view take_string() {
    const std::size_t begin = at_++;
    for (; text_[at_] != '"'; ++at_)
      if (text_[at_] == '\\') ++at_;
    return text_.substr(begin, ++at_ - begin);
  }
  static bool has_escapes(std::string_view quoted) { return quoted.find('\\') != quoted.npos; }

  // `value` is what was read here, and `mark` its own, with the place of its key. Null: something
  // else stands in its place, because a key came twice; then nothing is noted.
  void locate(const json::value* value, std::uint32_t mark) {
    const Document::Place here = place();
    Document::Place text{here.line, here.column + 1};
    if (text_[at_] == '{')
      locate_object(value ? value->if_object() : nullptr, mark);
    else if (text_[at_] == '[')
      locate_array(value ? value->if_array() : nullptr, mark);
    else if (text_[at_] != '"')
      at_ = std::min(text_.find_first_of(",]} \t\r\n", at_), text_.size());
    else if (has_escapes(take_string()))
      text.column = 0;
    if (!value) return;
    document_.marks_[mark].value = here;
    document_.marks_[mark].text = text;
  }

  void locate_object(const json::object* object, std::uint32_t mark) {
    const std::uint32_t first = object ? document_.add_marks(mark, object->size()) : 0;
    ++at_;
    skip_space();
    while (text_[at_] != '}') {
      const Document::Place key_at = place();
      const json::value* value = nullptr;
      std::uint32_t child = 0;
      if (const json::key_value_pair* member = take_key(object)) {
        value = &member->value();
        child = first + static_cast<std::uint32_t>(member - object->begin());
        mark_key(child, key_at, member->key());
      }
      skip_space();
      ++at_;  // the colon
      skip_space();
      locate(value, child);
      skip_space();
      if (text_[at_] == ',') ++at_;
      skip_space();
    }
    ++at_;
  }

  const json::key_value_pair* take_key(const json::object* object) {
    const std::string_view quoted = take_string();
    if (!object) return nullptr;
    const auto member = has_escapes(quoted) ? object->find(json::parse(quoted).get_string())
                                            : object->find(quoted.substr(1, quoted.size() - 2));
    return member == object->end() ? nullptr : member;
  }

  void mark_key(std::uint32_t mark, const Document::Place& at, std::string_view key) {
    if (document_.marks_[mark].key.line != 0)
      mistakes_.push_back({{document_.file_, at.line, at.column},
                           "the key '" + std::string(key) + "' stands here a second time",
                           "keep one of the two",
                           false});
    document_.marks_[mark].key = at;
  }

  void locate_array(const json::array* array, std::uint32_t mark) {
    const std::uint32_t first = array ? document_.add_marks(mark, array->size()) : 0;
    ++at_;
    skip_space();
    for (std::uint32_t i = 0; text_[at_] != ']'; ++i) {
      const bool noted = array && i < array->size();
      if (noted) document_.marks_[first + i].key = place();
      locate(noted ? &(*array)[i] : nullptr, first + i);
      skip_space();
      if (text_[at_] == ',') ++at_;
      skip_space();
    }
    ++at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
  std::size_t line_start_ = 0;
  Document document_;
  std::vector<Diagnostic> mistakes_;
};

result<Document> Document::from_json(std::string_view text, const std::string& file) {
  return JsonDocumentReader(text, file).read();
}

}  // namespace weft

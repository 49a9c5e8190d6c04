// SPDX-License-Identifier: Apache-2.0
#include <boost/json/parse.hpp>

#include "model/document.hpp"

namespace weft {

// Boost.JSON keeps no positions. It has read the text already when this goes over it again, so
// nothing here can be out of form: what is left is to find where each part begins.
class JsonDocumentReader {
 public:
  JsonDocumentReader(std::string_view text, const std::string& file) : text_(text) {
    document_.file_ = file;
  }

  result<Document> read() {
    auto root = parse_json(text_, document_.file_);
    if (!root) return root.error();
    skip_space();
    mark_value("", position());
    locate("");
    if (!mistakes_.empty()) return invalid(document_.file_, std::move(mistakes_));
    document_.root_ = std::move(*root);
    return std::move(document_);
  }

 private:
  SourcePosition position() const {
    return {document_.file_, line_, static_cast<int>(at_ - line_start_) + 1};
  }
  void skip_space() {
    for (; at_ < text_.size() &&
           std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos;
         ++at_)
      if (text_[at_] == '\n') ++line_, line_start_ = at_ + 1;
  }
  // The string with its quotes; stands behind it afterwards.
  std::string_view take_string() {
    const std::size_t begin = at_++;
    for (; text_[at_] != '"'; ++at_)
      if (text_[at_] == '\\') ++at_;
    return text_.substr(begin, ++at_ - begin);
  }
  // Whether a string stands here that is written with escape sequences.
  bool has_escapes() const {
    return text_[at_] == '"' && text_[text_.find_first_of("\"\\", at_ + 1)] == '\\';
  }
  void mark_value(const std::string& pointer, const SourcePosition& key) {
    SourcePosition value = position();
    SourcePosition text{value.file, value.line, has_escapes() ? 0 : value.column + 1};
    document_.marks_[pointer] = {key, std::move(value), std::move(text)};
  }

  void locate(const std::string& pointer) {
    if (text_[at_] == '{')
      locate_object(pointer);
    else if (text_[at_] == '[')
      locate_array(pointer);
    else if (text_[at_] == '"')
      take_string();
    else
      at_ = std::min(text_.find_first_of(",]} \t\r\n", at_), text_.size());
  }

  void locate_object(const std::string& pointer) {
    ++at_;
    skip_space();
    while (text_[at_] != '}') {
      const SourcePosition key_at = position();
      const json::value key = json::parse(take_string());
      const std::string child = child_pointer(pointer, key.get_string());
      if (document_.marks_.contains(child))
        mistakes_.push_back(
            {key_at, "the key '" + std::string(key.get_string()) + "' stands here a second time",
             "keep one of the two", false});
      skip_space();
      ++at_;  // the colon
      skip_space();
      mark_value(child, key_at);
      locate(child);
      skip_space();
      if (text_[at_] == ',') ++at_;
      skip_space();
    }
    ++at_;
  }

  void locate_array(const std::string& pointer) {
    ++at_;
    skip_space();
    for (std::size_t i = 0; text_[at_] != ']'; ++i) {
      const std::string child = child_pointer(pointer, std::to_string(i));
      mark_value(child, position());
      locate(child);
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

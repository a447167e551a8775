#include "line_table.h"

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>

#if defined(__ELF__)
#include <elf.h>
#endif

namespace cuda_emulation {

#if defined(__ELF__)

/// Numbers and strings, one after another. Throws std::out_of_range: at the end.
class LineTable::Reader {
 public:
  Reader(const std::string& data, std::uint64_t begin, std::uint64_t end)
      : data_(data), place_(begin), end_(std::min<std::uint64_t>(end, data.size())) {}

  std::uint64_t number(unsigned bytes) {
    need(bytes);
    std::uint64_t value = 0;
    std::memcpy(&value, data_.data() + place_, bytes);
    place_ += bytes;
    return value;
  }
  std::uint64_t unsigned_leb() {
    std::uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
      const std::uint64_t byte = number(1);
      value |= shift < 64 ? (byte & 0x7f) << shift : 0;
      if ((byte & 0x80) == 0) {
        return value;
      }
    }
  }
  std::int64_t signed_leb() {
    std::uint64_t value = 0;
    for (unsigned shift = 0;;) {
      const std::uint64_t byte = number(1);
      value |= shift < 64 ? (byte & 0x7f) << shift : 0;
      shift += 7;
      if ((byte & 0x80) == 0) {
        return static_cast<std::int64_t>((byte & 0x40) != 0 && shift < 64 ? value | ~std::uint64_t{0} << shift : value);
      }
    }
  }
  std::string string() {
    const std::size_t end = data_.find('\0', place_);
    need(end == std::string::npos ? end_ : end - place_ + 1);
    std::string found = data_.substr(place_, end - place_);
    place_ = end + 1;
    return found;
  }
  void skip(std::uint64_t bytes) {
    need(bytes);
    place_ += bytes;
  }
  void go_to(std::uint64_t place) { place_ = place; }
  std::uint64_t place() const { return place_; }
  bool at_end() const { return place_ >= end_; }

 private:
  void need(std::uint64_t bytes) const {
    if (place_ > end_ || bytes > end_ - place_) {
      throw std::out_of_range("the table of lines ends too early");
    }
  }

  const std::string& data_;
  std::uint64_t place_, end_;
};

namespace {

std::string joined(const std::string& folder, const std::string& name) {
  return name.empty() || name[0] == '/' || folder.empty() ? name : folder + "/" + name;
}

std::string string_at(const std::string& strings, std::uint64_t offset) {
  return offset < strings.size() ? std::string(strings.c_str() + offset) : "";
}

template <typename T>
T structure_at(const std::string& content, std::uint64_t offset) {
  if (offset > content.size() || content.size() - offset < sizeof(T)) {
    throw std::out_of_range("the file ends too early");
  }
  T found;
  std::memcpy(&found, content.data() + offset, sizeof(T));
  return found;
}

// DWARF's names for the forms in which the names of files are written, and for what is written.
constexpr unsigned kBlock = 0x09, kData1 = 0x0b, kData2 = 0x05, kData4 = 0x06, kData8 = 0x07, kData16 = 0x1e,
                   kString = 0x08, kStringAt = 0x0e, kUnsigned = 0x0f, kLineString = 0x1f;
constexpr unsigned kPath = 1, kFolder = 2;
// Operations of its machine.
constexpr unsigned kCopy = 1, kAdvanceAddress = 2, kAdvanceLine = 3, kSetFile = 4, kSetColumn = 5, kConstAddAddress = 8,
                   kFixedAdvance = 9;
constexpr unsigned kEndSequence = 1, kSetAddress = 2;

}  // namespace

LineTable::LineTable(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  try {
    const auto header = structure_at<Elf64_Ehdr>(content, 0);
    if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64) {
      return;
    }
    std::vector<Elf64_Shdr> sections;
    for (unsigned i = 0; i < header.e_shnum; ++i) {
      sections.push_back(structure_at<Elf64_Shdr>(content, header.e_shoff + i * sizeof(Elf64_Shdr)));
    }
    const auto text_of = [&](const Elf64_Shdr& section) { return content.substr(section.sh_offset, section.sh_size); };
    const std::string names = text_of(sections.at(header.e_shstrndx));
    const Elf64_Shdr* lines = nullptr;
    std::string line_strings, strings;
    for (const Elf64_Shdr& section : sections) {
      const std::string name = string_at(names, section.sh_name);
      if ((section.sh_flags & SHF_COMPRESSED) != 0) {
        continue;
      }
      if (name == ".debug_line") {
        lines = &section;
      } else if (name == ".debug_line_str") {
        line_strings = text_of(section);
      } else if (name == ".debug_str") {
        strings = text_of(section);
      } else if (section.sh_type == SHT_SYMTAB) {
        const std::string symbol_names = text_of(sections.at(section.sh_link));
        for (std::uint64_t at = 0; at + sizeof(Elf64_Sym) <= section.sh_size; at += sizeof(Elf64_Sym)) {
          const auto symbol = structure_at<Elf64_Sym>(content, section.sh_offset + at);
          if (ELF64_ST_TYPE(symbol.st_info) == STT_FUNC && symbol.st_size > 0) {
            functions_.push_back(
                {symbol.st_value, symbol.st_value + symbol.st_size, string_at(symbol_names, symbol.st_name)});
          }
        }
      }
    }
    if (lines != nullptr) {
      read_lines(content, lines->sh_offset, lines->sh_size, line_strings, strings);
    }
  } catch (const std::out_of_range&) {  // a file that ends in the middle: what was read so far is kept
  }
  std::stable_sort(rows_.begin(), rows_.end(), [](const Row& a, const Row& b) { return a.address < b.address; });
}

void LineTable::read_lines(const std::string& content, std::uint64_t line, std::uint64_t line_size,
                           const std::string& line_strings, const std::string& strings) {
  Reader units(content, line, line + line_size);
  while (!units.at_end()) {
    std::uint64_t length = units.number(4);
    const unsigned word = length == 0xffffffff ? 8 : 4;
    length = word == 8 ? units.number(8) : length;
    const std::uint64_t end = units.place() + length;
    Reader unit(content, units.place(), end);
    units.go_to(end);
    const std::uint64_t version = unit.number(2);
    if (version < 2 || version > 5) {
      continue;
    }
    if (version == 5) {
      unit.skip(2);  // the sizes of addresses and of segments
    }
    const std::uint64_t header_length = unit.number(word), program = unit.place() + header_length;
    const std::uint64_t smallest = unit.number(1);
    unit.skip(version >= 4 ? 2 : 1);  // for other machines; whether rows begin statements
    const auto line_base = static_cast<std::int8_t>(unit.number(1));
    const std::uint64_t line_range = unit.number(1), opcode_base = unit.number(1);
    std::vector<std::uint64_t> operands(opcode_base, 0);
    for (std::uint64_t code = 1; code < opcode_base; ++code) {
      operands[code] = unit.number(1);
    }
    if (line_range == 0) {
      continue;
    }
    std::vector<std::string> folders;
    std::vector<std::uint32_t> files;  // of files_
    const auto add = [&](const std::string& name, std::uint64_t folder) {
      std::string path = joined(folder < folders.size() ? folders[folder] : "", name);
      files.push_back(static_cast<std::uint32_t>(files_.size()));
      files_.push_back(std::move(path));
    };
    if (version == 5) {
      for (const bool of_files : {false, true}) {
        std::vector<std::pair<std::uint64_t, std::uint64_t>> format(unit.number(1));
        for (auto& [what, form] : format) {
          what = unit.unsigned_leb();
          form = unit.unsigned_leb();
        }
        for (std::uint64_t left = unit.unsigned_leb(); left > 0; --left) {
          std::string name;
          std::uint64_t folder = 0;
          for (const auto& [what, form] : format) {
            std::string text;
            std::uint64_t value = 0;
            switch (form) {
              case kString:
                text = unit.string();
                break;
              case kLineString:
                text = string_at(line_strings, unit.number(word));
                break;
              case kStringAt:
                text = string_at(strings, unit.number(word));
                break;
              case kUnsigned:
                value = unit.unsigned_leb();
                break;
              case kBlock:
                unit.skip(unit.unsigned_leb());
                break;
              case kData1:
              case kData2:
              case kData4:
              case kData8:
                value = unit.number(form == kData1 ? 1 : form == kData2 ? 2 : form == kData4 ? 4 : 8);
                break;
              case kData16:
                unit.skip(16);
                break;
              default:
                throw std::out_of_range("a form that no compiler writes");
            }
            (what == kPath ? name : text) = text;
            folder = what == kFolder ? value : folder;
          }
          if (of_files) {
            add(name, folder);
          } else {
            folders.push_back(joined(folders.empty() ? "" : folders[0], name));
          }
        }
      }
    } else {
      folders.emplace_back();
      for (std::string name = unit.string(); !name.empty(); name = unit.string()) {
        folders.push_back(name);
      }
      files.push_back(0);  // they are counted from 1
      for (std::string name = unit.string(); !name.empty(); name = unit.string()) {
        const std::uint64_t folder = unit.unsigned_leb();
        unit.unsigned_leb();
        unit.unsigned_leb();
        add(name, folder);
      }
    }
    unit.go_to(program);
    std::uint64_t address = 0, number = 1, file = 1;
    const auto row = [&](bool is_end) {
      const std::uint32_t known = !is_end && file < files.size() ? files[file] : 0;
      rows_.push_back({address, known, static_cast<std::uint32_t>(number)});
    };
    const std::size_t first = rows_.size();
    std::size_t sequence = first;
    while (!unit.at_end()) {
      const std::uint64_t code = unit.number(1);
      if (code >= opcode_base) {
        address += (code - opcode_base) / line_range * smallest;
        number += static_cast<std::uint64_t>(static_cast<std::int64_t>(line_base) +
                                             static_cast<std::int64_t>((code - opcode_base) % line_range));
        row(false);
        continue;
      }
      switch (code) {
        case 0: {
          const std::uint64_t size = unit.unsigned_leb(), next = unit.place() + size;
          const std::uint64_t extended = unit.number(1);
          if (extended == kEndSequence) {
            row(true);
            if (rows_[sequence].address == 0) {
              rows_.resize(sequence);  // of a function that the linker has left out
            }
            sequence = rows_.size();
            address = 0;
            number = file = 1;
          } else if (extended == kSetAddress) {
            address = unit.number(static_cast<unsigned>(std::min<std::uint64_t>(size - 1, 8)));
          }
          unit.go_to(next);
          break;
        }
        case kCopy:
          row(false);
          break;
        case kAdvanceAddress:
          address += unit.unsigned_leb() * smallest;
          break;
        case kAdvanceLine:
          number += static_cast<std::uint64_t>(unit.signed_leb());
          break;
        case kSetFile:
          file = unit.unsigned_leb();
          break;
        case kSetColumn:
          unit.unsigned_leb();
          break;
        case kConstAddAddress:
          address += (255 - opcode_base) / line_range * smallest;
          break;
        case kFixedAdvance:
          address += unit.number(2);
          break;
        default:
          for (std::uint64_t left = operands[code]; left > 0; --left) {
            unit.unsigned_leb();
          }
      }
    }
  }
}

#else

LineTable::LineTable(const std::string&) {}

#endif

const LineTable::Function* LineTable::function_of(std::uint64_t offset) const {
  for (const Function& function : functions_) {
    if (offset >= function.begin && offset < function.end) {
      return &function;
    }
  }
  return nullptr;
}

Line LineTable::line_at(std::uint64_t offset, bool (*wanted)(const std::string& file)) const {
  const Function* function = function_of(offset);
  const std::uint64_t begin = function == nullptr ? offset : function->begin;
  auto next = std::upper_bound(rows_.begin(), rows_.end(), offset,
                               [](std::uint64_t place, const Row& row) { return place < row.address; });
  Line first;
  while (next != rows_.begin()) {
    --next;
    if (next->file != 0 && wanted(files_[next->file])) {
      return {files_[next->file], next->line};
    }
    if (next->file != 0 && first.number == 0) {
      first = {files_[next->file], next->line};
    }
    // Where one function's rows end and the next one's begin, both have the address.
    if (next->address <= begin && (next == rows_.begin() || std::prev(next)->address != next->address)) {
      break;
    }
  }
  return first;
}

std::string LineTable::function_at(std::uint64_t offset) const {
  const Function* function = function_of(offset);
  if (function == nullptr) {
    return "";
  }
  int status = 0;
  char* plain = abi::__cxa_demangle(function->name.c_str(), nullptr, nullptr, &status);
  const std::string found = plain == nullptr ? function->name : plain;
  std::free(plain);
  return found;
}

}  // namespace cuda_emulation

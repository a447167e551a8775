// The lines of the source that a compiled file knows of itself: DWARF's table, versions 2 to 5, in an ELF file.
//
// Read here and not by addr2line, since kernels also fail where there are no such programs, as where they are judged.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cuda_emulation {

struct Line {
  std::string file;  // with its folders
  unsigned number = 0;
};

/// What is known of one compiled file. Everything stays empty if it cannot be read, or is of another kind.
class LineTable {
 public:
  explicit LineTable(const std::string& path);

  /// The line that the instruction at an offset from the module's beginning is of; with number 0 if it is not known.
  /// Where it is of a file that is not `wanted`, whose code the compiler has put there: the last one before that is.
  Line line_at(std::uint64_t offset, bool (*wanted)(const std::string& file)) const;

  /// The name of the function there, as the source has it; "" if it is not known.
  std::string function_at(std::uint64_t offset) const;

 private:
  struct Row {
    std::uint64_t address;
    std::uint32_t file;  // of files_; 0: nothing is known from here on
    std::uint32_t line;
  };
  struct Function {
    std::uint64_t begin, end;
    std::string name;
  };
  const Function* function_of(std::uint64_t offset) const;
  class Reader;

  void read_lines(const std::string& content, std::uint64_t line, std::uint64_t line_size,
                  const std::string& line_strings, const std::string& strings);

  std::vector<std::string> files_{""};
  std::vector<Row> rows_;
  std::vector<Function> functions_;
};

}  // namespace cuda_emulation

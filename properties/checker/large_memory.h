// Vectors of which there is but one or two, and which may be large: their memory is asked for in large pages. Where a
// history has millions of operations, half of the time would otherwise go by with small ones: to be given each of them,
// and to look up where it is.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <limits>
#include <new>
#include <vector>

namespace smalldb::checker {

template <class Value>
struct LargeMemory {
  using value_type = Value;

  LargeMemory() = default;
  template <class Other>
  LargeMemory(const LargeMemory<Other>&) {}

  Value* allocate(std::size_t count) {
    if (count > std::numeric_limits<std::size_t>::max() / sizeof(Value)) throw std::bad_array_new_length();
    const std::size_t size = count * sizeof(Value);
    if (size < page) return static_cast<Value*>(::operator new(size));
    void* const memory = ::operator new (size, std::align_val_t{page});
    if (size <= wished_max) madvise(memory, size, MADV_HUGEPAGE);  // a wish: it need not be granted
    return static_cast<Value*>(memory);
  }
  void deallocate(Value* memory, std::size_t count) {
    if (count * sizeof(Value) < page) return ::operator delete(memory);
    ::operator delete (memory, std::align_val_t{page});
  }
  friend bool operator==(const LargeMemory&, const LargeMemory&) { return true; }

 private:
  static constexpr std::size_t page = std::size_t{1} << 21;
  // Beyond, a virtual machine may have to get most of them from its host first, which takes longer than they save.
  static constexpr std::size_t wished_max = std::size_t{1} << 27;
};

template <class Value>
using LargeVector = std::vector<Value, LargeMemory<Value>>;

}  // namespace smalldb::checker

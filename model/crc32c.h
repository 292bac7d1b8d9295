// CRC32C (Castagnoli; polynomial 0x1EDC6F41, reflected; as in iSCSI, RFC 3720 appendix B.4): the checksum of records,
// frames and files. Finds every burst of up to 32 wrong bits, wherever it stands.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace smalldb {

// The checksum of `bytes`; or, given the checksum of what comes before them, of both together:
// crc32c(b, crc32c(a)) == crc32c(a + b).
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0);

// The same checksum from those of the two parts, of which the second has `second_size` bytes; neither is read:
// crc32c_of_both(crc32c(a), crc32c(b), b.size()) == crc32c(a + b).
std::uint32_t crc32c_of_both(std::uint32_t first, std::uint32_t second, std::uint32_t second_size);

// For a BasicWriter (model/codec.h): takes what would be written into a checksum.
class ChecksumSink {
 public:
  void append(const char* bytes, std::size_t size) { checksum_ = crc32c({bytes, size}, checksum_); }
  std::uint32_t checksum() const { return checksum_; }

 private:
  std::uint32_t checksum_ = 0;
};

// The two ways in which `crc32c` computes it, for tests and measurements: with tables on any machine, and with the
// processor's own instruction where it has one. REQUIRES for the latter: crc32c_has_hardware().
std::uint32_t crc32c_software(std::string_view bytes, std::uint32_t before = 0);
std::uint32_t crc32c_hardware(std::string_view bytes, std::uint32_t before = 0);
bool crc32c_has_hardware();

}  // namespace smalldb

// The memory a card may use, and its addresses for the card. For a card on the bus these are the IOMMU's mappings; a simulated one has no
// others.
#ifndef ESTREAM_HOST_DMA_MAP_H
#define ESTREAM_HOST_DMA_MAP_H

#include <cstddef>
#include <cstdint>
#include <vector>

namespace estream {

class DmaMap {
 public:
  // Addresses for the card differ from those of the host, so that code that confuses them fails.
  static constexpr uint64_t kFirstAddress = 0x1'0000'0000ull;
  static constexpr uint64_t kPage = 4096;
  static constexpr size_t kMostRanges = 1024;

  // Returns false if the memory is not page-aligned, empty, too large, or already mapped.
  bool map(void *memory, uint64_t bytes, uint64_t *address);
  // Returns the number of bytes that were mapped at this address; 0 if none.
  uint64_t unmap(uint64_t address);

  // Returns the mapped bytes at an address, rounded up to whole pages.
  static uint64_t whole_pages(uint64_t bytes) { return (bytes + kPage - 1) / kPage * kPage; }

  // Returns the host's pointer to these bytes; null if the card may not use them all.
  uint8_t *find(uint64_t address, uint64_t bytes) const {
    const Range &last = ranges_.empty() ? kNone : ranges_[last_ < ranges_.size() ? last_ : 0];
    if (address - last.address < last.bytes && bytes <= last.bytes - (address - last.address)) {
      return last.memory + (address - last.address);
    }
    return find_slowly(address, bytes);
  }

  // Returns the card's address of host memory; 0 if the memory is not mapped as a whole.
  uint64_t address_of(const void *memory, uint64_t bytes) const;

 private:
  struct Range {
    uint64_t address;
    uint64_t bytes;
    uint8_t *memory;
  };
  static const Range kNone;

  uint8_t *find_slowly(uint64_t address, uint64_t bytes) const;

  std::vector<Range> ranges_;
  mutable size_t last_ = 0;
  uint64_t next_ = kFirstAddress;
};

}  // namespace estream

#endif

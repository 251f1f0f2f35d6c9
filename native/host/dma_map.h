// The memory a card may use, and where it finds it. For a card on the bus this is what was told the IOMMU; a simulated one has no other.
#ifndef ESTREAM_HOST_DMA_MAP_H
#define ESTREAM_HOST_DMA_MAP_H

#include <cstddef>
#include <cstdint>
#include <vector>

namespace estream {

class DmaMap {
 public:
  // Addresses of the card are not those of the host, so that one taken for the other is found out.
  static constexpr uint64_t kFirstAddress = 0x1'0000'0000ull;
  static constexpr uint64_t kPage = 4096;
  static constexpr size_t kMostRanges = 1024;

  // False: not page-aligned, nothing at all, too many, or not mapped before.
  bool map(void *memory, uint64_t bytes, uint64_t *address);
  // How many bytes were mapped at this address; 0 where none were.
  uint64_t unmap(uint64_t address);

  // Of the bytes mapped at an address, how many there are with the rest of their last page.
  static uint64_t whole_pages(uint64_t bytes) { return (bytes + kPage - 1) / kPage * kPage; }

  // Where the card finds these bytes; null where it may not use them all.
  uint8_t *find(uint64_t address, uint64_t bytes) const {
    const Range &last = ranges_.empty() ? kNone : ranges_[last_ < ranges_.size() ? last_ : 0];
    if (address - last.address < last.bytes && bytes <= last.bytes - (address - last.address)) {
      return last.memory + (address - last.address);
    }
    return find_slowly(address, bytes);
  }

  // The address of memory of the host; 0 where it is not mapped as a whole.
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

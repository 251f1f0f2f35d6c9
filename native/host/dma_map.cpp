#include "dma_map.h"

#include <algorithm>

namespace estream {

const DmaMap::Range DmaMap::kNone{0, 0, nullptr};

bool DmaMap::map(void *memory, uint64_t bytes, uint64_t *address) {
  if (reinterpret_cast<uintptr_t>(memory) % kPage != 0 || bytes == 0 || bytes > (1ull << 40) || ranges_.size() == kMostRanges) {
    return false;
  }
  *address = next_;
  // An unmapped page separates two ranges: running over the end of a range is an error and does not reach the next range.
  next_ += whole_pages(bytes) + kPage;
  ranges_.push_back({*address, bytes, static_cast<uint8_t *>(memory)});
  return true;
}

uint64_t DmaMap::unmap(uint64_t address) {
  auto at = std::find_if(ranges_.begin(), ranges_.end(), [&](const Range &range) { return range.address == address; });
  if (at == ranges_.end()) {
    return 0;
  }
  uint64_t bytes = at->bytes;
  ranges_.erase(at);
  return bytes;
}

uint8_t *DmaMap::find_slowly(uint64_t address, uint64_t bytes) const {
  for (size_t i = 0; i < ranges_.size(); i++) {
    const Range &range = ranges_[i];
    if (address - range.address < range.bytes && bytes <= range.bytes - (address - range.address)) {
      last_ = i;
      return range.memory + (address - range.address);
    }
  }
  return nullptr;
}

uint64_t DmaMap::address_of(const void *memory, uint64_t bytes) const {
  const uint8_t *wanted = static_cast<const uint8_t *>(memory);
  for (const Range &range : ranges_) {
    if (wanted >= range.memory && static_cast<uint64_t>(wanted - range.memory) <= range.bytes &&
        bytes <= range.bytes - static_cast<uint64_t>(wanted - range.memory)) {
      return range.address + static_cast<uint64_t>(wanted - range.memory);
    }
  }
  return 0;
}

}  // namespace estream

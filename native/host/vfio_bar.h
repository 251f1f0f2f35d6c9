// A card on the bus, through VFIO, the kernel's interface that gives a process a PCIe device and an IOMMU (Documentation/driver-api/vfio).
#ifndef ESTREAM_HOST_VFIO_BAR_H
#define ESTREAM_HOST_VFIO_BAR_H

#include <cstddef>
#include <memory>
#include <string>

#include "bar.h"
#include "dma_map.h"

namespace estream {

class VfioBar final : public Bar {
 public:
  // Opens the device by its bus address, such as 0000:3b:00.0. Returns null with the reason in *why.
  static std::unique_ptr<VfioBar> open(const std::string &bdf, std::string *why);
  ~VfioBar() override;

  esf_backend backend() const override { return ESF_BACKEND_PCIE; }
  uint32_t read(uint32_t offset) override;
  void write(uint32_t offset, uint32_t value) override;
  bool map(void *memory, uint64_t bytes, uint64_t *address, std::string *why) override;
  bool unmap(uint64_t address) override;
  uint64_t address_of(const void *memory, uint64_t bytes) const override;
  uint64_t run(uint64_t) override { return 0; }

 private:
  VfioBar() = default;
  bool open_group(const std::string &bdf, std::string *why);
  bool open_device(const std::string &bdf, std::string *why);
  bool master_bus(std::string *why);

  int container_ = -1;
  int group_ = -1;
  int device_ = -1;
  volatile uint32_t *registers_ = nullptr;
  size_t register_bytes_ = 0;
  DmaMap ranges_;
};

}  // namespace estream

#endif

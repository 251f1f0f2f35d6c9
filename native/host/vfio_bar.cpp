#include "vfio_bar.h"

#include <cerrno>
#include <climits>
#include <cstring>
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace estream {

namespace {

std::string failed(const std::string &what) { return what + ": " + std::strerror(errno); }

// Accepts only the form 0000:3b:00.0, because the text becomes part of a path.
bool is_bdf(const std::string &text) {
  const char *shape = "xxxx:xx:xx.x";
  if (text.size() != std::strlen(shape)) {
    return false;
  }
  for (size_t i = 0; i < text.size(); i++) {
    bool fits = shape[i] == 'x' ? std::strchr("0123456789abcdef", text[i]) != nullptr && text[i] != '\0' : text[i] == shape[i];
    if (!fits) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::unique_ptr<VfioBar> VfioBar::open(const std::string &bdf, std::string *why) {
  std::unique_ptr<VfioBar> bar(new VfioBar());
  if (!is_bdf(bdf)) {
    *why = "'" + bdf + "' is not a PCI address: write it as vfio:0000:3b:00.0, as lspci -D shows it";
    return nullptr;
  }
  if (!bar->open_group(bdf, why) || !bar->open_device(bdf, why) || !bar->master_bus(why)) {
    return nullptr;
  }
  return bar;
}

bool VfioBar::open_group(const std::string &bdf, std::string *why) {
  std::string device = "/sys/bus/pci/devices/" + bdf;
  if (access(device.c_str(), F_OK) != 0) {
    *why = "there is no device " + bdf + " on this machine's bus; lspci -D lists the devices";
    return false;
  }
  char target[PATH_MAX];
  ssize_t length = readlink((device + "/iommu_group").c_str(), target, sizeof(target) - 1);
  if (length < 0) {
    *why = "the device " + bdf + " has no IOMMU group: enable the IOMMU in the firmware and the kernel (intel_iommu=on, amd_iommu=on)";
    return false;
  }
  target[length] = '\0';
  std::string group = std::strrchr(target, '/') != nullptr ? std::strrchr(target, '/') + 1 : target;
  container_ = ::open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
  if (container_ < 0) {
    *why = failed("/dev/vfio/vfio cannot be opened (load the kernel module vfio-pci)");
    return false;
  }
  if (ioctl(container_, VFIO_GET_API_VERSION) != VFIO_API_VERSION || ioctl(container_, VFIO_CHECK_EXTENSION, VFIO_TYPE1_IOMMU) != 1) {
    *why = "the kernel's VFIO has an unsupported version, or no type 1 IOMMU";
    return false;
  }
  group_ = ::open(("/dev/vfio/" + group).c_str(), O_RDWR | O_CLOEXEC);
  if (group_ < 0) {
    *why = failed("/dev/vfio/" + group + " cannot be opened (bind " + bdf + " to vfio-pci)");
    return false;
  }
  vfio_group_status status{};
  status.argsz = sizeof(status);
  bool is_ready = ioctl(group_, VFIO_GROUP_GET_STATUS, &status) == 0 && (status.flags & VFIO_GROUP_FLAGS_VIABLE) != 0 &&
                  ioctl(group_, VFIO_GROUP_SET_CONTAINER, &container_) == 0 && ioctl(container_, VFIO_SET_IOMMU, VFIO_TYPE1_IOMMU) == 0;
  if (!is_ready) {
    *why = "the IOMMU group " + group + " is not available: bind every device in it to vfio-pci";
  }
  return is_ready;
}

bool VfioBar::open_device(const std::string &bdf, std::string *why) {
  device_ = ioctl(group_, VFIO_GROUP_GET_DEVICE_FD, bdf.c_str());
  if (device_ < 0) {
    *why = failed("the device " + bdf + " cannot be opened by VFIO");
    return false;
  }
  vfio_region_info region{};
  region.argsz = sizeof(region);
  region.index = VFIO_PCI_BAR0_REGION_INDEX;
  bool can_map = ioctl(device_, VFIO_DEVICE_GET_REGION_INFO, &region) == 0 && (region.flags & VFIO_REGION_INFO_FLAG_MMAP) != 0 &&
                 region.size >= ESTREAM_CARD_REGISTER_BYTES;
  if (!can_map) {
    *why = "BAR 0 of " + bdf + " cannot be mapped or is shorter than the registers of a card: is it programmed with Estream's bitstream?";
    return false;
  }
  void *memory = mmap(nullptr, ESTREAM_CARD_REGISTER_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, device_, static_cast<off_t>(region.offset));
  if (memory == MAP_FAILED) {
    *why = failed("BAR 0 of " + bdf + " cannot be mapped");
    return false;
  }
  registers_ = static_cast<volatile uint32_t *>(memory);
  register_bytes_ = ESTREAM_CARD_REGISTER_BYTES;
  return true;
}

// Without bus mastering, the card's own reads and writes of memory have no effect.
bool VfioBar::master_bus(std::string *why) {
  vfio_region_info region{};
  region.argsz = sizeof(region);
  region.index = VFIO_PCI_CONFIG_REGION_INDEX;
  uint16_t command = 0;
  bool is_set = ioctl(device_, VFIO_DEVICE_GET_REGION_INFO, &region) == 0 &&
                pread(device_, &command, sizeof(command), static_cast<off_t>(region.offset + PCI_COMMAND)) == sizeof(command);
  command |= PCI_COMMAND_MASTER | PCI_COMMAND_MEMORY;
  is_set = is_set && pwrite(device_, &command, sizeof(command), static_cast<off_t>(region.offset + PCI_COMMAND)) == sizeof(command);
  if (!is_set) {
    *why = failed("bus mastering cannot be enabled for the device");
  }
  return is_set;
}

VfioBar::~VfioBar() {
  if (registers_ != nullptr) {
    munmap(const_cast<uint32_t *>(registers_), register_bytes_);
  }
  for (int descriptor : {device_, group_, container_}) {
    if (descriptor >= 0) {
      close(descriptor);
    }
  }
}

uint32_t VfioBar::read(uint32_t offset) { return registers_[offset / sizeof(uint32_t)]; }

void VfioBar::write(uint32_t offset, uint32_t value) {
  // The entries of the rings must be in memory before the card is notified.
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
  registers_[offset / sizeof(uint32_t)] = value;
}

bool VfioBar::map(void *memory, uint64_t bytes, uint64_t *address, std::string *why) {
  if (!ranges_.map(memory, bytes, address)) {
    *why = "the card accepts no more memory: it must be page-aligned, with at most " + std::to_string(DmaMap::kMostRanges) + " ranges";
    return false;
  }
  vfio_iommu_type1_dma_map request{};
  request.argsz = sizeof(request);
  request.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE;
  request.vaddr = reinterpret_cast<uintptr_t>(memory);
  request.iova = *address;
  request.size = DmaMap::whole_pages(bytes);
  if (ioctl(container_, VFIO_IOMMU_MAP_DMA, &request) != 0) {
    *why = failed("the IOMMU did not map the memory (raise the limit of locked memory, ulimit -l)");
    ranges_.unmap(*address);
    return false;
  }
  return true;
}

bool VfioBar::unmap(uint64_t address) {
  uint64_t bytes = ranges_.unmap(address);
  if (bytes == 0) {
    return false;
  }
  vfio_iommu_type1_dma_unmap request{};
  request.argsz = sizeof(request);
  request.iova = address;
  request.size = DmaMap::whole_pages(bytes);
  return ioctl(container_, VFIO_IOMMU_UNMAP_DMA, &request) == 0;
}

uint64_t VfioBar::address_of(const void *memory, uint64_t bytes) const { return ranges_.address_of(memory, bytes); }

}  // namespace estream

// The device addresses that this library supports.
#include "../sim/card_bar.h"
#include "../sim/loopback_engine.h"
#include "driver.h"
#include "vfio_bar.h"

#ifdef ESTREAM_HAS_SIM
#include "../sim/rtl_engine.h"
#endif

namespace estream {

namespace {

bool begins_with(const std::string &text, const std::string &beginning) { return text.compare(0, beginning.size(), beginning) == 0; }

}  // namespace

std::unique_ptr<Bar> open_bar(const std::string &uri, uint64_t seed, std::string *why) {
  (void)seed;
  if (begins_with(uri, "loopback:")) {
    return std::make_unique<CardBar>(ESF_BACKEND_LOOPBACK, [](DmaMap *) -> std::unique_ptr<Engine> { return std::make_unique<LoopbackEngine>(); });
  }
  if (begins_with(uri, "sim:")) {
#ifdef ESTREAM_HAS_SIM
    return std::make_unique<CardBar>(ESF_BACKEND_SIM, [&](DmaMap *dma) -> std::unique_ptr<Engine> { return std::make_unique<RtlEngine>(dma, seed); });
#else
    *why = "this library was built without Verilator, so it has no simulated card (Debian: apt-get install verilator cmake g++, then build again)";
    return nullptr;
#endif
  }
  if (begins_with(uri, "vfio:")) {
    return VfioBar::open(uri.substr(5), why);
  }
  *why = "use 'sim:', 'vfio:0000:3b:00.0' or 'loopback:'";
  return nullptr;
}

}  // namespace estream

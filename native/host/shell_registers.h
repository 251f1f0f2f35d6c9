// The registers of the shell around the engines, after those of estream_card.h: the addresses of the rings, and the doorbell. A
// bitstream for a real card contains such a shell; the simulated one is native/sim/shell.cpp. 32 bits each.
#ifndef ESTREAM_HOST_SHELL_REGISTERS_H
#define ESTREAM_HOST_SHELL_REGISTERS_H

#include <cstdint>

namespace estream::shell {

constexpr uint32_t kSubmissionsLow = 0x800;   // address of the ring as the card sees it
constexpr uint32_t kSubmissionsHigh = 0x804;
constexpr uint32_t kCompletionsLow = 0x808;
constexpr uint32_t kCompletionsHigh = 0x80c;
constexpr uint32_t kEntries = 0x810;          // of both rings, a power of two
constexpr uint32_t kDeadlineCycles = 0x814;   // from fetching a submission to its completion; 0 for none
constexpr uint32_t kEnable = 0x818;           // 1: the rings are used, from slot 0. A reset of any cause makes it 0
constexpr uint32_t kDoorbell = 0x81c;         // submissions written so far, modulo 2^32
constexpr uint32_t kRingMax = 0x820;          // most entries, read-only
constexpr uint32_t kTimeouts = 0x824;         // submissions whose deadline passed, read-only

}  // namespace estream::shell

#endif

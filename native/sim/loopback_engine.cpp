#include "loopback_engine.h"

namespace estream {

Engine::Cycle LoopbackEngine::step(const estream_card_submission *offered, estream_card_completion *completion) {
  if (offered == nullptr) {
    return {false, false};
  }
  completion->user_data = offered->user_data;
  completion->status = ESTREAM_CARD_STATUS_OK;
  completion->flags = 0;
  completion->cycles = 1;
  completion->info = offered->length;
  completion->sequence = sequence_++;
  completion->data = offered->argument;
  answered_++;
  return {true, true};
}

uint32_t LoopbackEngine::read(uint32_t offset) {
  switch (offset) {
    case ESTREAM_CARD_REG_ID: return ESTREAM_CARD_MAGIC;
    case ESTREAM_CARD_REG_ABI: return (ESTREAM_CARD_ABI_MAJOR << 16) | ESTREAM_CARD_ABI_MINOR;
    case ESTREAM_CARD_REG_CAPABILITIES: return ESTREAM_CARD_CAPABILITY_FAULTS;
    case ESTREAM_CARD_REG_STATUS: return ESTREAM_CARD_STATUS_WORD_READY | ESTREAM_CARD_STATUS_WORD_IDLE;
    case ESTREAM_CARD_REG_SUBMISSIONS_LO:
    case ESTREAM_CARD_REG_COMPLETIONS_LO: return static_cast<uint32_t>(answered_);
    case ESTREAM_CARD_REG_SUBMISSIONS_HI:
    case ESTREAM_CARD_REG_COMPLETIONS_HI: return static_cast<uint32_t>(answered_ >> 32);
    default: return 0;
  }
}

void LoopbackEngine::write(uint32_t offset, uint32_t value) {
  if (offset == ESTREAM_CARD_REG_CONTROL && (value & ESTREAM_CARD_CONTROL_RESET) != 0) {
    reset();
  }
}

}  // namespace estream

#include "shell.h"

#include <cstring>

#include "../host/bar.h"
#include "../host/shell_registers.h"

namespace estream {

uint32_t Shell::read(uint32_t offset) {
  if (is_gone_) {
    return Bar::kGone;
  }
  switch (offset) {
    case shell::kSubmissionsLow: return static_cast<uint32_t>(ring_[0]);
    case shell::kSubmissionsHigh: return static_cast<uint32_t>(ring_[0] >> 32);
    case shell::kCompletionsLow: return static_cast<uint32_t>(ring_[1]);
    case shell::kCompletionsHigh: return static_cast<uint32_t>(ring_[1] >> 32);
    case shell::kEntries: return entries_;
    case shell::kDeadlineCycles: return deadline_cycles_;
    case shell::kEnable: return enabled_;
    case shell::kDoorbell: return tail_;
    case shell::kRingMax: return kRingMax;
    case shell::kTimeouts: return timeouts_;
    default: return engine_->read(offset);
  }
}

void Shell::write(uint32_t offset, uint32_t value) {
  auto set_half = [&](uint64_t &whole, bool is_high) {
    whole = is_high ? (whole & 0xffffffffull) | (static_cast<uint64_t>(value) << 32) : (whole & ~0xffffffffull) | value;
  };
  if (is_gone_) {
    return;
  }
  switch (offset) {
    case shell::kSubmissionsLow:
    case shell::kSubmissionsHigh: set_half(ring_[0], offset == shell::kSubmissionsHigh); break;
    case shell::kCompletionsLow:
    case shell::kCompletionsHigh: set_half(ring_[1], offset == shell::kCompletionsHigh); break;
    case shell::kEntries: entries_ = value; break;
    case shell::kDeadlineCycles: deadline_cycles_ = value; break;
    case shell::kEnable:
      disable();
      enabled_ = value == 1 && enable() ? 1 : 0;
      break;
    case shell::kDoorbell:
      // The host cannot have written more than the ring holds.
      tail_ = value - finished_ <= entries_ ? value : tail_;
      break;
    case ESTREAM_CARD_REG_CONTROL:
      if ((value & ESTREAM_CARD_CONTROL_RESET) != 0) {
        disable();
        is_stuck_ = false;
      }
      engine_->write(offset, value);
      break;
    default: engine_->write(offset, value); break;
  }
}

bool Shell::enable() {
  bool is_power = entries_ >= 2 && entries_ <= kRingMax && (entries_ & (entries_ - 1)) == 0;
  if (!is_power) {
    return false;
  }
  submissions_ = reinterpret_cast<const estream_card_submission *>(dma_->find(ring_[0], entries_ * sizeof(estream_card_submission)));
  completions_ = reinterpret_cast<estream_card_completion *>(dma_->find(ring_[1], entries_ * sizeof(estream_card_completion)));
  pending_.assign(entries_, Pending{});
  return submissions_ != nullptr && completions_ != nullptr;
}

// Forgets what is under way; the rings start again at slot 0.
void Shell::disable() {
  enabled_ = 0;
  tail_ = fetched_ = finished_ = produced_ = open_ = 0;
  by_deadline_.clear();
  has_next_ = false;
}

uint64_t Shell::run(uint64_t most) {
  uint64_t begin = cycles_;
  estream_card_completion completion;
  while (cycles_ - begin < most && !is_gone_ && !is_idle()) {
    bool offers = has_next_ || prepare_next();
    Engine::Cycle cycle = engine_->step(offers ? &next_ : nullptr, &completion);
    cycles_++;
    if (offers && cycle.taken) {
      has_next_ = false;
      fetched_++;
      open_++;
    }
    if (cycle.completed) {
      complete(&completion);
    }
    if (!by_deadline_.empty() && deadline_cycles_ != 0) {
      expire();
    }
  }
  return cycles_ - begin;
}

// Fetches a submission. The engines get a tag instead of its user data, so that an answer after its deadline is recognized.
bool Shell::prepare_next() {
  if (fetched_ == tail_) {
    return false;
  }
  uint32_t slot = fetched_ & (entries_ - 1);
  next_ = submissions_[slot];
  pending_[slot] = {next_.user_data, cycles_ + deadline_cycles_, fetched_, true};
  next_.user_data = fetched_;
  has_next_ = true;
  if (deadline_cycles_ != 0) {
    by_deadline_.push_back(fetched_);
  }
  return true;
}

void Shell::complete(estream_card_completion *completion) {
  Pending &pending = pending_[completion->user_data & (entries_ - 1)];
  if (!pending.is_open || pending.tag != completion->user_data) {
    // Its deadline has passed, and the timeout was reported.
    return;
  }
  pending.is_open = false;
  open_--;
  finished_++;
  completion->user_data = pending.user_data;
  Faults::Fault fault;
  if (faults_.any() && faults_.due(&fault) && !apply(fault, completion)) {
    return;
  }
  publish(*completion, false);
}

// Returns false if this completion must not be published, or was already published.
bool Shell::apply(const Faults::Fault &fault, estream_card_completion *completion) {
  switch (fault.kind) {
    case ESF_FAULT_VANISH:
      is_gone_ = true;
      return false;
    case ESF_FAULT_DROP: return false;
    case ESF_FAULT_DMA_ERROR:
      completion->status = ESTREAM_CARD_STATUS_DMA_ERROR;
      return true;
    case ESF_FAULT_ECC:
      completion->status = ESTREAM_CARD_STATUS_ECC;
      return true;
    case ESF_FAULT_STUCK:
      is_stuck_ = true;
      return false;
    case ESF_FAULT_FLIP:
      completion->info ^= 1u << (fault.seed % 32);
      completion->data ^= 1ull << (fault.seed % 64);
      return true;
    case ESF_FAULT_STALE:
      publish(*completion, true);
      return false;
    case ESF_FAULT_RESET:
      disable();
      engine_->reset();
      return false;
    default:
      publish(*completion, false);
      return true;
  }
}

void Shell::publish(estream_card_completion completion, bool is_stale) {
  bool phase = (produced_ & entries_) == 0;
  completion.flags = static_cast<uint8_t>((completion.flags & ~ESTREAM_CARD_COMPLETION_PHASE) | (phase != is_stale ? ESTREAM_CARD_COMPLETION_PHASE : 0));
  estream_card_completion *slot = &completions_[produced_ & (entries_ - 1)];
  slot->user_data = completion.user_data;
  slot->sequence = completion.sequence;
  slot->data = completion.data;
  uint64_t last;
  std::memcpy(&last, reinterpret_cast<const char *>(&completion) + 8, sizeof(last));
  // The host reads the phase first, with acquire: a host that sees the new phase sees the rest.
  __atomic_store_n(reinterpret_cast<uint64_t *>(slot) + 1, last, __ATOMIC_RELEASE);
  produced_++;
}

void Shell::expire() {
  while (!by_deadline_.empty()) {
    Pending &pending = pending_[by_deadline_.front() & (entries_ - 1)];
    bool is_open = pending.is_open && pending.tag == by_deadline_.front();
    if (is_open && pending.deadline > cycles_) {
      return;
    }
    if (is_open) {
      bool was_taken = !(has_next_ && pending.tag == fetched_);
      pending.is_open = false;
      finished_++;
      timeouts_++;
      if (was_taken) {
        open_--;
      } else {
        // The engines never took it, and it is not offered again.
        has_next_ = false;
        fetched_++;
      }
      estream_card_completion completion{};
      completion.user_data = pending.user_data;
      completion.status = ESTREAM_CARD_STATUS_TIMEOUT;
      publish(completion, false);
    }
    by_deadline_.pop_front();
  }
}

}  // namespace estream

#include "rtl_engine.h"

#include <algorithm>
#include <cstring>

#include <verilated.h>

#include "Vestream_card.h"

namespace estream {

namespace {

constexpr uint32_t kBeat = 64;
constexpr uint32_t kMostBytes = ESTREAM_CARD_PAYLOAD_BYTES;
constexpr int kResetCycles = 4;

// A register that does not answer within this many cycles belongs to a card that hangs.
constexpr int kAccessCycles = 1 << 16;

}  // namespace

RtlEngine::RtlEngine(DmaMap *dma, uint64_t seed)
    : dma_(dma), context_(std::make_unique<VerilatedContext>()), random_(seed) {
  context_->randReset(0);
  card_ = std::make_unique<Vestream_card>(context_.get(), "card");
  reset();
}

RtlEngine::~RtlEngine() { card_->final(); }

void RtlEngine::reset() {
  forget();
  reads_.clear();
  is_driving_ = false;
  card_->fault = 0;
  card_->reg_valid = 0;
  card_->rst_n = 0;
  for (int cycle = 0; cycle < kResetCycles; cycle++) {
    tick();
  }
  card_->rst_n = 1;
}

void RtlEngine::forget() {
  is_held_ = was_taken_ = false;
  card_->sq_valid = 0;
  done_.clear();
}

Engine::Cycle RtlEngine::step(const estream_card_submission *offered, estream_card_completion *completion) {
  Cycle result{was_taken_, false};
  was_taken_ = false;
  if (offered != nullptr && !is_held_ && !result.taken) {
    static_assert(sizeof(*offered) == sizeof(card_->sq_data), "a submission is as wide as the port");
    std::memcpy(&card_->sq_data, offered, sizeof(*offered));
    card_->sq_valid = 1;
    is_held_ = true;
  }
  tick();
  result.taken |= was_taken_;
  was_taken_ = false;
  if (!done_.empty()) {
    *completion = done_.front();
    done_.pop_front();
    result.completed = true;
  }
  return result;
}

// One cycle: the card's outputs before the edge decide what moves at the edge.
void RtlEngine::tick() {
  card_->cq_ready = !stalls();
  card_->rd_ready = !stalls();
  card_->wr_ready = !stalls();
  card_->wr_error = 0;
  drive_read_data();
  card_->clk = 0;
  card_->eval();
  if (card_->wr_valid && card_->wr_ready) {
    do_write();
  }
  if (card_->cq_valid && card_->cq_ready) {
    estream_card_completion completion;
    static_assert(sizeof(completion) == sizeof(card_->cq_data), "a completion is as wide as the port");
    std::memcpy(&completion, &card_->cq_data, sizeof(completion));
    done_.push_back(completion);
  }
  is_accessed_ = card_->reg_valid && card_->reg_ready;
  register_ = card_->reg_rdata;
  bool takes_submission = card_->sq_valid && card_->sq_ready;
  bool takes_data = card_->rs_valid && card_->rs_ready;
  if (card_->rd_valid && card_->rd_ready) {
    take_read();
  }
  card_->clk = 1;
  card_->eval();
  if (takes_submission) {
    card_->sq_valid = 0;
    is_held_ = false;
    was_taken_ = true;
  }
  if (takes_data) {
    Read &read = reads_.front();
    read.done += kBeat;
    is_driving_ = false;
    if (card_->rs_last) {
      reads_.pop_front();
    }
  }
}

// Drives the next beat of the oldest read request. Once offered, a beat stays until it is taken.
void RtlEngine::drive_read_data() {
  if (is_driving_) {
    return;
  }
  card_->rs_valid = !reads_.empty() && !stalls();
  if (!card_->rs_valid) {
    return;
  }
  const Read &read = reads_.front();
  uint32_t bytes = std::min(kBeat, read.bytes - read.done);
  const uint8_t *memory = dma_->find(read.address + read.done, bytes);
  std::memset(&card_->rs_data, 0, sizeof(card_->rs_data));
  if (memory != nullptr) {
    std::memcpy(&card_->rs_data, memory, bytes);
  }
  card_->rs_error = memory == nullptr;
  card_->rs_last = memory == nullptr || read.done + bytes == read.bytes;
  is_driving_ = true;
}

void RtlEngine::take_read() {
  uint32_t bytes = static_cast<uint32_t>(card_->rd_bytes);
  reads_.push_back({card_->rd_address, std::clamp(bytes, 1u, kMostBytes), 0});
}

void RtlEngine::do_write() {
  uint32_t bytes = std::min<uint32_t>(static_cast<uint32_t>(card_->wr_bytes), sizeof(card_->wr_data));
  uint8_t *memory = dma_->find(card_->wr_address, bytes);
  if (memory != nullptr) {
    std::memcpy(memory, &card_->wr_data, bytes);
    return;
  }
  card_->wr_error = 1;
  card_->eval();
}

uint32_t RtlEngine::access(uint32_t offset, bool is_write, uint32_t value) {
  card_->reg_valid = 1;
  card_->reg_write = is_write;
  card_->reg_address = offset & 0xfff;
  card_->reg_wdata = value;
  uint32_t data = 0xffffffffu;
  for (int cycle = 0; cycle < kAccessCycles; cycle++) {
    tick();
    if (is_accessed_) {
      data = register_;
      break;
    }
  }
  card_->reg_valid = 0;
  return data;
}

void RtlEngine::write(uint32_t offset, uint32_t value) {
  access(offset, true, value);
  if (offset == ESTREAM_CARD_REG_CONTROL && (value & ESTREAM_CARD_CONTROL_RESET) != 0) {
    forget();
  }
}

// Only with a seed: about one cycle in four.
bool RtlEngine::stalls() {
  if (random_ == 0) {
    return false;
  }
  random_ ^= random_ << 13;
  random_ ^= random_ >> 7;
  random_ ^= random_ << 17;
  return (random_ >> 60) < 4;
}

}  // namespace estream

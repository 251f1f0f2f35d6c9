// A peer of the product's client in `modbus-poll`: libmodbus, which sends a request and waits for its response on the calling thread.
#include "contender.h"

#include <modbus/modbus.h>

#include <cerrno>
#include <string>
#include <vector>

namespace peers {

namespace {

constexpr int kFirstRegister = 1;

class ModbusPoll final : public Contender {
public:
    explicit ModbusPoll(const Arguments& arguments)
        : polls_(arguments.Number("polls")), registers_(arguments.Number("registers")),
          context_(modbus_new_tcp("127.0.0.1", static_cast<int>(arguments.Number("port")))) {
        if (context_ == nullptr || modbus_set_slave(context_, 1) != 0 || modbus_connect(context_) != 0) {
            Fail(std::string("libmodbus: ") + modbus_strerror(errno));
        }
    }

    ~ModbusPoll() override {
        modbus_close(context_);
        modbus_free(context_);
    }

    RunResult Run() override {
        uint64_t sum = 0;
        RoundTimer timer;
        for (uint64_t poll = 0; poll < polls_; poll++) {
            if (modbus_read_registers(context_, kFirstRegister, static_cast<int>(registers_.size()), registers_.data()) < 0) {
                Fail(std::string("libmodbus: ") + modbus_strerror(errno));
            }
            sum += registers_.back();
        }
        RunResult result = timer.Stop(polls_);
        result.check = sum;
        return result;
    }

private:
    uint64_t polls_;
    std::vector<uint16_t> registers_;
    modbus_t* context_;
};

const Registration poll("modbus-poll", [](const Arguments& arguments) -> std::unique_ptr<Contender> {
    return std::make_unique<ModbusPoll>(arguments);
});

}  // namespace

}  // namespace peers

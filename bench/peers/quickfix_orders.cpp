// The `quickfix` row of `fix-parse`: the orders of FixParseContender, each read into numbers and times by QuickFIX.
#include "contender.h"
#include "quickfix_engine.h"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <vector>

namespace peers {

namespace {

constexpr uint64_t kMessages = 256;

std::string Message(unsigned number) {
    char fields[256];
    std::snprintf(fields, sizeof fields,
                  "35=D|34=%u|49=DESK|52=20260707-12:30:00.123|56=VENUE|11=order-%05u|21=1|55=SYM%02u|54=%u|"
                  "60=20260707-12:30:00.123|38=%u|40=2|44=%u.%02u|59=0|",
                  number + 1, number, number % 100, 1 + (number % 2), 100 * (number + 1), 100 + number, 25 * (number % 4));
    std::string text = "8=FIX.4.4|9=" + std::to_string(std::string(fields).size()) + "|" + fields;
    std::replace(text.begin(), text.end(), '|', '\x01');
    unsigned sum = 0;
    for (char one : text) {
        sum += static_cast<unsigned char>(one);
    }
    char trailer[8];
    std::snprintf(trailer, sizeof trailer, "10=%03u\x01", sum & 0xFF);
    return text + trailer;
}

class ParsedOrders final : public Contender {
public:
    explicit ParsedOrders(const Arguments& arguments) : operations_(arguments.Number("operations")), orders_(QuickFixOrders::Make()) {
        for (unsigned number = 0; number < kMessages; number++) {
            messages_.push_back(Message(number));
        }
    }

    RunResult Run() override {
        try {
            uint64_t sum = 0;
            RoundTimer timer;
            for (uint64_t i = 0; i < operations_; i++) {
                sum += orders_->Read(messages_[i % kMessages]);
            }
            RunResult result = timer.Stop(operations_);
            result.check = sum;
            return result;
        } catch (const std::exception& failure) {
            Fail(failure.what());
        }
    }

private:
    uint64_t operations_;
    std::unique_ptr<QuickFixOrders> orders_;
    std::vector<std::string> messages_;
};

const Registration registration("quickfix-orders", [](const Arguments& arguments) -> std::unique_ptr<Contender> {
    return std::make_unique<ParsedOrders>(arguments);
});

}  // namespace

}  // namespace peers

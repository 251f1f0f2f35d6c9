// The QuickFIX acceptor of `fix-roundtrip`. The connecting process measures the acceptor, which ends when its input
// ends.
#include "contender.h"
#include "quickfix_engine.h"

#include <exception>

namespace peers {

namespace {

class QuickFixVenue final : public Contender {
public:
    explicit QuickFixVenue(const Arguments& arguments) {
        try {
            acceptor_ = QuickFixAcceptor::Start(static_cast<int>(arguments.Number("port")), arguments.Text("dictionary"), arguments.Text("store"));
        } catch (const std::exception& failure) {
            Fail(failure.what());
        }
    }

    RunResult Run() override { Fail("quickfix-acceptor has no rounds: the connecting process measures it"); }

private:
    std::unique_ptr<QuickFixAcceptor> acceptor_;
};

const Registration acceptor("quickfix-acceptor", [](const Arguments& arguments) -> std::unique_ptr<Contender> {
    return std::make_unique<QuickFixVenue>(arguments);
});

}  // namespace

}  // namespace peers

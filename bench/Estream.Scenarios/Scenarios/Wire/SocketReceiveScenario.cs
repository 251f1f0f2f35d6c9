using Estream.Scenarios.Harness;
using Estream.Scenarios.Product;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Scenarios;

/// <summary>Compares the processor time to receive from sockets: the socket loop of the MQTT endpoint, and system calls in C++.</summary>
internal sealed class SocketReceiveScenario : IScenario
{
    private const int BurstMessages = 16;
    private const long Millisecond = 1_000_000;

    public string Name => "socket-receive";

    public string Summary => "processor time to receive a message of 100 bytes from one of ten TCP connections";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
        [Case("1000-a-second", burst: 1, Millisecond), Case("bursts", BurstMessages, intervalNanos: 1)];

    private static ScenarioCase Case(string name, int burst, long intervalNanos)
    {
        SocketWorkload Workload(RunSize size) => new(size, burst, intervalNanos);
        return new ScenarioCase(
            name,
            Reference: "epoll-cpp",
            Contender.Native("epoll-cpp", "receive-epoll", size => Workload(size).NativeArguments) with { IsWithoutFiles = true },
            Contender.Managed("estream", context => new SocketReceiveContender(Workload(context.Size))) with { IsWithoutFiles = true },
            Contender.Native("io_uring-cpp", "receive-uring", size => Workload(size).NativeArguments) with
            {
                IsWithoutFiles = true,
                IsPeer = true,
            });
    }
}

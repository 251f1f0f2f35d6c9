using Estream.Scenarios.Harness;
using Estream.Scenarios.Peers;
using Estream.Scenarios.Product;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Scenarios;

/// <summary>
/// Hands messages from a writer on one processor to a reader on another, which reads the first and the last word.
/// The writer is ahead of the reader by at most a window.
/// `estream` publishes every message separately; `estream-coarse` publishes batches of 1024. `log-cpp-coarse` is `floor-cpp-coarse` with
/// a ring as large as the log and with the frame format of the log.
/// </summary>
internal sealed class HandoffThroughputScenario : IScenario
{
    public string Name => "handoff-throughput";

    public string Summary => "hand 64-byte messages from a writer to a reader on another processor";

    public Unit Unit => Unit.OperationsPerSecond;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
    [
        new ScenarioCase(
            "64B",
            Reference: "floor-cpp",
            Floor("floor-cpp", 1),
            Contender.Managed("estream", context => new QueueHandoffContender(context, 1)) with { Target = Target.AtLeast(50_000_000) },
            Contender.Managed("estream-coarse", context => new QueueHandoffContender(context, HandoffWorkload.CoarseMessages)) with
            {
                Target = Target.AtLeast(100_000_000, aim: 250_000_000),
            },
            Floor("floor-cpp-coarse", HandoffWorkload.CoarseMessages) with { IsPeer = true },
            Contender.Native("log-cpp-coarse", "handoff-throughput-log",
                size => new HandoffWorkload(size).LogThroughputArguments(HandoffWorkload.CoarseMessages)) with
            {
                IsPeer = true,
            },
            Contender.Native("tbb", "tbb-handoff",
                size => new HandoffWorkload(size).QueueArguments(ChannelHandoffContender.PortionOfMessages)) with
            {
                IsPeer = true,
                Portion = ChannelHandoffContender.PortionOfMessages,
            },
            Contender.Managed("channels", context => new ChannelHandoffContender(context)) with
            {
                IsPeer = true,
                Portion = ChannelHandoffContender.PortionOfMessages,
            }),
    ];

    private static Contender Floor(string implementation, int batch) =>
        Contender.Native(implementation, "handoff-throughput", size => new HandoffWorkload(size).ThroughputArguments(batch));
}

/// <summary>
/// The time that a message takes to another processor, whose thread only polls, at 200,000 messages a second. The reference
/// is the theoretical minimum: the transfer of one cache line. `floor-cpp-frame` is a message of the same size in C++.
/// </summary>
internal sealed class HandoffLatencyScenario : IScenario
{
    public string Name => "handoff-latency";

    public string Summary => "one-way time of a 64-byte message to a reader on another processor, 200 k/s; the floor is one cache line";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
    [
        new ScenarioCase(
            "64B",
            Reference: "floor-cpp",
            Contender.Native("floor-cpp", "line-transfer", size => new HandoffWorkload(size).LatencyArguments),
            Contender.Managed("estream", context => new QueueLatencyContender(context)) with { Target = Target.AtMost(1.5, aim: 1.1) },
            Contender.Native("floor-cpp-frame", "handoff-latency", size => new HandoffWorkload(size).LatencyArguments) with
            {
                IsPeer = true,
            })
        {
            ComparesP50 = true,
        },
    ];
}

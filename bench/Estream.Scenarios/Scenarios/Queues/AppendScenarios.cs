using Estream.Queue;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Peers;
using Estream.Scenarios.Product;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Scenarios;

/// <summary>
/// Appends 64 bytes to a log whose segments are recycled. Every message is stamped in the caller's buffer first,
/// as by a producer that builds its messages; both sides pay for that. Neither side has a checksum.
/// </summary>
internal sealed class AppendScenario : IScenario
{
    public string Name => "append";

    public string Summary => "append a 64-byte message, exclusive appender, recycled segments, no frame checksum";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
    [
        new ScenarioCase(
            "64B",
            Reference: "floor-cpp",
            Contender.Native("floor-cpp", "append", size => new LogWorkload(size).AppendArguments),
            Contender.Managed("estream", context => new QueueAppendContender(context, FrameChecksum.None)) with
            {
                Target = Target.AtMost(1.35, aim: 1.1),
            },
            Contender.Managed("channels", context => new ChannelContender(context, ChannelContender.Half.Write)) with { IsPeer = true },
            Contender.Managed("faster-log", context => new FasterLogAppendContender(context)) with { IsPeer = true }),
    ];
}

/// <summary>`append` with the checksum that is a queue's default; the floor has none, as in `append`.</summary>
internal sealed class AppendChecksumScenario : IScenario
{
    public string Name => "append-checksum";

    public string Summary => "append a 64-byte message with the default frame checksum; the floor has none";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
    [
        new ScenarioCase(
            "64B",
            Reference: "floor-cpp",
            Contender.Native("floor-cpp", "append", size => new LogWorkload(size).AppendArguments),
            Contender.Managed("estream", context => new QueueAppendContender(context, FrameChecksum.Crc32C)) with
            {
                Target = Target.AtMost(2.5, aim: 1.8),
            },
            Encrypted("estream-encrypted", messagesPerBlock: 1),
            Encrypted("estream-encrypted-64", messagesPerBlock: 64)),
    ];

    private static Contender Encrypted(string implementation, int messagesPerBlock) =>
        Contender.Managed(implementation, context => new QueueEncryptedAppendContender(context, messagesPerBlock)) with
        {
            IsPeer = true,
            Portion = QueueEncryptedAppendContender.Portion,
        };
}

/// <summary>
/// Several threads append to one log, each with its own appender: the cost of a message is the total time divided by all messages.
/// Both sides reserve a message's position by one atomic addition; neither has a checksum. <c>claims-cpp</c> also announces each claim, so
/// it is the floor of a log that survives the death of a writer.
/// </summary>
internal sealed class AppendSharedScenario : IScenario
{
    public string Name => "append-shared";

    public string Summary => "append a 64-byte message, shared appenders, one and two writers, recycled segments, no frame checksum";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } = [Case("1-writer", 1), Case("2-writers", 2)];

    private static ScenarioCase Case(string name, int writers) => new(
        name,
        Reference: "floor-cpp",
        Contender.Native("floor-cpp", "append-shared", size => new LogWorkload(size).SharedArguments(writers)),
        Contender.Native("claims-cpp", "append-shared-claims", size => new LogWorkload(size).SharedArguments(writers)) with
        {
            IsPeer = true,
        },
        Contender.Managed("estream", context => new QueueSharedContender(context, FrameChecksum.None, writers)) with
        {
            Target = Target.AtMost(1.6, aim: 1.2),
        },
        Contender.Managed("estream-crc32c", context => new QueueSharedContender(context, FrameChecksum.Crc32C, writers)) with
        {
            IsPeer = true,
        });
}

/// <summary>
/// Appends ten million messages a second into new segments, on pages that were never used: the cost of a message from the call
/// to the return, without clock readings and pacing. The floor touches its pages itself, one page fault after the other.
/// </summary>
internal sealed class AppendFreshScenario : IScenario
{
    public string Name => "append-fresh";

    public string Summary => "append a 64-byte message at 10 M/s into new segments; time from call to return";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
    [
        new ScenarioCase(
            "64B",
            Reference: "floor-cpp",
            Contender.Native("floor-cpp", "append-fresh", size => new LogWorkload(size).FreshArguments),
            Contender.Managed("estream", context => new QueueFreshContender(context)) with
            {
                Target = new Target([Goal.P50Below(15), Goal.P999Below(1000)], [Goal.NoPageFault]),
            }),
    ];
}

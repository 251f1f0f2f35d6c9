using Estream.Queue;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Peers;
using Estream.Scenarios.Product;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Scenarios;

/// <summary>
/// Appending 64 bytes to a log whose segments are recycled. Every message is stamped in the caller's buffer first,
/// as a producer does that builds what it appends; both sides pay that. The ratio is without a checksum, which the floor has
/// not either; with the one that is a queue's default it is a row of its own.
/// </summary>
internal sealed class AppendScenario : IScenario
{
    public string Name => "append";

    public string Summary => "append a 64-byte message, exclusive appender, recycled segments, without and with frame checksum";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
    [
        new ScenarioCase(
            "64B",
            [
                Contender.Native("floor-cpp", "append", NativeArguments),
                Contender.Managed("estream", context => new QueueAppendContender(context, FrameChecksum.None)),
                Contender.Managed("estream-crc32c", context => new QueueAppendContender(context, FrameChecksum.Crc32C)),
                Contender.Managed("channels", context => new ChannelContender(context, ChannelContender.Half.Write), isPeer: true),
            ],
            Reference: "floor-cpp",
            Target.AtMost(1.5)),
    ];

    private static string NativeArguments(RunSize size)
    {
        var workload = new LogWorkload(size);
        return $"--segment-bytes {workload.SegmentBytes} --segments {workload.RetainedSegments} --messages {workload.AppendedMessages}";
    }
}

using Estream.Scenarios.Harness;
using Estream.Scenarios.Peers;
using Estream.Scenarios.Product;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Scenarios;

/// <summary>Reads a filled log from its start: both sides read the first and the last word of every message.</summary>
internal sealed class ReadScenario : IScenario
{
    public string Name => "read";

    public string Summary => "read the first and the last word of the next 64-byte message of a filled log";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
    [
        new ScenarioCase(
            "64B",
            Reference: "floor-cpp",
            Contender.Native("floor-cpp", "read", size => new LogWorkload(size).ReadArguments),
            Contender.Managed("estream", context => new QueueReadContender(context)) with { Target = Target.AtMost(1.4, aim: 1.1) },
            Contender.Managed("channels", context => new ChannelContender(context, ChannelContender.Half.Read)) with { IsPeer = true },
            Contender.Managed("faster-log", context => new FasterLogReadContender(context)) with { IsPeer = true },
            Encrypted("estream-encrypted", messagesPerBlock: 1),
            Encrypted("estream-encrypted-64", messagesPerBlock: 64)),
    ];

    private static Contender Encrypted(string implementation, int messagesPerBlock) =>
        Contender.Managed(implementation, context => new QueueEncryptedReadContender(context, messagesPerBlock)) with
        {
            IsPeer = true,
            Portion = QueueEncryptedReadContender.Portion,
        };
}

using Estream.Scenarios.Harness;
using Estream.Scenarios.Peers;
using Estream.Scenarios.Product;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Scenarios;

/// <summary>
/// Appends over one loopback TCP connection, up to 4 MiB unacknowledged; a round ends with the last acknowledgement. Compares equal
/// durability: the page cache of the server, or its disk. The client of Redis sends commands that were encoded beforehand, so its row is
/// faster than with a client library.
/// </summary>
internal sealed class RemoteAppendScenario : IScenario
{
    public string Name => "remote-append";

    public string Summary => "append 100-byte messages in batches over one TCP connection, until the server has acknowledged them";

    public Unit Unit => Unit.OperationsPerSecond;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
    [
        new ScenarioCase(
            "100B",
            Reference: "redis",
            Redis("redis", AppendOnlyFile.PageCache, isDurable: false),
            Redis("redis-memory", AppendOnlyFile.None, isDurable: false) with { IsPeer = true },
            Estream(DurabilityLevels.PageCache, isDurable: false) with { Target = Target.AtLeast(1_000_000) }),
        new ScenarioCase(
            "100B-durable",
            Reference: "redis",
            Redis("redis", AppendOnlyFile.Flushed, isDurable: true) with { Storage = Storage.Disk },
            Estream(DurabilityLevels.GroupCommit, isDurable: true) with { Storage = Storage.Disk }),
    ];

    private static Contender Redis(string name, AppendOnlyFile file, bool isDurable) =>
        Contender.Managed(name, context => new RespAppendContender(
            new RedisServer(context.Directory, file), RemoteWorkload.Messages(context.Size, isDurable))) with
        {
            IsBuilt = RedisServer.IsInstalled,
        };

    private static Contender Estream(string level, bool isDurable) =>
        Contender.Managed("estream", context => new RemoteAppendContender(
            context.Directory, level, RemoteWorkload.Messages(context.Size, isDurable))) with
        {
            // The files are those of the host, which is another process.
            IsWithoutFiles = true,
        };
}

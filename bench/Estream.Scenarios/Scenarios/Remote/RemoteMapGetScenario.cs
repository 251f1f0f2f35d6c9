using Estream.Scenarios.Harness;
using Estream.Scenarios.Peers;
using Estream.Scenarios.Product;

namespace Estream.Scenarios.Scenarios;

/// <summary>
/// Gets an entry from a map of a server over one loopback TCP connection, one get at a time. The rows <c>redis</c>, <c>garnet</c> and
/// <c>estream-socket</c> use the same blocking socket and compare the servers. The row <c>estream</c> uses <c>Estream.Client</c>.
/// </summary>
internal sealed class RemoteMapGetScenario : IScenario
{
    public string Name => "remote-map-get";

    public string Summary => "get a 100-byte value by a 16-byte key over one TCP connection, one get at a time";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
    [
        new ScenarioCase(
            "100B",
            Reference: "redis",
            Contender.Managed("redis", context => new RespGetContender(
                new RedisServer(context.Directory, AppendOnlyFile.None), context.Size)) with
            {
                IsBuilt = RedisServer.IsInstalled,
            },
            Contender.Managed("garnet", context => new RespGetContender(new GarnetPeer(), context.Size)) with { IsPeer = true },
            Contender.Managed("estream-socket", context => new RemoteSocketGetContender(context)) with
            {
                IsPeer = true,
                IsWithoutFiles = true,
            },
            Contender.Managed("estream", context => new RemoteMapGetContender(context)) with
            {
                Target = new Target([Goal.P99Below(100_000)], []),
                IsWithoutFiles = true,
            })
        {
            ComparesP50 = true,
        },
    ];
}

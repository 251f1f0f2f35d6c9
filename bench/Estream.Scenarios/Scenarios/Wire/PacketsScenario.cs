using Estream.Net;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Peers.Packets;
using Estream.Scenarios.Product;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Scenarios;

/// <summary>Packets from one network namespace to another without a loss: the transports of the product against the plain system
/// calls.</summary>
internal sealed class PacketsScenario : IScenario
{
    public string Name => "packets";

    public string Summary => "a UDP packet of 64 bytes from one network namespace to another, at zero loss; as root only";

    public Unit Unit => Unit.OperationsPerSecond;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
    [
        new ScenarioCase(
            "64B",
            Reference: "sendmmsg",
            Row("sendmmsg", namespaces => new MessagePath(namespaces)),
            Row("af_xdp", namespaces => new TransportPath(namespaces, PacketTransportKind.AfXdp)) with
            {
                Target = new Target([Goal.AtLeastTimes(2)], []),
                IsBuilt = PacketNamespaces.HasXdp,
            },
            Row("udp", namespaces => new TransportPath(namespaces, PacketTransportKind.Udp)) with { IsPeer = true }),
    ];

    private static Contender Row(string implementation, Func<PacketNamespaces, PacketPath> open) =>
        Contender.Managed(implementation, context => new PacketContender(context, open)) with
        {
            IsWithoutFiles = true,
            IsBuilt = PacketNamespaces.CanCreate,
        };
}

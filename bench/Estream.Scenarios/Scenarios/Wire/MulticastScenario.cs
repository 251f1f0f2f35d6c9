using Estream.Net;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Peers.Packets;
using Estream.Scenarios.Product;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Scenarios;

/// <summary>The time of a message from a queue over the network into the copy of the queue, beside a plain packet.</summary>
internal sealed class MulticastScenario : IScenario
{
    public string Name => "multicast";

    public string Summary => "one-way time of a 64-byte message, queue to network to copy, 20 k/s; the floor is a UDP packet; as root only";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
    [
        new ScenarioCase(
            "64B",
            Reference: "sendmmsg",
            Row("sendmmsg", (_, namespaces) => new PacketRoute(new MessagePath(namespaces))),
            Row("estream", (context, namespaces) => new QueueRoute(context, namespaces, PacketTransportKind.Udp)),
            Row("estream-af_xdp", (context, namespaces) => new QueueRoute(context, namespaces, PacketTransportKind.AfXdp)) with
            {
                IsBuilt = PacketNamespaces.HasXdp,
                IsPeer = true,
            },
            Row("af_xdp", (_, namespaces) => new PacketRoute(new TransportPath(namespaces, PacketTransportKind.AfXdp))) with
            {
                IsBuilt = PacketNamespaces.HasXdp,
                IsPeer = true,
            })
        {
            ComparesP50 = true,
        },
    ];

    private static Contender Row(string implementation, Func<ContenderContext, PacketNamespaces, MessageRoute> open) =>
        Contender.Managed(implementation, context => new RouteContender(context, open)) with { IsBuilt = PacketNamespaces.CanCreate };
}

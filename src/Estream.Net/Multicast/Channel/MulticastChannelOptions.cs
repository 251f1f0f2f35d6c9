using System.Net;
using System.Net.Sockets;
using Estream.Core;

namespace Estream.Net.Multicast;

/// <summary>Options for opening a <see cref="MulticastChannel"/>.</summary>
public sealed record MulticastChannelOptions
{
    private const int DefaultBufferBytes = 4 << 20;

    /// <summary>The multicast group and its port. Or, for networks without multicast, the unicast address and port of the publisher: it
    /// then sends a packet to each receiver.</summary>
    public required IPEndPoint EndPoint { get; init; }

    /// <summary>The transport to use. Default: <see cref="PacketTransportKind.Auto"/>.</summary>
    public PacketTransportKind Transport { get; init; }

    /// <summary>The network interface, for example <c>eth0</c>. Null, the default, lets the kernel's routes choose; AF_XDP needs
    /// one.</summary>
    public string? Interface { get; init; }

    /// <summary>Whether group packets also reach programs on this machine. Not supported by AF_XDP. Not needed on the loopback interface.
    /// Default: false.</summary>
    public bool MulticastLoopback { get; init; }

    /// <summary>The number of routers that a group packet may pass, plus one: 1 to 255. Default: 1, the local network.</summary>
    public int MulticastTimeToLive { get; init; } = 1;

    /// <summary>The size of a frame in bytes, which limits <see cref="MulticastChannel.MaxPacketBytes"/>: 2,048 or 4,096. Default:
    /// 2,048.</summary>
    public int FrameBytes { get; init; } = 2048;

    /// <summary>The size of the kernel's socket buffers of UDP in bytes; 0 keeps the kernel's setting. A buffer smaller than the receive
    /// window of a subscriber loses packets. The kernel limits it to net.core.rmem_max and wmem_max, except for a process with
    /// CAP_NET_ADMIN. Default: 4 MiB.</summary>
    public int SocketBufferBytes { get; init; } = DefaultBufferBytes;

    /// <summary>The network namespace: a name of <c>ip netns</c>, or a path. Needs CAP_SYS_ADMIN. Null, the default, is the namespace of
    /// the calling thread.</summary>
    public string? NetworkNamespace { get; init; }

    /// <summary>
    /// The CPU to which <see cref="MulticastChannel.Run(MulticastSubscriber, CancellationToken, Action)"/> pins its thread while it runs.
    /// Null, the default, leaves the thread to the scheduler.
    /// </summary>
    public int? Cpu { get; init; }

    /// <summary>
    /// Whether Run polls without waiting. It then sends and receives within microseconds, and uses one CPU fully: set <see cref="Cpu"/>
    /// to a CPU that nothing else uses. Default: false.
    /// </summary>
    public bool BusyPoll { get; init; }

    internal bool IsGroup => new PacketAddress(EndPoint).IsMulticast;

    /// <summary>A transport that receives at a port of any local address.</summary>
    internal PacketTransportOptions TransportAt(int port) => new()
    {
        Transport = Transport,
        Interface = Interface,
        LocalEndPoint = new IPEndPoint(
            EndPoint.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, port),
        MulticastLoopback = MulticastLoopback,
        MulticastTimeToLive = MulticastTimeToLive,
        FrameBytes = FrameBytes,
        SocketBufferBytes = SocketBufferBytes,
        NetworkNamespace = NetworkNamespace,
    };

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(EndPoint);
        if (EndPoint.Port == 0)
        {
            throw new ArgumentException($"{nameof(EndPoint)} {EndPoint} has no port. Publisher and subscribers need the same one.");
        }

        if (Cpu is < 0 or > CpuAffinity.MaxCpu)
        {
            throw new ArgumentException($"{nameof(Cpu)} is {Cpu}. Use 0 to {CpuAffinity.MaxCpu}.");
        }

        if (Transport == PacketTransportKind.Memory)
        {
            throw new ArgumentException($"{nameof(Transport)} is {Transport}. Use Auto, Udp or AfXdp.");
        }
    }
}

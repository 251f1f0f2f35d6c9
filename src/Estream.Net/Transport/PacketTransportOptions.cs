using System.Net;
using System.Net.Sockets;
using System.Numerics;
using Estream.Core;

namespace Estream.Net;

/// <summary>Options for opening a <see cref="PacketTransport"/>.</summary>
public sealed record PacketTransportOptions
{
    /// <summary>The maximum number of multicast groups: the XDP program compares each one.</summary>
    public const int MaxGroups = 32;

    /// <summary>The transport to use. Default: <see cref="PacketTransportKind.Auto"/>.</summary>
    public PacketTransportKind Transport { get; init; }

    /// <summary>
    /// The network interface, for example <c>eth0</c>. AF_XDP needs one; if it is null, the interface that has the local address is used.
    /// UDP with an interface sends and receives only there (SO_BINDTODEVICE). Default: null.
    /// </summary>
    public string? Interface { get; init; }

    /// <summary>The receive queue of the interface that AF_XDP reads. Packets of other queues are received through the network stack.
    /// Default: 0.</summary>
    public int QueueId { get; init; }

    /// <summary>The address and port to receive at. The address may be <see cref="IPAddress.Any"/>; port 0 lets the kernel
    /// choose.</summary>
    public required IPEndPoint LocalEndPoint { get; init; }

    /// <summary>The destination of packets that name none. Default: null.</summary>
    public IPEndPoint? RemoteEndPoint { get; init; }

    /// <summary>The multicast groups to join, at most <see cref="MaxGroups"/>. Default: none.</summary>
    public IReadOnlyList<IPAddress> MulticastGroups { get; init; } = [];

    /// <summary>The number of routers that a multicast packet may pass, plus one: 1 to 255. Default: 1, the local network.</summary>
    public int MulticastTimeToLive { get; init; } = 1;

    /// <summary>Whether multicast packets are also delivered to receivers on this machine. Not supported by AF_XDP. Default:
    /// false.</summary>
    public bool MulticastLoopback { get; init; }

    /// <summary>The number of frames: half for receiving, half for sending. A power of two from 64 to 65,536. Default: 4,096.</summary>
    public int FrameCount { get; init; } = 4096;

    /// <summary>The size of a frame in bytes, with its headers: 2,048 or 4,096. Default: 2,048.</summary>
    public int FrameBytes { get; init; } = 2048;

    /// <summary>The maximum number of packets of a batch, 1 to 1,024, and at most a quarter of the frames. Default: 64.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>
    /// How long a receive may poll the driver before the kernel uses interrupts again, in microseconds; 0, the default, never polls.
    /// Needs CAP_NET_ADMIN and a driver with NAPI.
    /// </summary>
    public int BusyPollMicroseconds { get; init; }

    /// <summary>Whether the driver may sleep until this library wakes it (XDP_USE_NEED_WAKEUP), which saves system calls. Default:
    /// true.</summary>
    public bool UseNeedWakeup { get; init; } = true;

    /// <summary>Where the XDP program runs. Default: <see cref="XdpMode.Auto"/>.</summary>
    public XdpMode XdpMode { get; init; }

    /// <summary>Whether AF_XDP calculates UDP checksums of packets and verifies those of received packets. UDP sockets always do. Default:
    /// true.</summary>
    public bool UseChecksums { get; init; } = true;

    /// <summary>Whether UDP hands several packets to the kernel as one (UDP_SEGMENT, UDP_GRO), where the kernel supports it. Default:
    /// true.</summary>
    public bool UseSegmentationOffload { get; init; } = true;

    /// <summary>The size of the kernel's socket buffers of UDP in bytes; 0, the default, keeps the kernel's setting. The kernel limits it
    /// to net.core.rmem_max and wmem_max, except for a process with CAP_NET_ADMIN.</summary>
    public int SocketBufferBytes { get; init; }

    /// <summary>
    /// The network namespace of the transport: a name of <c>ip netns</c>, or a path such as <c>/proc/4711/ns/net</c>. Needs CAP_SYS_ADMIN.
    /// Null, the default, is the namespace of the calling thread.
    /// </summary>
    public string? NetworkNamespace { get; init; }

    /// <summary>The time source, which determines when link addresses are looked up again.</summary>
    public IClock Clock { get; init; } = SystemClock.Instance;

    internal bool IsIPv4 => LocalEndPoint.AddressFamily == AddressFamily.InterNetwork;

    internal int FramesPerDirection => FrameCount / 2;

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(LocalEndPoint);
        RequireRange(QueueId, 0, 4095, nameof(QueueId));
        RequireRange(FrameCount, 64, 1 << 16, nameof(FrameCount));
        RequireRange(BusyPollMicroseconds, 0, 1_000_000, nameof(BusyPollMicroseconds));
        RequireRange(SocketBufferBytes, 0, 1 << 30, nameof(SocketBufferBytes));
        RequireRange(MulticastTimeToLive, 1, 255, nameof(MulticastTimeToLive));
        RequireRange(MulticastGroups.Count, 0, MaxGroups, nameof(MulticastGroups));
        if (!BitOperations.IsPow2(FrameCount))
        {
            throw new ArgumentException($"{nameof(FrameCount)} is {FrameCount}. Use a power of two.");
        }

        RequireRange(BatchSize, 1, Math.Min(1024, FrameCount / 4), nameof(BatchSize));

        if (FrameBytes is not (2048 or 4096))
        {
            throw new ArgumentException($"{nameof(FrameBytes)} is {FrameBytes}. Use 2048 or 4096.");
        }

        ValidateAddresses();
    }

    private void ValidateAddresses()
    {
        if (RemoteEndPoint is { } remote && remote.AddressFamily != LocalEndPoint.AddressFamily)
        {
            throw new ArgumentException($"{nameof(RemoteEndPoint)} {remote} and {nameof(LocalEndPoint)} {LocalEndPoint} have different "
                + "address families. Use IPv4 or IPv6 for both.");
        }

        foreach (IPAddress group in MulticastGroups)
        {
            if (!new PacketAddress(group, 0).IsMulticast || group.AddressFamily != LocalEndPoint.AddressFamily)
            {
                throw new ArgumentException($"{nameof(MulticastGroups)} has {group}, which is not a multicast address of the family of "
                    + $"{nameof(LocalEndPoint)} {LocalEndPoint}.");
            }
        }
    }

    private static void RequireRange(int value, int least, int most, string name)
    {
        if (value < least || value > most)
        {
            throw new ArgumentException($"{name} is {value}. Use {least} to {most}.");
        }
    }
}

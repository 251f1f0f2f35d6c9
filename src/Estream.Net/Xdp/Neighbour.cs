using Estream.Net.Internal.Kernel;

namespace Estream.Net.Xdp;

/// <summary>A destination of an AF_XDP transport: the headers of its packets, if its link address is known.</summary>
internal sealed class Neighbour
{
    public byte[] Template { get; } = new byte[UdpFrame.HeaderBytes];

    public ulong IpSum { get; private set; }

    public ulong PseudoSum { get; private set; }

    /// <summary>Whether packets bypass the network stack; otherwise they go through it, and it resolves the link address.</summary>
    public bool IsResolved { get; private set; }

    /// <summary>The longest payload that bypasses the network stack: a longer one exceeds the MTU of the path, and the network stack
    /// fragments it.</summary>
    public int MaxPayload { get; private set; }

    /// <summary>The monotonic time of the next look at the kernel's tables; <see cref="long.MaxValue"/> for never.</summary>
    public long NextLookup { get; private set; }

    /// <summary>How often the kernel's tables were looked at since the link address is known.</summary>
    public int Lookups { get; set; }

    public void Resolve(ReadOnlySpan<byte> mac, NetworkDevice device, PacketAddress source, PacketAddress destination, int timeToLive,
        int mtu, long nextLookup)
    {
        UdpFrame.WriteTemplate(Template, device.Mac, mac, source, destination, timeToLive);
        IpSum = InternetChecksum.Sum(Template.AsSpan(UdpFrame.Ip, UdpFrame.IpHeaderBytes));
        PseudoSum = UdpFrame.PseudoHeaderSum(Template);
        MaxPayload = mtu - UdpFrame.IpHeaderBytes - UdpFrame.UdpHeaderBytes;
        (IsResolved, NextLookup) = (true, nextLookup);
    }

    public void UseKernel(long nextLookup) => (IsResolved, NextLookup) = (false, nextLookup);
}

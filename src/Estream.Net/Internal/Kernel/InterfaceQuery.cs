using System.Runtime.InteropServices;
using System.Text;

namespace Estream.Net.Internal.Kernel;

/// <summary>What the kernel says about a network interface in the namespace of a socket.</summary>
internal static unsafe class InterfaceQuery
{
    private const int NameBytes = 16;
    private const int RequestBytes = 40;
    private const int Ethtool = 0x8946;
    private const uint GetChannels = 0x3C;

    // struct ethtool_channels: the command, four maxima, then the counts of receive, send, other and combined queues.
    private const int ChannelWords = 9;
    private const int ChannelReceive = 5;
    private const int ChannelCombined = 8;

    /// <summary>Returns the interface, or null if the namespace has none of that name.</summary>
    /// <param name="socket">Any socket of the namespace.</param>
    /// <param name="name">The name of the interface.</param>
    public static NetworkDevice? Find(SafeHandle socket, string name)
    {
        byte* request = stackalloc byte[RequestBytes];
        if (name.Length is 0 or >= NameBytes || !Encoding.ASCII.TryGetBytes(name, new Span<byte>(request, NameBytes - 1), out _))
        {
            return null;
        }

        // SAFETY: struct ifreq has 40 bytes, which the stack has; its name is terminated, since stackalloc zeroes the memory and the last
        // byte of the name is not written. The kernel writes the answer after the name.
        int descriptor = KernelSocket.Descriptor(socket);
        if (NativeMethods.Control(descriptor, (nint)NativeMethods.InterfaceIndex, request) != 0)
        {
            return null;
        }

        int index = *(int*)(request + NameBytes);
        if (NativeMethods.Control(descriptor, (nint)NativeMethods.InterfaceMtu, request) != 0)
        {
            return null;
        }

        int mtu = *(int*)(request + NameBytes);
        return NativeMethods.Control(descriptor, (nint)NativeMethods.InterfaceHardwareAddress, request) != 0
            ? null
            : new NetworkDevice(name, index, mtu, new ReadOnlySpan<byte>(request + NameBytes + 2, MacAddress.Bytes).ToArray(),
                IsEthernet: *(ushort*)(request + NameBytes) == NetworkDevice.Ethernet, ReceiveQueues(descriptor, request));
    }

    /// <returns>The number of receive queues; 0 if the driver does not say.</returns>
    private static int ReceiveQueues(int descriptor, byte* request)
    {
        uint* channels = stackalloc uint[ChannelWords];
        channels[0] = GetChannels;

        // SAFETY: the request has 40 bytes and begins with the name; the pointer follows the name, and the kernel writes the nine words.
        *(uint**)(request + NameBytes) = channels;
        return NativeMethods.Control(descriptor, Ethtool, request) == 0
            ? (int)(channels[ChannelReceive] + channels[ChannelCombined])
            : 0;
    }
}

/// <summary>A network interface.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Index">Its index in its namespace.</param>
/// <param name="Mtu">The largest IP packet in bytes.</param>
/// <param name="Mac">Its hardware address.</param>
/// <param name="IsEthernet">Whether its frames have Ethernet headers.</param>
/// <param name="ReceiveQueues">The number of its receive queues; 0 if unknown.</param>
internal sealed record NetworkDevice(string Name, int Index, int Mtu, byte[] Mac, bool IsEthernet, int ReceiveQueues)
{
    /// <summary>ARPHRD_ETHER.</summary>
    public const ushort Ethernet = 1;
}

/// <summary>Hardware addresses of Ethernet.</summary>
internal static class MacAddress
{
    public const int Bytes = 6;

    /// <summary>The bit of the first byte that is set in the addresses of groups and of all hosts.</summary>
    public const int GroupBit = 1;
}

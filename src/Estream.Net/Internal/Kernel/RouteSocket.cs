using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Estream.Net.Internal.Kernel;

/// <summary>Asks the kernel for routes and link addresses of IPv4 destinations (rtnetlink). Stays in the namespace in which it was created.
/// Not thread-safe, allocates nothing per question.</summary>
internal sealed unsafe class RouteSocket : IDisposable
{
    private const int HeaderBytes = 16;
    private const int AnswerBytes = 8192;
    private const ushort Request = 1;
    private const ushort GetRoute = 26;
    private const ushort NewRoute = 24;
    private const ushort GetNeighbour = 30;
    private const ushort NewNeighbour = 28;
    private const int RouteBytes = 12;
    private const int NeighbourBytes = 12;
    private const byte UnicastRoute = 1;
    private const int RouteGateway = 5;
    private const int RouteInterface = 4;
    private const int RouteMetrics = 8;
    private const int MetricMtu = 2;
    private const int NeighbourLinkAddress = 2;

    // NUD_REACHABLE, STALE, DELAY, PROBE, NOARP and PERMANENT: the states in which the link address may be used.
    private const ushort UsableStates = 0x02 | 0x04 | 0x08 | 0x10 | 0x40 | 0x80;

    private readonly SafeFileHandle _socket;
    private readonly byte[] _answer = new byte[AnswerBytes];
    private uint _sequence;

    private RouteSocket(SafeFileHandle socket) => _socket = socket;

    /// <summary>Creates the socket.</summary>
    /// <exception cref="EstreamTransportException">The kernel refused it.</exception>
    public static RouteSocket Open()
    {
        SafeFileHandle? socket = KernelSocket.TryCreate(NativeMethods.FamilyNetlink, NativeMethods.SocketRaw, 0);
        return socket is null
            ? throw TransportErrors.Of("create a routing socket", Marshal.GetLastPInvokeError())
            : new RouteSocket(socket);
    }

    /// <summary>Finds the next hop to a destination.</summary>
    /// <param name="destination">The IPv4 address.</param>
    /// <param name="interfaceIndex">The interface that the packet has to leave by.</param>
    /// <param name="nextHop">The gateway, or the destination itself on a directly connected network.</param>
    /// <param name="mtu">The MTU of the route, or of the path as far as the kernel has learnt it; 0 if neither limits it.</param>
    /// <returns>False if the kernel would not send the packet to another machine by that interface.</returns>
    public bool TryFindNextHop(uint destination, int interfaceIndex, out uint nextHop, out int mtu)
    {
        Span<byte> request = stackalloc byte[HeaderBytes + RouteBytes + 8 + 8];
        request.Clear();
        request[HeaderBytes] = NativeMethods.FamilyIPv4;
        request[HeaderBytes + 1] = 32;
        WriteAttribute(request[(HeaderBytes + RouteBytes)..], 1, BinaryPrimitives.ReverseEndianness(destination));
        WriteAttribute(request[(HeaderBytes + RouteBytes + 8)..], RouteInterface, (uint)interfaceIndex);
        (nextHop, mtu) = (destination, 0);
        ReadOnlySpan<byte> answer = Ask(GetRoute, request, NewRoute);

        // The type of the route is the eighth byte of struct rtmsg.
        if (answer.Length < RouteBytes || answer[7] != UnicastRoute)
        {
            return false;
        }

        ReadOnlySpan<byte> attributes = answer[RouteBytes..];
        if (Attribute(attributes, RouteGateway) is { Length: 4 } gateway)
        {
            nextHop = BinaryPrimitives.ReadUInt32BigEndian(gateway);
        }

        if (Attribute(Attribute(attributes, RouteMetrics), MetricMtu) is { Length: 4 } limit)
        {
            mtu = BinaryPrimitives.ReadInt32LittleEndian(limit);
        }

        return Attribute(attributes, RouteInterface) is { Length: 4 } leaves
            && BinaryPrimitives.ReadInt32LittleEndian(leaves) == interfaceIndex;
    }

    /// <summary>Looks up the link address of a neighbour without resolving it.</summary>
    /// <param name="address">The IPv4 address on the network of the interface.</param>
    /// <param name="interfaceIndex">The interface.</param>
    /// <param name="mac">Receives six bytes.</param>
    public bool TryFindLinkAddress(uint address, int interfaceIndex, Span<byte> mac)
    {
        Span<byte> request = stackalloc byte[HeaderBytes + NeighbourBytes + 8];
        request.Clear();
        request[HeaderBytes] = NativeMethods.FamilyIPv4;
        BinaryPrimitives.WriteInt32LittleEndian(request[(HeaderBytes + 4)..], interfaceIndex);
        WriteAttribute(request[(HeaderBytes + NeighbourBytes)..], 1, BinaryPrimitives.ReverseEndianness(address));
        ReadOnlySpan<byte> answer = Ask(GetNeighbour, request, NewNeighbour);

        // The state is the ninth and tenth byte of struct ndmsg.
        if (answer.Length < NeighbourBytes || (BinaryPrimitives.ReadUInt16LittleEndian(answer[8..]) & UsableStates) == 0
            || Attribute(answer[NeighbourBytes..], NeighbourLinkAddress) is not { Length: MacAddress.Bytes } found)
        {
            return false;
        }

        found.CopyTo(mac);
        return true;
    }

    public void Dispose() => _socket.Dispose();

    private static void WriteAttribute(Span<byte> destination, ushort type, uint value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(destination, 8);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[2..], type);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[4..], value);
    }

    // Attributes are aligned to four bytes; a length of less than their header ends the search.
    private static ReadOnlySpan<byte> Attribute(ReadOnlySpan<byte> attributes, int type)
    {
        while (attributes.Length >= 4)
        {
            int length = BinaryPrimitives.ReadUInt16LittleEndian(attributes);
            if (length < 4 || length > attributes.Length)
            {
                break;
            }

            if (BinaryPrimitives.ReadUInt16LittleEndian(attributes[2..]) == type)
            {
                return attributes[4..length];
            }

            attributes = attributes[Math.Min((length + 3) & ~3, attributes.Length)..];
        }

        return [];
    }

    /// <returns>The body of the answer; empty if the kernel answered with an error or another message.</returns>
    private ReadOnlySpan<byte> Ask(ushort type, Span<byte> request, ushort answerType)
    {
        BinaryPrimitives.WriteInt32LittleEndian(request, request.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(request[4..], type);
        BinaryPrimitives.WriteUInt16LittleEndian(request[6..], Request);
        BinaryPrimitives.WriteUInt32LittleEndian(request[8..], ++_sequence);
        int descriptor = KernelSocket.Descriptor(_socket);
        fixed (byte* question = request)
        fixed (byte* answer = _answer)
        {
            // SAFETY: both buffers are pinned during the calls, and the kernel writes at most the given length. The kernel answers during
            // the first call, so the second one does not have to wait.
            if (NativeMethods.SendTo(descriptor, question, (nuint)request.Length, 0, null, 0) != request.Length)
            {
                return [];
            }

            nint length = NativeMethods.ReceiveFrom(descriptor, answer, AnswerBytes, NativeMethods.DontWait, null, null);
            if (length < HeaderBytes || BinaryPrimitives.ReadUInt16LittleEndian(_answer.AsSpan(4)) != answerType
                || BinaryPrimitives.ReadUInt32LittleEndian(_answer.AsSpan(8)) != _sequence)
            {
                return [];
            }

            int messageBytes = BinaryPrimitives.ReadInt32LittleEndian(_answer);
            return messageBytes < HeaderBytes || messageBytes > length ? [] : _answer.AsSpan(HeaderBytes, messageBytes - HeaderBytes);
        }
    }
}

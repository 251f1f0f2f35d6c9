using System.Net;
using System.Net.Sockets;
using Estream.Net.Internal;
using Estream.Net.Internal.Kernel;
using Estream.Net.Udp;

namespace Estream.Net.Xdp;

/// <summary>The way of single packets through the network stack, by a UDP socket with the address of an AF_XDP transport. Not thread-safe;
/// allocates nothing per packet.</summary>
internal sealed class KernelPath : IDisposable
{
    /// <summary>The space that a received packet needs: fragments can make the longest UDP packet.</summary>
    public const int PacketBytes = 64 << 10;

    private readonly Socket _socket;
    private readonly MessageBatch _send;
    private readonly MessageBatch _receive;
    private readonly long _receiveOffset;

    /// <param name="socket">The bound socket, whose ownership this object takes.</param>
    /// <param name="arena">The arena, with <see cref="PacketBytes"/> of extra space.</param>
    public KernelPath(Socket socket, PacketArena arena)
    {
        _socket = socket;
        _receiveOffset = arena.FrameRegionBytes;
        LocalEndPoint = (IPEndPoint)socket.LocalEndPoint!;
        Descriptor = KernelSocket.Descriptor(socket.SafeHandle);
        _send = new MessageBatch(arena.All, 1, 1);
        _receive = new MessageBatch(arena.All, 1, 1);
        _receive.SetVector(0, _receiveOffset, PacketBytes);
        _receive.SetParts(0, 0, 1);
    }

    public IPEndPoint LocalEndPoint { get; }

    public int Descriptor { get; }

    /// <summary>Sends a packet.</summary>
    /// <returns>0, or the errno.</returns>
    public int TrySend(in SendSlot packet)
    {
        _send.SetVector(0, packet.Offset, packet.Length);
        _send.SetParts(0, 0, 1);
        _send.SetDestination(0, packet.Destination);
        _send.Send(Descriptor, 1, out int error);
        return error;
    }

    /// <summary>Receives a packet into the extra space of the arena, where it stays until the next call.</summary>
    public bool TryReceive(ref ReceivedSlot slot)
    {
        if (_receive.Receive(Descriptor, 1) == 0)
        {
            return false;
        }

        (slot.Offset, slot.Length, slot.Source) = (_receiveOffset, _receive.Received(0).Length, _receive.Source(0));
        return true;
    }

    public void Dispose()
    {
        _send.Dispose();
        _receive.Dispose();
        _socket.Dispose();
    }
}

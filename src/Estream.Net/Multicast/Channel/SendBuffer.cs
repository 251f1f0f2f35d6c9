namespace Estream.Net.Multicast.Internal;

/// <summary>Gathers packets in frames of a transport, so that many of them are one system call. Not thread-safe; allocates
/// nothing.</summary>
internal sealed class SendBuffer(PacketTransport transport)
{
    private int _reserved;
    private int _count;
    private uint _turn;

    /// <summary>Whether a number of packets can be added. Sends what is gathered if that makes room.</summary>
    public bool HasRoom(int packets)
    {
        if (_reserved - _count + transport.FreeSendFrames >= packets)
        {
            return true;
        }

        Submit();
        _ = transport.Flush();
        return transport.FreeSendFrames >= packets;
    }

    /// <summary>Adds a packet; <see cref="HasRoom"/> was true for it.</summary>
    public void Add(in PacketAddress destination, ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload)
    {
        if (_count == _reserved)
        {
            Submit();
            SendBatch batch = transport.Reserve(int.MaxValue);
            (_reserved, _turn) = (batch.Count, batch.Turn);
        }

        Span<byte> frame = transport.ReservedAt(_count, _turn);
        header.CopyTo(frame);
        payload.CopyTo(frame[header.Length..]);
        transport.SetLength(_count, header.Length + payload.Length, _turn);
        transport.SetDestination(_count, destination, _turn);
        _count++;
    }

    /// <summary>Hands what is gathered to the transport, and continues with what the kernel has not accepted yet.</summary>
    public void Submit()
    {
        if (_reserved == 0)
        {
            _ = transport.Flush();
            return;
        }

        int count = _count;
        (_reserved, _count) = (0, 0);
        _ = transport.Send(count, _turn);
    }
}

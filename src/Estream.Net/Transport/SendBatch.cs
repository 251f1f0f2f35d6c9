using System.Runtime.CompilerServices;

namespace Estream.Net;

/// <summary>
/// Frames reserved by <see cref="PacketTransport.Reserve"/>. Write each payload in place, set its length, and call <see cref="Send()"/>.
/// Disposing returns the frames that were not sent.
/// </summary>
/// <remarks>Not thread-safe. Allocates nothing.</remarks>
public readonly ref struct SendBatch
{
    private readonly PacketTransport _transport;
    internal SendBatch(PacketTransport transport, int count, uint turn) => (_transport, Count, Turn) = (transport, count, turn);

    /// <summary>The number of reserved frames. Fewer than requested if packets wait to be sent.</summary>
    public int Count { get; }

    /// <summary>The number of the batch among those of its transport.</summary>
    internal uint Turn { get; }

    /// <summary>The space of a payload: <see cref="PacketTransport.MaxPayloadBytes"/> bytes, with the content of an earlier
    /// packet.</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The index is outside the batch, or the batch is sent.</exception>
    public Span<byte> this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _transport.ReservedAt(index, Turn);
    }

    /// <summary>Sets the length of a payload.</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    /// <param name="length">Bytes, 0 to <see cref="PacketTransport.MaxPayloadBytes"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The index or the length is out of range.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void SetLength(int index, int length) => _transport.SetLength(index, length, Turn);

    /// <summary>Sets the destination of a packet, instead of <see cref="PacketTransportOptions.RemoteEndPoint"/>.</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    /// <param name="destination">An address of the same family as the local address.</param>
    /// <exception cref="ArgumentOutOfRangeException">The index is out of range.</exception>
    /// <exception cref="ArgumentException">The address has another family.</exception>
    public void SetDestination(int index, in PacketAddress destination) => _transport.SetDestination(index, destination, Turn);

    /// <summary>Sends all packets of the batch. See <see cref="Send(int)"/>.</summary>
    public int Send() => Send(Count);

    /// <summary>Sends the first packets of the batch in order, and returns the other frames. The batch is then empty.</summary>
    /// <param name="count">0 to <see cref="Count"/>.</param>
    /// <returns>The number of packets that are still queued because the kernel accepts no more now; <see cref="PacketTransport.Flush"/> and
    /// the next send continue. Nothing has to be sent again.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The count is out of range.</exception>
    /// <exception cref="InvalidOperationException">A packet has no length or no destination, or the batch is already sent.</exception>
    public int Send(int count) => _transport.Send(count, Turn);

    /// <summary>Returns all frames that were not sent. Idempotent, also after a later <see cref="PacketTransport.Reserve"/>.</summary>
    public void Dispose() => _transport?.Cancel(Turn);
}

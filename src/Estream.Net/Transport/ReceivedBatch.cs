using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Estream.Net;

/// <summary>Received packets in the frames of a <see cref="PacketTransport"/>, in the order of arrival. Disposing releases the frames;
/// spans of payloads must not be used after that.</summary>
/// <remarks>Not thread-safe. Allocates nothing.</remarks>
public readonly ref struct ReceivedBatch
{
    private readonly PacketTransport _transport;

    internal ReceivedBatch(PacketTransport transport, int count, uint turn) => (_transport, Count, Turn) = (transport, count, turn);

    /// <summary>The number of packets; 0 if none had arrived.</summary>
    public int Count { get; }

    /// <summary>The number of the batch among those of its transport.</summary>
    internal uint Turn { get; }

    /// <summary>A packet.</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The index is outside the batch, or the batch is released.</exception>
    public ReceivedPacket this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _transport.ReceivedAt(index, Turn);
    }

    /// <summary>Returns an enumerator for <c>foreach</c>.</summary>
    public Enumerator GetEnumerator() => new(this);

    /// <summary>Releases the frames of all packets. Idempotent, also after a later <see cref="PacketTransport.Receive"/>.</summary>
    public void Dispose() => _transport?.Release(Turn);

    /// <summary>Enumerates the packets of a batch.</summary>
    public ref struct Enumerator
    {
        private readonly ReceivedBatch _batch;
        private int _index;

        internal Enumerator(ReceivedBatch batch)
        {
            _batch = batch;
            _index = -1;
        }

        /// <summary>The current packet.</summary>
        public readonly ReceivedPacket Current => _batch[_index];

        /// <summary>Moves to the next packet.</summary>
        public bool MoveNext() => ++_index < _batch.Count;
    }
}

/// <summary>One received packet, in place. Valid until its <see cref="ReceivedBatch"/> is released.</summary>
[SuppressMessage("Performance", "CA1815", Justification = "A ref struct cannot be compared.")]
public readonly ref struct ReceivedPacket
{
    internal ReceivedPacket(ReadOnlySpan<byte> payload, PacketAddress source)
    {
        Payload = payload;
        Source = source;
    }

    /// <summary>The UDP payload; may be empty. At most 65,527 bytes, from any sender: treat as hostile.</summary>
    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>The address and port of the sender. UDP does not authenticate them.</summary>
    public PacketAddress Source { get; }
}

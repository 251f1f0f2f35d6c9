using System.Buffers.Binary;
using Estream.Client.Connection;
using Estream.Client.Protocol;

namespace Estream.Client.Queues;

/// <summary>The messages of one append request. Kept until the host acknowledges them, and then used again. The lock of the appender
/// protects all members.</summary>
internal sealed class AppendBlock(RemoteAppender appender) : IFrameHandler
{
    private byte[] _bytes = new byte[4096];
    private int[] _lengths = new int[64];

    /// <summary>The number of the first message, counted from 1.</summary>
    public long FirstSequence { get; private set; }

    public int Count { get; private set; }

    /// <summary>The total length of the messages in bytes.</summary>
    public int Bytes { get; private set; }

    /// <summary>The bytes that the messages take in the request.</summary>
    public int FrameBytes => Bytes + (Count * sizeof(int));

    /// <summary>The number of the last attempt to send this block. The response to an earlier attempt is ignored.</summary>
    public uint RequestId { get; set; }

    /// <summary>Completed with the position of the first message; null if no caller waits for this block alone.</summary>
    public TaskCompletionSource<long>? Waiter { get; set; }

    public void Reset(long firstSequence)
    {
        FirstSequence = firstSequence;
        Count = 0;
        Bytes = 0;
        RequestId = 0;
        Waiter = null;
    }

    public void Add(ReadOnlySpan<byte> message)
    {
        if (_bytes.Length - Bytes < message.Length)
        {
            Array.Resize(ref _bytes, Math.Max(Bytes + message.Length, 2 * _bytes.Length));
        }

        if (Count == _lengths.Length)
        {
            Array.Resize(ref _lengths, 2 * Count);
        }

        message.CopyTo(_bytes.AsSpan(Bytes));
        Bytes += message.Length;
        _lengths[Count++] = message.Length;
    }

    /// <summary>Writes the payload of the append request.</summary>
    public void Write(FrameBuilder frame, string queue, Guid producer)
    {
        producer.TryWriteBytes(frame.Text(queue).Reserve(16));
        frame.Int64(FirstSequence).UInt32((uint)Count);
        Span<byte> lengths = frame.Reserve(Count * sizeof(int));
        for (int i = 0; i < Count; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(lengths[(i * sizeof(int))..], _lengths[i]);
        }

        frame.Raw(_bytes.AsSpan(0, Bytes));
    }

    public bool OnFrame(FrameHeader header, ReadOnlySpan<byte> payload)
    {
        appender.OnResponse(this, header, payload);
        return false;
    }

    public void OnClosed(Exception reason) => appender.OnConnectionLost();
}

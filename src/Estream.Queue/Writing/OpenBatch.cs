using System.Runtime.CompilerServices;
using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// Frames that become visible together: all frames after the first are complete, length words included, before the length word of the first
/// is stored. An appender keeps one and reuses it for each batch.
/// </summary>
internal sealed class OpenBatch
{
    private const long ChecksumBits = unchecked((long)0xFFFFFFFF_00000000);

    private Segment? _segment;
    private RegionSpan _memory;
    private long _firstOffset;
    private long _firstWord;
    private long _next;
    private long _end;
    private uint _number;
    private uint _time;
    private int _messagesLeft;

    // The last frame is completed when it is known whether another one follows.
    private long _pendingOffset;
    private int _pendingWord;
    private uint _pendingNumber;

    /// <summary>The number of messages.</summary>
    public int Count { get; private set; }

    /// <summary>Whether the batch takes no more messages.</summary>
    public bool IsFull => _messagesLeft == 0;

    /// <summary>The offset of the next frame.</summary>
    public long NextOffset => _next;

    /// <summary>The space for the next message.</summary>
    public Span<byte> Free => _messagesLeft == 0
        ? default
        : _memory.Span(_next + FrameLayout.HeaderBytes, (int)Math.Max(0, _end - _next - FrameLayout.HeaderBytes));

    /// <summary>The maximum number of bytes of a batch in the log.</summary>
    public static long StrideOf(int maxBytes, int maxMessages) =>
        ((long)maxBytes + ((long)maxMessages * (FrameLayout.HeaderBytes + FrameLayout.Alignment - 1))
            + FrameLayout.Alignment - 1) & -FrameLayout.Alignment;

    /// <param name="segment">The segment of the batch.</param>
    /// <param name="offset">The offset of the first frame.</param>
    /// <param name="bytes">The space for the messages, headers included.</param>
    /// <param name="number">The sequence number of the first message within the segment.</param>
    /// <param name="time">The time of all messages.</param>
    /// <param name="maxMessages">The maximum number of messages.</param>
    public void Begin(Segment segment, long offset, long bytes, uint number, uint time, int maxMessages)
    {
        _segment = segment;
        _memory = segment.Memory;
        (_firstOffset, _next, _end) = (offset, offset, offset + bytes);
        (_number, _time, _messagesLeft, Count) = (number, time, maxMessages, 0);
        _pendingOffset = 0;
    }

    public void Add(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)Free.Length, nameof(length));
        AddFrame(FrameLayout.HeaderBytes + length, _number + (uint)Count);
        Count++;
        _messagesLeft--;
    }

    /// <summary>Copies a message into the batch. Makes no call.</summary>
    /// <returns>False if the batch is full or the message does not fit; nothing is added then.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryAppend(ReadOnlySpan<byte> payload)
    {
        long offset = _next + FrameLayout.HeaderBytes;
        if (_messagesLeft == 0 || payload.Length > _end - offset)
        {
            return false;
        }

        _memory.Write(offset, payload);
        AddFrame(FrameLayout.HeaderBytes + payload.Length, _number + (uint)Count);
        Count++;
        _messagesLeft--;
        return true;
    }

    /// <summary>Adds the consumer offset frame. Its space was claimed with the batch.</summary>
    public void AddConsumerOffset(TransactionalConsumer transactional, long position)
    {
        ConsumerOffsetFrame.Write(_memory, _next, transactional.SourceId, position, transactional.Name);
        AddFrame(ConsumerOffsetFrame.Bytes(transactional.Name) | FrameLayout.ControlFlag, ConsumerOffsetFrame.Kind);
    }

    /// <summary>Completes all frames except the length word of the first. The appender writes what follows the last frame.</summary>
    public void Complete()
    {
        Finish(0);
        if (!_segment!.HasChecksums)
        {
            return;
        }

        for (long offset = _firstOffset + FrameLayout.StrideOfAny((int)_firstWord); offset < _next;)
        {
            long word = _memory.ReadInt64(offset);
            _memory.WriteInt64(offset, word ^ ChecksumBits);
            offset += FrameLayout.StrideOfAny((int)word);
        }
    }

    /// <summary>Publishes the batch.</summary>
    public void Publish()
    {
        // Orders all frames before the length word that a reader acquires to reach any of them.
        _memory.WriteInt64Release(_firstOffset, _firstWord);
        End();
    }

    public void End()
    {
        _memory = default;
        _segment = null;
        _messagesLeft = 0;
    }

    private void AddFrame(int word, uint number)
    {
        if (_pendingOffset != 0)
        {
            Finish(FrameLayout.BatchFlag);
        }

        (_pendingOffset, _pendingWord, _pendingNumber) = (_next, word, number);
        _next += FrameLayout.StrideOfAny(word);
    }

    private void Finish(uint flag)
    {
        int bytes = _pendingWord & FrameLayout.LengthMask;
        _memory.WriteInt64(_pendingOffset + FrameLayout.NumberOffset, FrameLayout.PackNumberAndTime(_pendingNumber | flag, _time));
        uint checksum = _segment!.HasChecksums
            ? Crc32C.Append(_segment.ChecksumSeed,
                _memory.ReadOnlySpan(_pendingOffset + FrameLayout.NumberOffset, bytes - FrameLayout.NumberOffset))
            : 0;
        long word = FrameLayout.PackLengthAndChecksum(_pendingWord, checksum);
        if (_pendingOffset == _firstOffset)
        {
            _firstWord = word;
        }
        else
        {
            // The checksum does not match until the batch is complete: an aborted batch leaves no valid frames, even if a power cut
            // restores its bytes where a frame of that length is expected.
            _memory.WriteInt64(_pendingOffset, word ^ (_segment.HasChecksums ? ChecksumBits : 0));
        }
    }
}

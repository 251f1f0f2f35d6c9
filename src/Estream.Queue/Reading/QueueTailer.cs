using System.Runtime.CompilerServices;
using Estream.Core;
using Estream.Queue.Internal;

namespace Estream.Queue;

/// <summary>
/// Reads a queue. Not thread-safe: use one tailer per thread, and as many tailers as needed. A read is one load of the length word and no
/// copy; reading an empty queue returns <see langword="false"/> at once. Never allocates, except where a segment ends.
/// </summary>
/// <remarks>
/// A named tailer stores its position, with at-least-once delivery: a message counts as consumed when the next one is requested, or at <see
/// cref="Commit"/>. A message in progress is delivered again if the process crashes or the tailer is disposed.
/// </remarks>
public sealed partial class QueueTailer : IDisposable
{
    private readonly EstreamQueue _queue;
    private TailerCursor? _cursor;
    private TailerCursor? _heldCursor;
    private Segment? _segment;
    private RegionSpan _memory;
    private long _basePosition;
    private long _offset;

    // The position of the cursor could not be verified because of damage or a storage error. It is verified before the first read.
    private bool _unverified;
    private bool _disposed;

    internal QueueTailer(
        EstreamQueue queue, TailerCursor? cursor, TransactionalConsumer? transactional = null, bool consumesByCommit = false)
    {
        _queue = queue;
        _idle = queue.Idle;
        _cursor = cursor;
        if (cursor is null || cursor.IsNew)
        {
            SeekToStart();
        }
        else
        {
            GoToCursor(cursor, transactional?.Position ?? cursor.Position);
        }

        // From here on, reading a message does not consume it.
        if (transactional is not null || consumesByCommit)
        {
            TransactionalConsumer = transactional;
            _heldCursor = cursor;
            _cursor = null;
        }
    }

    /// <summary>
    /// The position of the next message to read; in an encrypted queue possibly the position of the block around it, 64 bytes earlier.
    /// </summary>
    public long Position => _basePosition + _offset;

    internal TransactionalConsumer? TransactionalConsumer { get; private set; }

    /// <summary>Reads the next message, if there is one.</summary>
    /// <param name="message">The message; valid until the next call on this tailer.</param>
    /// <returns>Whether a message was read.</returns>
    /// <exception cref="EstreamCorruptionException">The log is damaged; the message names file and offset.</exception>
    /// <exception cref="EstreamStorageException">Retention reused the position, or a segment cannot be opened.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryRead(out QueueMessage message)
    {
        _cursor?.Store(_basePosition + _offset);
        RegionSpan memory = _memory;
        long offset = _offset;
        if (offset < memory.Length)
        {
            // Orders the load of the length word before the loads of the payload; the writer stored the length word after the payload.
            int word = memory.ReadInt32Acquire(offset + FrameLayout.LengthOffset);
            long next = offset + FrameLayout.Stride(word);
            if (FrameLayout.IsMessage(word) && next <= memory.Length - FrameLayout.HeaderBytes)
            {
                message = new QueueMessage(
                    memory.ReadOnlySpan(offset + FrameLayout.HeaderBytes, word - FrameLayout.HeaderBytes),
                    _basePosition + offset,
                    memory.ReadInt64(offset + FrameLayout.NumberOffset),
                    _segment!);
                _offset = next;
                return true;
            }
        }

        return TryReadAtEdge(out message);
    }

    /// <summary>
    /// Returns the next message, if there is one, and stays before it: the next <see cref="TryRead(out QueueMessage)"/> returns it again.
    /// The message read before counts as consumed.
    /// </summary>
    /// <param name="message">The message; valid until the next call on this tailer.</param>
    /// <returns>Whether there is a message.</returns>
    /// <inheritdoc cref="TryRead(out QueueMessage)" path="/exception"/>
    public bool TryPeek(out QueueMessage message)
    {
        if (!TryRead(out message))
        {
            return false;
        }

        // The message is in the current segment or block: reading a message never leaves the segment or block.
        _offset = message.Position - _basePosition;
        return true;
    }

    /// <summary>Marks the last message read as consumed now, instead of when the next one is requested.</summary>
    public void Commit()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (TransactionalConsumer is { } transactional)
        {
            transactional.Store(Position);
        }
        else
        {
            (_cursor ?? _heldCursor)?.Store(Position);
        }

        (_cursor ?? _heldCursor)?.Touch(_queue.Clock);
    }

    /// <summary>Stores that the name is in use. Any thread may call this method.</summary>
    internal void TouchCursor() => (_cursor ?? _heldCursor)?.TouchInUse(_queue.Clock);

    /// <summary>
    /// Releases the segment and the name; a pending asynchronous wait ends with an <see cref="ObjectDisposedException"/>. The last message
    /// read does not count as consumed; see <see cref="Commit"/>. Idempotent.
    /// </summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _wait?.Close();
            LeaveSegment();
            _blocks?.Dispose();
            TransactionalConsumer?.End();
            TransactionalConsumer = null;
            (_cursor ?? _heldCursor)?.Touch(_queue.Clock);
            _heldCursor?.Dispose();
            _cursor?.Dispose();
            _cursor = null;
            _queue.Untrack(this);
        }
    }
}

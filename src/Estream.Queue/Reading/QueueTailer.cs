using System.Runtime.CompilerServices;
using Estream.Core;
using Estream.Queue.Internal;

namespace Estream.Queue;

/// <summary>
/// A reader of a queue: one thread at a time, as many tailers as you like. A read is a load of the length word and no copy; an empty
/// queue answers <see langword="false"/> at once. Never allocates, except where a segment ends.
/// </summary>
/// <remarks>
/// A named tailer remembers where it is, at least once: a message counts as consumed when the next one is asked for, or at
/// <see cref="Commit"/>. One that was being handled when the process died, or when the tailer was disposed, comes again.
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

    // Set when the cursor's place could not be looked at, for damage or a storage error: it is looked at before anything is read from it.
    private bool _unverified;
    private bool _disposed;

    internal QueueTailer(EstreamQueue queue, TailerCursor? cursor, TransactionalConsumer? transactional = null)
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

        // From here on reading is not consuming.
        if (transactional is not null)
        {
            TransactionalConsumer = transactional;
            _heldCursor = cursor;
            _cursor = null;
        }
    }

    /// <summary>The position of the next message to read; in an encrypted queue perhaps that of the block around it, 64 bytes
    /// before.</summary>
    public long Position => _basePosition + _offset;

    internal TransactionalConsumer? TransactionalConsumer { get; private set; }

    /// <summary>Reads the next message, if there is one.</summary>
    /// <param name="message">The message; valid until the next call on this tailer.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="EstreamCorruptionException">What is there is not a message; file and offset are named.</exception>
    /// <exception cref="EstreamStorageException">The position was reused by retention, or a segment cannot be opened.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryRead(out QueueMessage message)
    {
        _cursor?.Store(_basePosition + _offset);
        RegionSpan memory = _memory;
        long offset = _offset;
        if (offset < memory.Length)
        {
            // Orders the length word before the payload, which the caller reads; the writer stored it after the payload.
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

    /// <summary>Looks at the next message, if there is one, and stays before it: the next <see cref="TryRead(out QueueMessage)"/> returns
    /// it again. The message read before counts as consumed.</summary>
    /// <param name="message">The message; valid until the next call on this tailer.</param>
    /// <returns>Whether there is one.</returns>
    /// <inheritdoc cref="TryRead(out QueueMessage)" path="/exception"/>
    public bool TryPeek(out QueueMessage message)
    {
        if (!TryRead(out message))
        {
            return false;
        }

        // In the segment or block it was found in: reading a message never leaves that.
        _offset = message.Position - _basePosition;
        return true;
    }

    /// <summary>Counts the last message read as consumed now, and not only when the next one is asked for.</summary>
    public void Commit()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _cursor?.Store(Position);
        TransactionalConsumer?.Store(Position);
    }

    /// <summary>Gives the segment and the name back; a pending asynchronous wait ends with an <see cref="ObjectDisposedException"/>. The
    /// last message read does not count as consumed; see <see cref="Commit"/>. Idempotent.</summary>
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
            _heldCursor?.Dispose();
            _cursor?.Dispose();
            _cursor = null;
            _queue.Untrack(this);
        }
    }
}

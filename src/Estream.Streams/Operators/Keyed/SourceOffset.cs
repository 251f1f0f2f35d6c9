using Estream.Core;
using Estream.Queue;

namespace Estream.Streams.Operators.Keyed;

/// <summary>
/// A queue position that is stored elsewhere, together with the results of the messages before it. The named tailer in the queue only keeps
/// retention from reclaiming messages that are still needed: it moves after the position is stored, so it is never ahead of the stored
/// position.
/// </summary>
internal sealed class SourceOffset : IDisposable
{
    private readonly EstreamQueue _queue;
    private readonly QueueTailer _follower;

    public SourceOffset(EstreamQueue queue, string name)
    {
        _queue = queue;
        _follower = queue.CreateTailer(name);
        try
        {
            Tailer = queue.CreateTailer();
        }
        catch
        {
            _follower.Dispose();
            throw;
        }
    }

    /// <summary>Reads the messages.</summary>
    public QueueTailer Tailer { get; }

    /// <summary>The number of messages that retention has reclaimed.</summary>
    public long GivenUp => _queue.GetInfo().FirstSequence;

    public string Directory => _queue.Directory;

    /// <summary>Moves to a stored position; negative for the oldest message.</summary>
    public void GoTo(long position)
    {
        if (position < 0)
        {
            Tailer.SeekToStart();
            _follower.SeekToStart();
            return;
        }

        try
        {
            Tailer.Seek(position);
        }
        catch (ArgumentException nothing)
        {
            throw new EstreamCorruptionException(
                $"The state of this pipeline resumes at position {position} of '{_queue.Directory}', but no message is there: the "
                + "state is of another queue. Use a separate state for each queue.", _queue.Directory, innerException: nothing);
        }

        if (_follower.Position > position)
        {
            _follower.Seek(position);
        }
    }

    /// <summary>Moves the named tailer up to a position that was stored.</summary>
    public void Follow(long position)
    {
        bool isShort = position < Tailer.Position;
        while (_follower.Position < position && (!isShort || IsBefore(position)) && _follower.TryRead(out _))
        {
        }

        _follower.Commit();
    }

    public void Dispose()
    {
        Tailer.Dispose();
        _follower.Dispose();
    }

    // Returns true if the next message of the named tailer is before the position. The tailer may be at the end of a segment while the
    // message at the position is the first of the next segment. That message is still needed, so the tailer must not read it.
    private bool IsBefore(long position) => _follower.TryPeek(out QueueMessage next) && next.Position < position;
}

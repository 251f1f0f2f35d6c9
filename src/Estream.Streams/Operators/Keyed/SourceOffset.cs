using Estream.Core;
using Estream.Queue;

namespace Estream.Streams.Operators.Keyed;

/// <summary>
/// A place in a queue that is kept elsewhere, together with what was made of the messages before it. The name in the queue only keeps
/// retention from what is still needed: it follows behind, and so never says more than what is kept.
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

    /// <summary>Reads.</summary>
    public QueueTailer Tailer { get; }

    /// <summary>How many messages retention has given up.</summary>
    public long GivenUp => _queue.GetInfo().FirstSequence;

    public string Directory => _queue.Directory;

    /// <summary>Goes to a place that was kept; negative for the oldest message.</summary>
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
                $"The state of this pipeline goes on at position {position} of '{_queue.Directory}', where there is no message: it was "
                + "made of another queue. Give each queue's pipeline a state of its own.", _queue.Directory, innerException: nothing);
        }

        if (_follower.Position > position)
        {
            _follower.Seek(position);
        }
    }

    /// <summary>What was read is kept, up to a position.</summary>
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

    // The message there is still needed, and may be the first one of a segment that the one before is not in.
    private bool IsBefore(long position) => _follower.TryPeek(out QueueMessage next) && next.Position < position;
}

namespace Estream.Queue.Internal;

/// <summary>
/// The work of a <see cref="QueueAppender"/> off its fast path. One type for each mode: <see cref="ExclusiveAppender"/> and <see
/// cref="SharedAppender"/>, each with a nested type for encrypted queues. Not thread-safe.
/// </summary>
internal abstract class AppendStrategy : IDisposable
{
    /// <summary>The position of the next message, unless it starts a new segment or another appender comes first.</summary>
    public abstract long NextPosition { get; }

    /// <summary>The sequence number of the next message, unless another appender comes first.</summary>
    public abstract long NextSequence { get; }

    /// <summary>Sets the time of later messages. Called when the coarse clock advances.</summary>
    public abstract void SetTime(long now);

    /// <summary>Appends a message that the fast path does not take. The caller notifies waiters.</summary>
    /// <returns>The position of the message.</returns>
    public abstract long Append(ReadOnlySpan<byte> payload);

    /// <summary>Claims space for one message. It stays claimed until <see cref="Commit(int)"/> or <see cref="Abort"/>.</summary>
    public abstract Span<byte> Claim(int maxLength, out long position);

    /// <summary>Claims space for a batch. The last <paramref name="reserve"/> bytes are not available to its messages.</summary>
    /// <returns>The position of the first message.</returns>
    public abstract long Claim(long stride, long reserve, int maxMessages, OpenBatch batch);

    /// <summary>Publishes the claimed message and notifies waiters.</summary>
    public abstract void Commit(int length);

    /// <summary>Publishes a batch whose frames are complete, and notifies waiters.</summary>
    public abstract void Commit(OpenBatch batch);

    /// <summary>Releases the claimed space.</summary>
    public abstract void Abort();

    public abstract void Dispose();
}

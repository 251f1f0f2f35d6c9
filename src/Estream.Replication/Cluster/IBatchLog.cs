namespace Estream.Replication.Internal;

/// <summary>A totally ordered log of entries that a quorum of machines stores. Thread-safe.</summary>
internal interface IBatchLog
{
    /// <summary>The name, for messages.</summary>
    string Name { get; }

    /// <summary>Connects, and starts to read.</summary>
    /// <param name="known">The offset of the newest entry that the caller has read, which is read again first, so that the caller can
    /// compare it; -1 to read from the oldest entry.</param>
    /// <param name="cancellation">Cancels the attempt.</param>
    /// <exception cref="Core.EstreamException">No broker can be reached, or it refuses the connection.</exception>
    Task<IBatchSession> ConnectAsync(long known, CancellationToken cancellation);
}

/// <summary>A connection to a log: publishes and reads until the connection fails. One thread may publish while another reads.</summary>
internal interface IBatchSession : IAsyncDisposable
{
    /// <summary>Whether the log has no entry at the known offset or after it: it has lost its end, or was created again. The session then
    /// reads from the oldest entry.</summary>
    bool IsShort { get; }

    /// <summary>Hands an entry to the log. Its place in the log is known when the entry is read. Entries of one session keep their order;
    /// when the session fails, any suffix may be lost or stored.</summary>
    /// <exception cref="Core.EstreamException">The connection failed.</exception>
    ValueTask PublishAsync(ReadOnlyMemory<byte> entry, CancellationToken cancellation);

    /// <summary>Reads the next entry that a quorum has stored, or waits for it.</summary>
    /// <exception cref="Core.EstreamException">The connection failed.</exception>
    ValueTask<BatchEntry> ReadAsync(CancellationToken cancellation);
}

/// <summary>An entry as read. The reader may change its bytes, and returns them with <see cref="Return"/>.</summary>
/// <param name="Offset">The offset in the log.</param>
/// <param name="Buffer">The rented buffer.</param>
/// <param name="Length">The length of the entry.</param>
internal readonly record struct BatchEntry(long Offset, byte[] Buffer, int Length)
{
    public Span<byte> Bytes => Buffer.AsSpan(0, Length);

    public void Return() => System.Buffers.ArrayPool<byte>.Shared.Return(Buffer);
}

using Estream.Core;
using Estream.Queue.Internal;

namespace Estream.Queue;

/// <summary>
/// An append-only log of messages in a directory of memory-mapped segments: one process appends, any number of processes read, and
/// what was appended survives the death of its writer at any instruction.
/// </summary>
/// <remarks>
/// Thread-safe itself; an appender or a tailer belongs to one thread at a time. Disposing ends the appender and frees the mappings:
/// appenders and tailers of this queue must not be in use then, and refuse to be used afterwards. Format: docs/formats/queue.md.
/// </remarks>
public sealed class EstreamQueue : IDisposable
{
    private readonly QueueOptions _options;
    private readonly List<IDisposable> _children = [];
    private bool _disposed;

    private EstreamQueue(QueueFiles files, QueueOptions options, bool isReadOnly)
    {
        Files = files;
        _options = options;
        IsReadOnly = isReadOnly;
        Segments = new SegmentCache(files, isReadOnly ? RegionAccess.ReadOnly : RegionAccess.ReadWrite);
    }

    /// <summary>The queue's directory.</summary>
    public string Directory => Files.Directory;

    /// <summary>Whether this object only reads.</summary>
    public bool IsReadOnly { get; }

    /// <summary>Bytes of one segment, as the queue was created.</summary>
    public long SegmentBytes => Files.SegmentBytes;

    /// <summary>The longest message the queue takes, in bytes.</summary>
    public int MaxMessageBytes => (int)Math.Min(
        Files.SegmentBytes - SegmentLayout.HeaderBytes - (2 * FrameLayout.HeaderBytes), FrameLayout.LengthMask - FrameLayout.HeaderBytes - 7);

    internal QueueFiles Files { get; }

    internal SegmentCache Segments { get; }

    /// <summary>Opens a queue for appending and reading, and creates it if it is missing.</summary>
    /// <param name="directory">The queue's directory.</param>
    /// <param name="options">How; the defaults when omitted.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="EstreamStorageException">The directory cannot be created or written.</exception>
    /// <exception cref="EstreamFormatException">The directory holds something else, or a newer format.</exception>
    /// <exception cref="EstreamCorruptionException">The queue's own description is damaged.</exception>
    public static EstreamQueue Open(string directory, QueueOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        options ??= new QueueOptions();
        options.Validate();
        return new EstreamQueue(QueueFiles.OpenOrCreate(Path.GetFullPath(directory), options), options, isReadOnly: false);
    }

    /// <summary>Opens an existing queue for reading. Nothing is ever written: it works on a read-only file system and beside any writer.</summary>
    /// <param name="directory">The queue's directory.</param>
    /// <param name="options">Only storage and clock are used.</param>
    /// <exception cref="EstreamStorageException">There is no queue, or it may not be read.</exception>
    /// <exception cref="EstreamFormatException">The directory holds something else, or a newer format.</exception>
    /// <exception cref="EstreamCorruptionException">The queue's own description is damaged.</exception>
    public static EstreamQueue OpenReadOnly(string directory, QueueOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        options ??= new QueueOptions();
        return new EstreamQueue(QueueFiles.Open(Path.GetFullPath(directory), options.Storage), options, isReadOnly: true);
    }

    /// <summary>Takes the right to append and goes to the end of the log, where it repairs what a killed writer left unfinished.</summary>
    /// <returns>The appender; dispose it to give the right back. One in all processes.</returns>
    /// <exception cref="InvalidOperationException">The queue was opened read-only.</exception>
    /// <exception cref="EstreamLeaseException">Another appender exists; its process is named.</exception>
    /// <exception cref="EstreamStorageException">A segment could not be made or opened.</exception>
    /// <exception cref="EstreamCorruptionException">The last segment is damaged.</exception>
    public QueueAppender CreateAppender()
    {
        RequireWritable("append");
        return Track(QueueAppender.Create(this, _options));
    }

    /// <summary>Creates a reader. A named one goes on where the last reader of that name was; an unnamed one starts at the oldest message.</summary>
    /// <param name="name">Letters, digits, '-', '_' and '.', at most 100 of them, or <see langword="null"/>. A new name starts at the oldest message.</param>
    /// <exception cref="ArgumentException">The name has other characters.</exception>
    /// <exception cref="InvalidOperationException">A name was given but the queue was opened read-only, so nothing can be remembered.</exception>
    /// <exception cref="EstreamLeaseException">The name is in use.</exception>
    /// <exception cref="EstreamCorruptionException">What was remembered under the name is damaged.</exception>
    /// <exception cref="EstreamStorageException">Nothing can be remembered: the disk is full, or the directory may not be written.</exception>
    public QueueTailer CreateTailer(string? name = null)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (name is null)
        {
            return Track(new QueueTailer(this, cursor: null));
        }

        RequireWritable("remember where a named tailer is");
        TailerName.Check(name);
        TailerCursor cursor = TailerCursor.Open(Files, name, OldestPosition());
        try
        {
            return Track(new QueueTailer(this, cursor));
        }
        catch
        {
            cursor.Dispose();
            throw;
        }
    }

    /// <summary>Counts what is in the queue. Walks the last segment, so it costs a few milliseconds.</summary>
    public QueueInfo GetInfo() => QueueInspector.GetInfo(this);

    /// <summary>Reads every message, checks frames, checksums and numbers, and says where the first damage is. Repairs nothing.</summary>
    public QueueVerification Verify() => QueueInspector.Verify(this);

    /// <summary>Ends the appender and tailers of this object and frees the mappings. What was appended stays. Idempotent.</summary>
    public void Dispose()
    {
        IDisposable[] children;
        lock (_children)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            children = [.. _children];
        }

        foreach (IDisposable child in children)
        {
            child.Dispose();
        }

        Segments.Dispose();
    }

    internal void Untrack(IDisposable child)
    {
        lock (_children)
        {
            _children.Remove(child);
        }
    }

    internal long OldestPosition()
    {
        IReadOnlyList<long> indexes = Files.ListSegments();
        return ((indexes.Count == 0 ? 0 : indexes[0]) * SegmentBytes) + SegmentLayout.HeaderBytes;
    }

    private T Track<T>(T child)
        where T : IDisposable
    {
        lock (_children)
        {
            if (!_disposed)
            {
                _children.Add(child);
                return child;
            }
        }

        // Disposed while the child was made: it would outlive its queue, and an appender keep the right to append.
        child.Dispose();
        throw new ObjectDisposedException(nameof(EstreamQueue));
    }

    private void RequireWritable(string action)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (IsReadOnly)
        {
            throw new InvalidOperationException($"The queue '{Directory}' was opened read-only and cannot {action}. Use EstreamQueue.Open.");
        }
    }
}

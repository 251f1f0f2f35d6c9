using Estream.Core;
using Estream.Queue.Internal;

namespace Estream.Queue;

/// <summary>
/// An append-only log of messages in a directory of memory-mapped segments, for any number of appending and reading processes. A committed
/// message survives the crash of its writer at any instruction.
/// </summary>
/// <remarks>
/// Thread-safe; an appender or a tailer is not and belongs to one thread at a time. Dispose unmaps the segments: no other thread may use
/// appenders or tailers of this queue during Dispose, and they throw afterwards. Format: docs/formats/queue.md.
/// </remarks>
public sealed partial class EstreamQueue : IDisposable
{
    private volatile QueueOptions _options;
    private readonly List<IDisposable> _children = [];
    private readonly object _sharedGate = new();
    private readonly SegmentPreallocator _preparing = new();
    private SharedWriters? _shared;
    private WaiterSignal? _waiterSignal;
    private bool _disposed;

    private EstreamQueue(QueueFiles files, QueueOptions options, bool isReadOnly)
    {
        Files = files;
        _options = options;
        IsReadOnly = isReadOnly;
        Keys = options.Keys is null ? null : new QueueKeys(files, options, options.Keys);
        Segments = new SegmentCache(files, isReadOnly ? RegionAccess.ReadOnly : RegionAccess.ReadWrite);
        Waits = new TailerWaits(this);
        _record = DurabilityRecord.OpenFor(files, isReadOnly);
        Holds = new SegmentHolds(this, options.MaxRetentionHold);
        RetentionClock = new RetentionClock(this, options);
        Keeper = new RetentionKeeper(this);
        DirtyPages = isReadOnly || options.MemoryBytes == 0 ? null : new DirtyPageWriter(this, options);
    }

    /// <summary>The directory of the queue.</summary>
    public string Directory => Files.Directory;

    /// <summary>A random number given to the queue when it is created. Never changes, even if the directory is moved.</summary>
    public long Id => Files.QueueId;

    /// <summary>Whether this object was opened for reading only.</summary>
    public bool IsReadOnly { get; }

    /// <summary>Whether this object was opened with keys (<see cref="QueueOptions.Keys"/>) and encrypts the messages that it
    /// appends.</summary>
    public bool HasKeys => Keys is not null;

    /// <summary>The region that the queue is marked for (<see cref="QueueOptions.Region"/>); <see langword="null"/> if there is none. Reads
    /// the mark from its file.</summary>
    /// <exception cref="EstreamException">The mark is damaged or cannot be read.</exception>
    public string? Region => RegionFile.Read(Directory, _options.Storage);

    /// <summary>The size of one segment in bytes, fixed when the queue is created. The first segments may be smaller.</summary>
    public long SegmentBytes => Files.SegmentBytes;

    /// <summary>The maximum length of a message in bytes.</summary>
    public int MaxMessageBytes => (int)Math.Min(
        Files.SegmentBytes - SegmentLayout.HeaderBytes - (2 * FrameLayout.HeaderBytes),
        FrameLayout.LengthMask - FrameLayout.HeaderBytes - 7) - BlockOverhead;

    /// <summary>
    /// Returns the bytes of the log between two positions. Less than the difference of the positions if a small segment is between them:
    /// each segment has positions for <see cref="SegmentBytes"/>, and the first segments hold less.
    /// </summary>
    /// <param name="from">A position, not negative.</param>
    /// <param name="to">The other position. The result is negative if it is less than <paramref name="from"/>.</param>
    public long BytesBetween(long from, long to) => Files.BytesBetween(from, to);

    internal QueueFiles Files { get; }

    internal SegmentCache Segments { get; }

    internal IClock Clock => _options.Clock;

    internal IdleStrategy Idle => _options.Idle;

    internal TimeSpan LongestSleep => _options.LongestSleep;

    internal TailerWaits Waits { get; }

    internal RetentionKeeper Keeper { get; }

    internal SegmentHolds Holds { get; }

    internal RetentionClock RetentionClock { get; }

    /// <summary>Whether a simulation runs the background steps.</summary>
    internal bool IsSimulated => _options.Background != TaskScheduler.Default;

    /// <summary>The scheduler that prepares segments ahead.</summary>
    internal TaskScheduler Background => _options.Background == TaskScheduler.Default ? _preparing : _options.Background;

    /// <summary>Notifies waiting tailers of this and other processes. Not available in a queue opened read-only.</summary>
    internal WaiterSignal WaiterSignal
    {
        get
        {
            lock (_sharedGate)
            {
                // During Dispose the listener may still use the signal until it has stopped.
                ObjectDisposedException.ThrowIf(_disposed && _waiterSignal is null, this);
                return _waiterSignal ??= new WaiterSignal(Files);
            }
        }
    }

    /// <summary>State of shared appenders and waiting tailers. Created when the first of them is.</summary>
    internal SharedWriters Shared
    {
        get
        {
            lock (_sharedGate)
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                return _shared ??= new SharedWriters(this, _options);
            }
        }
    }

    /// <summary>Opens a queue for appending and reading, and creates it if it does not exist.</summary>
    /// <param name="directory">The directory of the queue.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="EstreamStorageException">The directory cannot be created or written.</exception>
    /// <exception cref="EstreamFormatException">The directory contains another kind of queue, a newer format, or no queue but a map or
    /// other files.</exception>
    /// <exception cref="EstreamCorruptionException">The metadata of the queue, or a message that was durable, is damaged.</exception>
    /// <remarks>
    /// The first process that opens a queue for writing after a restart of the machine runs recovery. Recovery reads the messages that were
    /// not known to be durable and truncates the log before the first damaged one; see <see cref="Recovery"/>.
    /// </remarks>
    public static EstreamQueue Open(string directory, QueueOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        options ??= new QueueOptions();
        options.Validate();
        QueueFiles files = QueueFiles.OpenOrCreate(Path.GetFullPath(directory), options);
        RecoveryRunner.RunIfDue(files, options);
        return new EstreamQueue(files, options, isReadOnly: false).Limited();
    }

    /// <summary>
    /// Opens an existing queue for reading. Never writes: works on a read-only file system and while other processes append.
    /// </summary>
    /// <param name="directory">The directory of the queue.</param>
    /// <param name="options">Only storage, clock and keys are used.</param>
    /// <exception cref="EstreamStorageException">The queue does not exist or may not be read.</exception>
    /// <exception cref="EstreamFormatException">The directory contains another kind of queue, or a newer format.</exception>
    /// <exception cref="EstreamCorruptionException">The metadata of the queue is damaged.</exception>
    /// <remarks>
    /// If no writer has opened the queue since the machine was restarted, this checks the messages that were not known to be durable.
    /// Readers then stop before the first damaged message until a writer has opened the queue.
    /// </remarks>
    public static EstreamQueue OpenReadOnly(string directory, QueueOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        options ??= new QueueOptions();
        return new EstreamQueue(QueueFiles.Open(Path.GetFullPath(directory), options.Storage), options, isReadOnly: true).Limited();
    }

    /// <summary>Takes the right to append, exclusively or shared, and repairs what crashed writers left unfinished.</summary>
    /// <param name="mode">
    /// <see cref="AppenderMode.Shared"/> for one of up to 256 appenders in any processes. <see cref="AppenderMode.Exclusive"/> for the only
    /// appender, which is faster and leaves no gaps in the sequence numbers. A change of mode starts a new segment.
    /// </param>
    /// <returns>The appender. Dispose it to release the right to append.</returns>
    /// <exception cref="ArgumentException">The mode is not a valid <see cref="AppenderMode"/>.</exception>
    /// <exception cref="InvalidOperationException">The queue was opened read-only.</exception>
    /// <exception cref="EstreamLeaseException">An exclusive appender exists (the message names its process), or an exclusive one is
    /// requested while others exist.</exception>
    /// <exception cref="EstreamStorageException">A segment could not be created or opened.</exception>
    /// <exception cref="EstreamCorruptionException">The last segment is damaged.</exception>
    /// <remarks>
    /// Upgrades a queue of format version 1 to version 2, which releases that know only version 1 refuse to open. A process with shared
    /// appenders runs a thread that checks for dead writers fifty times a second until the queue object is disposed.
    /// </remarks>
    public QueueAppender CreateAppender(AppenderMode mode = AppenderMode.Shared)
    {
        if (!Enum.IsDefined(mode))
        {
            throw new ArgumentException($"The mode is {(int)mode}; it must be Shared or Exclusive.", nameof(mode));
        }

        RequireWritable("append");
        if (_options.RetainedAge > TimeSpan.Zero)
        {
            // Remembers the time before anything is deleted by age.
            RetentionClock.Check();
        }

        return Track(QueueAppender.Create(this, _options, mode));
    }

    /// <summary>
    /// Creates a reader. A named reader continues where the last reader of that name stopped; an unnamed one starts at the oldest message.
    /// </summary>
    /// <param name="name">1 to 100 letters, digits, '-', '_' and '.', or <see langword="null"/> for an unnamed reader. A new name starts at
    /// the oldest message.</param>
    /// <exception cref="ArgumentException">The name has invalid characters.</exception>
    /// <exception cref="InvalidOperationException">A name was given and the queue was opened read-only, so no position can be
    /// stored.</exception>
    /// <exception cref="EstreamLeaseException">The name is in use.</exception>
    /// <exception cref="EstreamCorruptionException">The stored position of the name is damaged.</exception>
    /// <exception cref="EstreamStorageException">The position cannot be stored: the disk is full, or the directory is not
    /// writable.</exception>
    public QueueTailer CreateTailer(string? name = null) => CreateTailer(name, consumesByCommit: false);

    /// <summary>
    /// Creates a named reader for which retention waits only while the name is in use and for some time after. The position stays stored;
    /// if retention has deleted the message there, the next user of the name gets an error at the first read and can seek.
    /// </summary>
    /// <param name="name">As for <see cref="CreateTailer(string)"/>.</param>
    /// <param name="maxUnusedAge">How long retention waits after the name was last in use; zero for ever. After a crash, the last use is at
    /// most an hour earlier than the crash. Stored with the name, and obeyed by every process that appends.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is negative.</exception>
    /// <inheritdoc cref="CreateTailer(string?)" path="/exception"/>
    public QueueTailer CreateTailer(string name, TimeSpan maxUnusedAge)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxUnusedAge, TimeSpan.Zero);
        return CreateTailer(name, consumesByCommit: false, RetentionLimits.Of(0, maxUnusedAge).AgeNanos);
    }

    /// <summary>As <see cref="CreateTailer(string?)"/>.</summary>
    /// <param name="name">The name.</param>
    /// <param name="consumesByCommit">Whether only <see cref="QueueTailer.Commit"/> marks messages as consumed.</param>
    /// <param name="maxUnusedNanos">How long retention waits for an unused name, 0 for ever; null to keep what is stored.</param>
    internal QueueTailer CreateTailer(string? name, bool consumesByCommit, long? maxUnusedNanos = null)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (name is null)
        {
            return Track(new QueueTailer(this, cursor: null));
        }

        RequireWritable("store the position of a named tailer");
        TailerName.Check(name);
        TailerCursor cursor = TailerCursor.Open(Files, name, OldestPosition());
        try
        {
            if (maxUnusedNanos is { } maxUnused)
            {
                RetentionClock.Check();
                cursor.SetMaxUnused(maxUnused, Clock.UtcNanos);
            }
            else if (cursor.HasAge)
            {
                RetentionClock.Check();
                cursor.Touch(Clock);
            }

            TransactionalConsumer.Forget(cursor);
            return Track(new QueueTailer(this, cursor, consumesByCommit: consumesByCommit));
        }
        catch
        {
            cursor.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Creates a named reader whose progress is committed by the batches it appends to another queue; see <see
    /// cref="QueueAppender.ClaimBatch(int, int, QueueTailer)"/>. After a crash or a power cut it continues after the last message whose
    /// output exists.
    /// </summary>
    /// <param name="name">As for <see cref="CreateTailer(string)"/>. The name belongs to one output. Reading alone does not advance the
    /// position; a commit does.</param>
    /// <param name="output">The queue that the batches are appended to; must be open for writing.</param>
    /// <exception cref="ArgumentException">The name has invalid characters.</exception>
    /// <exception cref="InvalidOperationException">One of the queues was opened read-only.</exception>
    /// <exception cref="EstreamLeaseException">The name is in use.</exception>
    /// <exception cref="EstreamCorruptionException">The stored position of the name, or the output, is damaged.</exception>
    /// <exception cref="EstreamStorageException">The position cannot be stored, or the last user of the name crashed and retention has
    /// deleted the output that it appended.</exception>
    /// <remarks>
    /// After a crash of the last user this scans the output from the last batch that the cursor knows. If there is a newer batch, it
    /// flushes the output. After a power cut it may scan the whole output. Otherwise it costs as much as any other tailer.
    /// </remarks>
    public QueueTailer CreateTailer(string name, EstreamQueue output) => CreateTailer(name, output, findConsumed: null);

    /// <summary>As <see cref="CreateTailer(string, EstreamQueue)"/>. If the cursor has not begun, it starts at the position that the
    /// output stores.</summary>
    /// <param name="name">The name.</param>
    /// <param name="output">The output.</param>
    /// <param name="findConsumed">Finds the position in the output of a reader without a cursor; null to start at the oldest
    /// message.</param>
    internal QueueTailer CreateTailer(string name, EstreamQueue output, Func<EstreamQueue, long?>? findConsumed)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(output);
        RequireWritable("store the position of a named tailer");
        output.RequireWritable("be appended to");
        TailerName.Check(name);
        TailerCursor cursor = TailerCursor.Open(Files, name, OldestPosition());
        try
        {
            if (findConsumed is not null && cursor.Began == 0 && findConsumed(this) is { } consumed)
            {
                StartAt(cursor, consumed);
            }

            TransactionalConsumer transactional = TransactionalConsumer.Begin(cursor, this, output, name);
            return Track(new QueueTailer(this, cursor, transactional));
        }
        catch
        {
            cursor.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Deletes the name of a tailer. Retention no longer keeps messages for it, and a new tailer of that name starts at the oldest message.
    /// Deletes the consumer offset too if the name consumed into another queue.
    /// </summary>
    /// <param name="name">The name.</param>
    /// <returns>Whether the name existed.</returns>
    /// <exception cref="ArgumentException">The name has invalid characters.</exception>
    /// <exception cref="InvalidOperationException">The queue was opened read-only.</exception>
    /// <exception cref="EstreamLeaseException">The name is in use; the message names the process.</exception>
    /// <exception cref="EstreamStorageException">The directory is not writable.</exception>
    public bool RemoveTailer(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        RequireWritable("delete the name of a tailer");
        TailerName.Check(name);
        return TailerCursor.Remove(Files, name);
    }

    /// <summary>Lists the names of tailers, in use or not. Reads only a directory.</summary>
    /// <exception cref="EstreamStorageException">The directory cannot be read.</exception>
    public IReadOnlyList<string> ListTailers() => [.. TailerCursor.Paths(Files).Select(path => Path.GetFileNameWithoutExtension(path))];

    /// <summary>
    /// Counts the messages of the queue and lists its readers and writers. Scans the last segment and about 64 KiB for each named tailer,
    /// which takes a few milliseconds.
    /// </summary>
    public QueueInfo GetInfo() => QueueInspector.GetInfo(this);

    /// <summary>
    /// Counts the messages of the queue and lists its readers and writers, optionally with the processes that have pinned each segment.
    /// Readers that have no name or may not write are visible only as users of segments.
    /// </summary>
    /// <param name="withSegmentUsers">Whether to fill <see cref="QueueInfo.SegmentUsers"/>.</param>
    /// <remarks>
    /// Costs as much as <see cref="GetInfo()"/> and, with <paramref name="withSegmentUsers"/>, about 20 µs more for each segment and each
    /// named tailer (at most 1,024 of each); it then reads all file locks of the machine. Blocks no appender or reader.
    /// </remarks>
    public QueueInfo GetInfo(bool withSegmentUsers)
    {
        QueueInfo info = GetInfo();
        return withSegmentUsers ? SegmentUsers.AddTo(info, this) : info;
    }

    /// <summary>
    /// Reads every message, checks frames, checksums and sequence numbers, and reports the first damage. Repairs nothing.
    /// </summary>
    public QueueVerification Verify() => QueueInspector.Verify(this);

    /// <summary>
    /// Disposes the appender and tailers of this object and unmaps the segments. Appended messages stay. A thread that waits for a message
    /// gets an <see cref="ObjectDisposedException"/>. A payload that was read before shows zeros, and writes to the span of a claim are
    /// lost. Idempotent.
    /// </summary>
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

        Waits.Dispose();
        foreach (IDisposable child in children)
        {
            child.Dispose();
        }

        Keeper.Dispose();
        RetentionClock.Dispose();
        lock (_sharedGate)
        {
            _shared?.Dispose();
            _waiterSignal?.Dispose();
        }

        _preparing.Dispose();
        DirtyPages?.Dispose();
        EndDurability();
        Segments.Dispose();
        Keys?.Dispose();
    }

    internal void Untrack(IDisposable child)
    {
        lock (_children)
        {
            _children.Remove(child);
        }
    }

    /// <summary>Stores that the names of the open tailers are in use.</summary>
    internal void TouchTailers()
    {
        QueueTailer[] tailers;
        lock (_children)
        {
            tailers = [.. _children.OfType<QueueTailer>()];
        }

        foreach (QueueTailer tailer in tailers)
        {
            tailer.TouchCursor();
        }
    }

    /// <summary>Wakes every waiter of this queue, so that it checks again.</summary>
    internal void WakeSleepers()
    {
        lock (_sharedGate)
        {
            _waiterSignal?.Notify();
        }
    }

    /// <summary>A position after everything committed now, from which a reader can start. Opens a temporary reader to find the position.
    /// Thread-safe.</summary>
    /// <exception cref="EstreamCorruptionException">The log is damaged.</exception>
    /// <exception cref="ObjectDisposedException">The queue was disposed.</exception>
    public long EndPosition()
    {
        using QueueTailer tailer = CreateTailer();
        tailer.SeekToEnd();
        return tailer.Position;
    }

    /// <summary>The segments of the log, oldest first, without those that a crash restored and no writer has removed yet.</summary>
    internal IReadOnlyList<long> ListSegments()
    {
        IReadOnlyList<long> indexes = Files.ListSegments();
        return Limit is { First: > 0 } limit ? [.. indexes.Where(index => index >= limit.First)] : indexes;
    }

    internal long OldestPosition()
    {
        IReadOnlyList<long> indexes = ListSegments();
        return ((indexes.Count == 0 ? 0 : indexes[0]) * SegmentBytes) + SegmentLayout.HeaderBytes;
    }

    /// <exception cref="ArgumentException">The length is negative or exceeds <see cref="MaxMessageBytes"/>.</exception>
    internal void RequireFits(long length)
    {
        if (length < 0 || length > MaxMessageBytes)
        {
            throw new ArgumentException(
                $"A message of {length} bytes does not fit: queue '{Directory}' takes 0 to {MaxMessageBytes} bytes. "
                + "Split it, or create the queue with larger SegmentBytes.", nameof(length));
        }
    }

    // A host that takes over may lack messages whose results are in the output. Other messages may have replaced them, so a position
    // counts only if a message starts there.
    private void StartAt(TailerCursor cursor, long consumed)
    {
        using QueueTailer tailer = CreateTailer();
        long position = Math.Min(consumed, EndPosition());

        // A power cut may have replaced the messages after its end.
        position = cursor.SourceCut == 0 ? position : Math.Min(position, cursor.SourceCut);
        if (position > cursor.Position && tailer.TrySeek(position))
        {
            cursor.StartAt(position);
        }
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

        // The queue was disposed while the child was created. The child must not outlive it: an appender would keep the lease.
        child.Dispose();
        throw new ObjectDisposedException(nameof(EstreamQueue));
    }

    private void RequireWritable(string action)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (IsReadOnly)
        {
            throw new InvalidOperationException(
                $"The queue '{Directory}' was opened read-only and cannot {action}. Use EstreamQueue.Open.");
        }
    }
}

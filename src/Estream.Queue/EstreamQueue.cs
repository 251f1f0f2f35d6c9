using Estream.Core;
using Estream.Queue.Internal;

namespace Estream.Queue;

/// <summary>
/// An append-only log of messages in a directory of memory-mapped segments: any number of processes append and read, or one appends
/// alone, and what was appended survives the death of its writer at any instruction.
/// </summary>
/// <remarks>
/// Thread-safe itself; an appender or a tailer belongs to one thread at a time. Disposing ends the appender and frees the mappings:
/// appenders and tailers of this queue must not be in use then, and refuse to be used afterwards. Format: docs/formats/queue.md.
/// </remarks>
public sealed partial class EstreamQueue : IDisposable
{
    private readonly QueueOptions _options;
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
        Keeper = new RetentionKeeper(this, options);
        DirtyPages = isReadOnly || options.MemoryBytes == 0 ? null : new DirtyPageWriter(this, options);
    }

    /// <summary>The queue's directory.</summary>
    public string Directory => Files.Directory;

    /// <summary>Which queue this is: a random number that it got when it was created and keeps for good, wherever its directory is
    /// moved.</summary>
    public long Id => Files.QueueId;

    /// <summary>Whether this object only reads.</summary>
    public bool IsReadOnly { get; }

    /// <summary>Whether this object was opened with keys (<see cref="QueueOptions.Keys"/>): what it appends is encrypted.</summary>
    public bool HasKeys => Keys is not null;

    /// <summary>Bytes of one segment, as the queue was created.</summary>
    public long SegmentBytes => Files.SegmentBytes;

    /// <summary>The longest message the queue takes, in bytes.</summary>
    public int MaxMessageBytes => (int)Math.Min(
        Files.SegmentBytes - SegmentLayout.HeaderBytes - (2 * FrameLayout.HeaderBytes),
        FrameLayout.LengthMask - FrameLayout.HeaderBytes - 7) - BlockOverhead;

    internal QueueFiles Files { get; }

    internal SegmentCache Segments { get; }

    internal IClock Clock => _options.Clock;

    internal IdleStrategy Idle => _options.Idle;

    internal TimeSpan LongestSleep => _options.LongestSleep;

    internal TailerWaits Waits { get; }

    internal RetentionKeeper Keeper { get; }

    /// <summary>Where segments are prepared.</summary>
    internal TaskScheduler Background => _options.Background == TaskScheduler.Default ? _preparing : _options.Background;

    /// <summary>How appenders wake tailers, here and in other processes; not for a queue that was opened read-only.</summary>
    internal WaiterSignal WaiterSignal
    {
        get
        {
            lock (_sharedGate)
            {
                // While the queue is being closed the listener may still be looking, until it is told.
                ObjectDisposedException.ThrowIf(_disposed && _waiterSignal is null, this);
                return _waiterSignal ??= new WaiterSignal(Files);
            }
        }
    }

    /// <summary>What shared appenders and waiting tailers need; made when one of them comes.</summary>
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

    /// <summary>Opens a queue for appending and reading, and creates it if it is missing.</summary>
    /// <param name="directory">The queue's directory.</param>
    /// <param name="options">How; the defaults when omitted.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="EstreamStorageException">The directory cannot be created or written.</exception>
    /// <exception cref="EstreamFormatException">The directory holds something else, or a newer format.</exception>
    /// <exception cref="EstreamCorruptionException">The queue's own description is damaged, or a message that was on the
    /// device.</exception>
    /// <remarks>
    /// The first to open a queue for writing after the machine was started checks what was not known to be on the device, and cuts the log
    /// before the first message that is not whole: see <see cref="Recovery"/>. That costs reading these messages.
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

    /// <summary>Opens an existing queue for reading. Nothing is ever written: it works on a read-only file system and beside any
    /// writer.</summary>
    /// <param name="directory">The queue's directory.</param>
    /// <param name="options">Only storage, clock and keys are used.</param>
    /// <exception cref="EstreamStorageException">There is no queue, or it may not be read.</exception>
    /// <exception cref="EstreamFormatException">The directory holds something else, or a newer format.</exception>
    /// <exception cref="EstreamCorruptionException">The queue's own description is damaged.</exception>
    /// <remarks>
    /// If the machine was started anew since the queue was last opened for writing, what was not known to be on the device is checked
    /// first, and readers stop before the first message that is not whole, until a writer has opened the queue.
    /// </remarks>
    public static EstreamQueue OpenReadOnly(string directory, QueueOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        options ??= new QueueOptions();
        return new EstreamQueue(QueueFiles.Open(Path.GetFullPath(directory), options.Storage), options, isReadOnly: true).Limited();
    }

    /// <summary>Takes the right to append, alone or with others, and repairs what killed writers left unfinished.</summary>
    /// <param name="mode">
    /// <see cref="AppenderMode.Shared"/> for one of up to 256 appenders in any processes; <see cref="AppenderMode.Exclusive"/> for the
    /// only one, which appends faster and leaves no gaps in the sequence numbers. A change of mode begins a new segment.
    /// </param>
    /// <returns>The appender; dispose it to give the right back.</returns>
    /// <exception cref="ArgumentException">There is no such mode.</exception>
    /// <exception cref="InvalidOperationException">The queue was opened read-only.</exception>
    /// <exception cref="EstreamLeaseException">An exclusive appender exists (its process is named), or one is wanted and others
    /// exist.</exception>
    /// <exception cref="EstreamStorageException">A segment could not be made or opened.</exception>
    /// <exception cref="EstreamCorruptionException">The last segment is damaged.</exception>
    /// <remarks>
    /// A queue of format version 1 becomes one of version 2, which releases that know version 1 alone refuse. A process with shared
    /// appenders has a thread that looks for dead writers fifty times a second, until the queue object is disposed.
    /// </remarks>
    public QueueAppender CreateAppender(AppenderMode mode = AppenderMode.Shared)
    {
        if (!Enum.IsDefined(mode))
        {
            throw new ArgumentException($"The mode is {(int)mode}; it must be Shared or Exclusive.", nameof(mode));
        }

        RequireWritable("append");
        return Track(QueueAppender.Create(this, _options, mode));
    }

    /// <summary>Creates a reader. A named one goes on where the last reader of that name was; an unnamed one starts at the oldest
    /// message.</summary>
    /// <param name="name">Letters, digits, '-', '_' and '.', at most 100 of them, or <see langword="null"/>. A new name starts at the
    /// oldest message.</param>
    /// <exception cref="ArgumentException">The name has other characters.</exception>
    /// <exception cref="InvalidOperationException">A name was given but the queue was opened read-only, so nothing can be
    /// remembered.</exception>
    /// <exception cref="EstreamLeaseException">The name is in use.</exception>
    /// <exception cref="EstreamCorruptionException">What was remembered under the name is damaged.</exception>
    /// <exception cref="EstreamStorageException">Nothing can be remembered: the disk is full, or the directory may not be
    /// written.</exception>
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
            TransactionalConsumer.Forget(cursor);
            return Track(new QueueTailer(this, cursor));
        }
        catch
        {
            cursor.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Creates a named reader whose progress is committed by the batches it appends to another queue: see
    /// <see cref="QueueAppender.ClaimBatch(int, int, QueueTailer)"/>. After a kill at any moment, or a power cut, it goes on behind the
    /// last message whose output is there.
    /// </summary>
    /// <param name="name">As for <see cref="CreateTailer(string)"/>. The name belongs to one output; reading does not consume, only a
    /// commit does.</param>
    /// <param name="output">The queue that is appended to; open for writing.</param>
    /// <exception cref="ArgumentException">The name has other characters.</exception>
    /// <exception cref="InvalidOperationException">One of the queues was opened read-only.</exception>
    /// <exception cref="EstreamLeaseException">The name is in use.</exception>
    /// <exception cref="EstreamCorruptionException">What was remembered under the name, or the output, is damaged.</exception>
    /// <exception cref="EstreamStorageException">Nothing can be remembered, or the last user of the name was killed and retention has given
    /// up what it appended.</exception>
    /// <remarks>
    /// After a kill the output is walked from the last batch known to the name on, and flushed if there is one that was not; after a power
    /// cut it is walked perhaps as a whole; else it costs what another tailer does.
    /// </remarks>
    public QueueTailer CreateTailer(string name, EstreamQueue output)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(output);
        RequireWritable("remember where a named tailer is");
        output.RequireWritable("be appended to");
        TailerName.Check(name);
        TailerCursor cursor = TailerCursor.Open(Files, name, OldestPosition());
        try
        {
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
    /// Gives up the name of a tailer: what it has not read no longer keeps retention from anything, and a new tailer of that name starts at
    /// the oldest message. A name that consumed into another queue forgets how far it came.
    /// </summary>
    /// <param name="name">The name.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="ArgumentException">The name has characters that no name has.</exception>
    /// <exception cref="InvalidOperationException">The queue was opened read-only.</exception>
    /// <exception cref="EstreamLeaseException">The name is in use; its process is named.</exception>
    /// <exception cref="EstreamStorageException">The directory may not be written.</exception>
    public bool RemoveTailer(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        RequireWritable("give up the name of a tailer");
        TailerName.Check(name);
        return TailerCursor.Remove(Files, name);
    }

    /// <summary>
    /// Counts what is in the queue, and looks who uses it. Walks the last segment and some 64 KiB for each named tailer, so it costs a few
    /// milliseconds.
    /// </summary>
    public QueueInfo GetInfo() => QueueInspector.GetInfo(this);

    /// <summary>The same, and with it who is in which segment, as the kernel tells: readers that have no name and those that may not write
    /// are found by that alone.</summary>
    /// <param name="withSegmentUsers">Whether <see cref="QueueInfo.SegmentUsers"/> is wanted.</param>
    /// <remarks>
    /// Costs some 20 µs for each segment, of at most 1,024, and for each named tailer, and a look at all the locks of the machine. Nobody
    /// is held up by it.
    /// </remarks>
    public QueueInfo GetInfo(bool withSegmentUsers)
    {
        QueueInfo info = GetInfo();
        return withSegmentUsers ? SegmentUsers.AddTo(info, this) : info;
    }

    /// <summary>Reads every message, checks frames, checksums and numbers, and says where the first damage is. Repairs nothing.</summary>
    public QueueVerification Verify() => QueueInspector.Verify(this);

    /// <summary>
    /// Ends the appender and tailers of this object and frees the mappings. What was appended stays. Who waits for a message gets an
    /// <see cref="ObjectDisposedException"/>. Idempotent.
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

    /// <summary>Makes everybody who sleeps for messages of this queue look again.</summary>
    internal void WakeSleepers()
    {
        lock (_sharedGate)
        {
            _waiterSignal?.Notify();
        }
    }

    /// <summary>A position behind everything that is committed now, at which a reader can start. Opens a reader for it;
    /// thread-safe.</summary>
    /// <exception cref="EstreamCorruptionException">What is there is not a log.</exception>
    /// <exception cref="ObjectDisposedException">The queue was disposed.</exception>
    public long EndPosition()
    {
        using QueueTailer tailer = CreateTailer();
        tailer.SeekToEnd();
        return tailer.Position;
    }

    /// <summary>The segments of the log, oldest first, without those that a crash has brought back and no writer has removed yet.</summary>
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

    /// <exception cref="ArgumentException">No message has this length here.</exception>
    internal void RequireFits(long length)
    {
        if (length < 0 || length > MaxMessageBytes)
        {
            throw new ArgumentException(
                $"A message of {length} bytes does not fit: queue '{Directory}' takes 0 to {MaxMessageBytes} bytes. "
                + "Split it, or create the queue with larger SegmentBytes.", nameof(length));
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

        // Disposed while the child was made: it would outlive its queue, and an appender keep the right to append.
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

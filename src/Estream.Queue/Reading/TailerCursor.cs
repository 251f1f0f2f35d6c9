using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>The stored position of a named reader, in its own file. A kernel lock allows one reader per name.</summary>
internal sealed class TailerCursor : IDisposable
{
    // A few tenths of a second: a process that checks whether a name is in use holds its lock for two system calls, and may be preempted
    // between them.
    private const int LockAttempts = 400;

    // About 10 s. Applies while only inspecting processes hold the lock, because such a process may be suspended.
    private const int InspectedAttempts = 10_000;
    private const int RemovedAttempts = 10;

    private const long TouchNanos = 3_600_000_000_000;

    /// <summary>The user of the name has not stored its process id.</summary>
    public const int Unknown = -1;

    private readonly MemoryRegion _region;
    private readonly Lock _closing = new();
    private RegionSpan _memory;

    private TailerCursor(MemoryRegion region, string path, bool isNew)
    {
        _region = region;
        _memory = region.All;
        Path = path;
        IsNew = isNew;
    }

    public string Path { get; }

    /// <summary>Whether the name is new.</summary>
    public bool IsNew { get; private set; }

    public long Position => _memory.ReadInt64Acquire(MetadataLayout.CursorPositionOffset);

    /// <summary>Stores the position by one aligned store: after any crash, a reader of the file sees the old position or the new
    /// one.</summary>
    public void Store(long position) => _memory.WriteInt64Release(MetadataLayout.CursorPositionOffset, position);

    /// <summary>Sets how long retention waits for the name after its last use, which is now.</summary>
    /// <param name="maxUnusedNanos">The time; 0 for ever.</param>
    /// <param name="utcNanos">The current time.</param>
    public void SetMaxUnused(long maxUnusedNanos, long utcNanos)
    {
        _memory.WriteInt64Release(MetadataLayout.CursorUsedAtOffset, utcNanos);
        _memory.WriteInt64Release(MetadataLayout.CursorMaxUnusedOffset, maxUnusedNanos);
    }

    /// <summary>Whether retention waits for the name only for some time after its last use.</summary>
    public bool HasAge => _memory.ReadInt64(MetadataLayout.CursorMaxUnusedOffset) != 0;

    /// <summary>Stores that the name is in use now, if that matters to retention.</summary>
    public void Touch(IClock clock)
    {
        if (HasAge)
        {
            _memory.WriteInt64Release(MetadataLayout.CursorUsedAtOffset, clock.UtcNanos);
        }
    }

    /// <summary>As <see cref="Touch"/>, at most once an hour, and from any thread: if the process crashes, its use of the name counts until
    /// then.</summary>
    public void TouchInUse(IClock clock)
    {
        lock (_closing)
        {
            if (_memory.Length > 0 && clock.UtcNanos - _memory.ReadInt64(MetadataLayout.CursorUsedAtOffset) >= TouchNanos)
            {
                Touch(clock);
            }
        }
    }

    /// <summary>Moves a cursor that has not begun to the position where another host stopped.</summary>
    public void StartAt(long position)
    {
        Store(position);
        IsNew = false;
    }

    /// <summary>
    /// The position in the output queue from which to look for batches that the cursor does not contain; 0 if there are none.
    /// </summary>
    public long OutputPosition => _memory.ReadInt64Acquire(MetadataLayout.CursorOutputOffset);

    public void StoreOutput(long position) => _memory.WriteInt64Release(MetadataLayout.CursorOutputOffset, position);

    /// <summary>
    /// The lowest position at which recovery truncated the source since the name was first used with its output; 0 if never.
    /// </summary>
    public long SourceCut => _memory.ReadInt64(MetadataLayout.CursorSourceCutOffset);

    /// <summary>The last recovery of the output that this name has taken into account; 0 if the output was never recovered.</summary>
    public long OutputSeen => _memory.ReadInt64(MetadataLayout.CursorOutputSeenOffset);

    /// <summary>
    /// The position at which the name was first used with its output, or continued after the last power cut. 0 if the name has been used
    /// without an output since.
    /// </summary>
    public long Began => _memory.ReadInt64(MetadataLayout.CursorBeganOffset);

    /// <summary>The end of the output when <see cref="Began"/> was stored. Batches of the name before this position no longer
    /// count.</summary>
    public long BeganOutput => _memory.ReadInt64(MetadataLayout.CursorBeganOutputOffset);

    /// <summary>Whether a process started to make the start of the name durable and may not have finished.</summary>
    public bool IsUnsettled
    {
        get => _memory.ReadInt64(MetadataLayout.CursorUnsettledOffset) != 0;
        set => _memory.WriteInt64Release(MetadataLayout.CursorUnsettledOffset, value ? 1 : 0);
    }

    public void StoreBegan(long position) => _memory.WriteInt64Release(MetadataLayout.CursorBeganOffset, position);

    public void StoreBeganOutput(long position) => _memory.WriteInt64Release(MetadataLayout.CursorBeganOutputOffset, position);

    public void StoreSeen(long output) => _memory.WriteInt64Release(MetadataLayout.CursorOutputSeenOffset, output);

    public void ForgetSourceCut() => _memory.WriteInt64Release(MetadataLayout.CursorSourceCutOffset, 0);

    /// <summary>Flushes the file and its directory entry.</summary>
    /// <exception cref="EstreamStorageException">The flush failed.</exception>
    public void MakeDurable(QueueFiles files)
    {
        _region.Flush(0, _region.Length);
        files.Storage.SyncDirectory(files.TailerDirectory);
        files.Storage.SyncDirectory(files.Directory);
    }

    /// <exception cref="EstreamLeaseException">The name is in use.</exception>
    public static TailerCursor Open(QueueFiles files, string name, long startPosition)
    {
        string path = PathOf(files, name);
        for (int attempt = 0; ; attempt++)
        {
            bool isNew = !files.Storage.FileExists(path) && TryCreate(files, path, startPosition);
            if (TryOpenLocked(files, name, path, isLast: attempt == RemovedAttempts) is not { } region)
            {
                continue;
            }

            try
            {
                Check(region.All, path, files.QueueId);

                // This process created the file, but another reader of the name may have used the file before the lock was taken.
                isNew &= region.All.ReadInt64Acquire(MetadataLayout.CursorPositionOffset) == startPosition;
                region.All.WriteInt32Release(MetadataLayout.CursorProcessOffset, Environment.ProcessId);
                return new TailerCursor(region, path, isNew);
            }
            catch
            {
                region.Dispose();
                throw;
            }
        }
    }

    /// <summary>Deletes a name.</summary>
    /// <returns>Whether the name existed.</returns>
    /// <exception cref="EstreamLeaseException">The name is in use.</exception>
    public static bool Remove(QueueFiles files, string name)
    {
        string path = PathOf(files, name);
        if (!files.Storage.FileExists(path) || TryOpenLocked(files, name, path, isLast: true) is not { } region)
        {
            return false;
        }

        using (region)
        {
            // The directory entry is deleted durably before the contents, or a power cut could restore the name without its contents. A
            // process that opened the file earlier sees by the contents that the name no longer exists.
            files.Storage.Delete(path);
            files.Storage.SyncDirectory(files.TailerDirectory);
            if (region.Length >= MetadataLayout.FileBytes)
            {
                region.All.WriteInt64Release(MetadataLayout.MagicOffset, 0);
            }

            return true;
        }
    }

    /// <summary>The files of all named readers.</summary>
    public static IEnumerable<string> Paths(QueueFiles files) =>
        files.Storage.ListFiles(files.TailerDirectory, MetadataLayout.CursorSuffix)
            .Select(file => System.IO.Path.Combine(files.TailerDirectory, file));

    /// <summary>Moves a reader whose position is no longer in the log, and records where the log ends now.</summary>
    public static void Turn(QueueFiles files, string path, long end, Func<long, long> place)
    {
        using MemoryRegion region = files.Storage.OpenRegion(path, RegionAccess.ReadWrite);
        Check(region.All, path, files.QueueId);
        long position = region.All.ReadInt64Acquire(MetadataLayout.CursorPositionOffset);
        long turned = place(position);
        bool isFree = region.TryLock(LockMode.Exclusive);
        if (!isFree && turned == position)
        {
            // The reader is active on a machine that has not crashed: it has lost no message, and the next ones are after the end.
            return;
        }

        region.All.WriteInt64Release(MetadataLayout.CursorPositionOffset, turned);

        // Keeps the lowest end: each of several recoveries before the next use of the name may replace lost messages with others.
        long cut = region.All.ReadInt64(MetadataLayout.CursorSourceCutOffset);
        region.All.WriteInt64(MetadataLayout.CursorSourceCutOffset, cut == 0 ? end : Math.Min(cut, end));
        if (isFree)
        {
            // A new user of the name sees the truncation now and need not wait for the flush.
            region.Unlock();
        }

        // Flushes even an unchanged position: an earlier process may have stored it and crashed before a flush.
        region.Flush(0, region.Length);
    }

    /// <summary>
    /// The positions of all named readers, in use or not. On request also the process that uses each name, 0 if none. This tries the lock
    /// of each file, so a process that opens the name at that moment has to retry.
    /// </summary>
    /// <param name="files">The files of the queue.</param>
    /// <param name="utcNanos">The current time, which decides whether retention still waits for an unused name.</param>
    /// <param name="withUsers">Whether to read the process that uses each name.</param>
    public static IReadOnlyList<CursorState> ReadAll(QueueFiles files, long utcNanos, bool withUsers = false)
    {
        var cursors = new List<CursorState>();
        foreach (string file in files.Storage.ListFiles(files.TailerDirectory, MetadataLayout.CursorSuffix))
        {
            string path = System.IO.Path.Combine(files.TailerDirectory, file);
            try
            {
                using MemoryRegion region = files.Storage.OpenRegion(path, RegionAccess.ReadOnly);
                Check(region.All, path, files.QueueId);
                cursors.Add(StateOf(file[..^MetadataLayout.CursorSuffix.Length], region, utcNanos, withUsers));
            }
            catch (EstreamStorageException missing) when (missing.Reason == StorageFailure.NotFound)
            {
                // The name was deleted since the directory was listed.
            }
        }

        return cursors;
    }

    /// <summary>The readers whose cursors refer to an output, in use or not. Leaves out damaged cursors, because the next user of the name
    /// reports the damage.</summary>
    public static IReadOnlyList<string> NamesWithOutput(QueueFiles files)
    {
        var names = new List<string>();
        foreach (string path in Paths(files))
        {
            try
            {
                using MemoryRegion region = files.Storage.OpenRegion(path, RegionAccess.ReadOnly);
                Check(region.All, path, files.QueueId);
                if (region.All.ReadInt64Acquire(MetadataLayout.CursorBeganOffset) != 0
                    || region.All.ReadInt64Acquire(MetadataLayout.CursorOutputOffset) != 0)
                {
                    names.Add(System.IO.Path.GetFileNameWithoutExtension(path));
                }
            }
            catch (EstreamException damage) when (damage is EstreamCorruptionException or EstreamFormatException)
            {
                // The cursor is damaged. The next user of the name reports the damage.
            }
            catch (EstreamStorageException missing) when (missing.Reason == StorageFailure.NotFound)
            {
                // The name was deleted since the directory was listed.
            }
        }

        return names;
    }

    public void Dispose()
    {
        lock (_closing)
        {
            if (_memory.Length > 0)
            {
                _memory.WriteInt32Release(MetadataLayout.CursorProcessOffset, 0);
            }

            _memory = default;
            _region.Dispose();
        }
    }

    /// <summary>Returns the path of the cursor file of a named tailer.</summary>
    public static string PathOf(QueueFiles files, string name) =>
        System.IO.Path.Combine(files.TailerDirectory, name + MetadataLayout.CursorSuffix);

    // Returns null if the name was deleted between listing the directory and taking the lock.
    private static MemoryRegion? TryOpenLocked(QueueFiles files, string name, string path, bool isLast)
    {
        MemoryRegion region;
        try
        {
            region = files.Storage.OpenRegion(path, RegionAccess.ReadWrite);
        }
        catch (EstreamStorageException missing) when (missing.Reason == StorageFailure.NotFound)
        {
            return null;
        }

        try
        {
            Lock(files, name, path, region);
            // The caller tries again after a removal, because a new file may have the name. In the last attempt, such a file is damaged.
            if ((isLast || !IsRemoved(region)) && files.Storage.FileExists(path))
            {
                return region;
            }
        }
        catch
        {
            region.Dispose();
            throw;
        }

        region.Dispose();
        return null;
    }

    private static bool IsRemoved(MemoryRegion region) =>
        region.Length >= MetadataLayout.FileBytes && region.All.ReadInt64Acquire(MetadataLayout.MagicOffset) == 0;

    private static void Lock(QueueFiles files, string name, string path, MemoryRegion region)
    {
        IdleStrategy idle = IdleStrategy.Backoff();
        for (int attempt = 0; !region.TryLock(LockMode.Exclusive); attempt++)
        {
            if (attempt >= InspectedAttempts || (attempt >= LockAttempts && IsInUse(region)))
            {
                // After InspectedAttempts, a suspended inspecting process may hold the lock. Its id is not the id in the cursor.
                bool isKnown = region.Length >= MetadataLayout.FileBytes && attempt < InspectedAttempts;
                int user = !isKnown ? 0 : region.All.ReadInt32Acquire(MetadataLayout.CursorProcessOffset);
                throw new EstreamLeaseException(
                    $"The tailer name '{name}' of queue '{files.Directory}' is in use by "
                    + $"{(user == 0 ? "another process" : $"process {user}")}. "
                    + "Dispose that tailer, end its process, or choose another name.", path, user);
            }

            idle.Idle(0);
        }
    }

    // A tailer of the name holds the lock exclusively; processes that inspect the name share the lock.
    private static bool IsInUse(MemoryRegion region)
    {
        if (region.TryLock(LockMode.Shared))
        {
            region.Unlock();
            return false;
        }

        return true;
    }

    private static CursorState StateOf(string name, MemoryRegion region, long utcNanos, bool withUsers)
    {
        long retainsUntil = RetainsUntil(region.All);
        return new CursorState(name, region.All.ReadInt64Acquire(MetadataLayout.CursorPositionOffset), withUsers ? UserOf(region) : 0)
        {
            RetainsUntil = retainsUntil,
            IsRetaining = utcNanos < retainsUntil || IsInUse(region),
        };
    }

    // The fields are outside the checked header. Any value that is not a valid age means that retention waits for ever.
    private static long RetainsUntil(RegionSpan memory)
    {
        long maxUnused = memory.ReadInt64Acquire(MetadataLayout.CursorMaxUnusedOffset);
        long usedAt = memory.ReadInt64Acquire(MetadataLayout.CursorUsedAtOffset);
        return maxUnused <= 0 || usedAt <= 0 || usedAt > long.MaxValue - maxUnused ? CursorState.ForEver : usedAt + maxUnused;
    }

    private static int UserOf(MemoryRegion region)
    {
        if (!IsInUse(region))
        {
            return 0;
        }

        return region.All.ReadInt32Acquire(MetadataLayout.CursorProcessOffset) is var user and not 0 ? user : Unknown;
    }

    private static bool TryCreate(QueueFiles files, string path, long startPosition)
    {
        files.Storage.CreateDirectory(files.TailerDirectory);
        using IDisposable creation = CreationLock.Take(files.Storage, files.Directory);
        if (files.Storage.FileExists(path))
        {
            return false;
        }

        string temporary = path + ".new";
        files.Storage.Delete(temporary);
        using (MemoryRegion region = files.Storage.CreateRegion(temporary, MetadataLayout.FileBytes))
        {
            region.All.WriteInt64(MetadataLayout.QueueIdOffset, files.QueueId);
            region.All.WriteInt64(MetadataLayout.CursorPositionOffset, startPosition);
            FormatHeader.Seal(region.All, MetadataLayout.CursorMagic, MetadataLayout.CursorVersion, MetadataLayout.CursorCheckedBytes);

            // The name must not exist after a power cut without its contents.
            region.Flush(0, region.Length);
        }

        files.Storage.Rename(temporary, path);
        return true;
    }

    private static void Check(RegionSpan memory, string path, long queueId)
    {
        FormatHeader.Check(memory, path, MetadataLayout.CursorMagic, MetadataLayout.CursorVersion, MetadataLayout.CursorCheckedBytes);
        if (memory.ReadInt64(MetadataLayout.QueueIdOffset) != queueId)
        {
            throw new EstreamFormatException(
                $"'{path}' is the cursor of another queue. Move it back to where it came from, or delete it to start over.", path);
        }
    }
}

/// <summary>The state of a named reader.</summary>
/// <param name="Name">The name.</param>
/// <param name="Position">The position of the next message to read.</param>
/// <param name="ProcessId">The process that uses the name; 0 if none, or not requested.</param>
internal readonly record struct CursorState(string Name, long Position, int ProcessId)
{
    public const long ForEver = long.MaxValue;

    /// <summary>When retention stops to wait for the name if it stays unused, in Unix nanoseconds.</summary>
    public long RetainsUntil { get; init; }

    /// <summary>Whether retention keeps the messages from <see cref="Position"/> on.</summary>
    public bool IsRetaining { get; init; }
}

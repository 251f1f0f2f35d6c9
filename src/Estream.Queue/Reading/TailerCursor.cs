using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>Where a named reader goes on, in a file of its own. One reader a name, by the kernel's lock.</summary>
internal sealed class TailerCursor : IDisposable
{
    // Some tenths of a second: who looks whether a name is in use holds its lock for two system calls, and may have to wait for a core
    // between them.
    private const int LockAttempts = 400;
    private const int RemovedAttempts = 10;

    /// <summary>Somebody who has not said which process it is.</summary>
    public const int Unknown = -1;

    private readonly MemoryRegion _region;
    private RegionSpan _memory;

    private TailerCursor(MemoryRegion region, string path, bool isNew)
    {
        _region = region;
        _memory = region.All;
        Path = path;
        IsNew = isNew;
    }

    public string Path { get; }

    /// <summary>Whether the name was not known before.</summary>
    public bool IsNew { get; }

    public long Position => _memory.ReadInt64Acquire(MetadataLayout.CursorPositionOffset);

    /// <summary>One aligned store: whoever looks, after whatever crash, sees the old position or the new one.</summary>
    public void Store(long position) => _memory.WriteInt64Release(MetadataLayout.CursorPositionOffset, position);

    /// <summary>Where to look in the output queue for batches the cursor does not know of; 0 when there is nothing to look for.</summary>
    public long OutputPosition => _memory.ReadInt64Acquire(MetadataLayout.CursorOutputOffset);

    public void StoreOutput(long position) => _memory.WriteInt64Release(MetadataLayout.CursorOutputOffset, position);

    /// <summary>The lowest place at which the source was cut since the name began to be used with its output; 0: nowhere.</summary>
    public long SourceCut => _memory.ReadInt64(MetadataLayout.CursorSourceCutOffset);

    /// <summary>When the output was last recovered, as far as this name has taken that into account; 0 for a queue that never
    /// was.</summary>
    public long OutputSeen => _memory.ReadInt64(MetadataLayout.CursorOutputSeenOffset);

    /// <summary>Where the name began with its output, or went on after the last power cut; 0: it was used without one since, if
    /// ever.</summary>
    public long Began => _memory.ReadInt64(MetadataLayout.CursorBeganOffset);

    /// <summary>Where the output ended then: what it tells of the name before this place does not count any more.</summary>
    public long BeganOutput => _memory.ReadInt64(MetadataLayout.CursorBeganOutputOffset);

    /// <summary>Whether somebody was about to bring to the device how the name begins, and may not have done it.</summary>
    public bool IsUnsettled
    {
        get => _memory.ReadInt64(MetadataLayout.CursorUnsettledOffset) != 0;
        set => _memory.WriteInt64Release(MetadataLayout.CursorUnsettledOffset, value ? 1 : 0);
    }

    public void StoreBegan(long position) => _memory.WriteInt64Release(MetadataLayout.CursorBeganOffset, position);

    public void StoreBeganOutput(long position) => _memory.WriteInt64Release(MetadataLayout.CursorBeganOutputOffset, position);

    public void StoreSeen(long output) => _memory.WriteInt64Release(MetadataLayout.CursorOutputSeenOffset, output);

    public void ForgetSourceCut() => _memory.WriteInt64Release(MetadataLayout.CursorSourceCutOffset, 0);

    /// <summary>Brings the name and what is under it to the device.</summary>
    /// <exception cref="EstreamStorageException">The device did not take it.</exception>
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

                // Made here, but another reader of the name may have used it and gone before the lock was taken.
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

    /// <summary>Gives a name up.</summary>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="EstreamLeaseException">It is in use.</exception>
    public static bool Remove(QueueFiles files, string name)
    {
        string path = PathOf(files, name);
        if (!files.Storage.FileExists(path) || TryOpenLocked(files, name, path, isLast: true) is not { } region)
        {
            return false;
        }

        using (region)
        {
            // The name goes before the contents, and for good, else a power cut could bring it back without them. Whoever opened the file
            // before finds out by the contents that there is no such name any more.
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

    /// <summary>Gives a reader another place, if its own is not in the log any more, and notes where that ends now.</summary>
    public static void Turn(QueueFiles files, string path, long end, Func<long, long> place)
    {
        using MemoryRegion region = files.Storage.OpenRegion(path, RegionAccess.ReadWrite);
        Check(region.All, path, files.QueueId);
        long position = region.All.ReadInt64Acquire(MetadataLayout.CursorPositionOffset);
        long turned = place(position);
        bool isFree = region.TryLock(LockMode.Exclusive);
        if (!isFree && turned == position)
        {
            // Somebody reads on, whose machine has not stopped: nothing it has read is lost, and what it reads from now on lies behind the
            // end.
            return;
        }

        region.All.WriteInt64Release(MetadataLayout.CursorPositionOffset, turned);

        // Several recoveries may come before the name is used again, and each time something else in the place of what was lost.
        long cut = region.All.ReadInt64(MetadataLayout.CursorSourceCutOffset);
        region.All.WriteInt64(MetadataLayout.CursorSourceCutOffset, cut == 0 ? end : Math.Min(cut, end));
        if (isFree)
        {
            // Who comes for the name now sees the cut, and does not have to wait for the device.
            region.Unlock();
        }

        // Also a place that stays: who was killed before this may have stored it.
        region.Flush(0, region.Length);
    }

    /// <summary>
    /// The positions of all named readers, in use or not: what retention has to keep. And, when asked for, by which process each is used,
    /// 0 by none: the lock of the file tells, and whoever wants the name in that moment has to try again.
    /// </summary>
    public static IReadOnlyList<(string Name, long Position, int ProcessId)> ReadAll(QueueFiles files, bool withUsers = false)
    {
        var cursors = new List<(string, long, int)>();
        foreach (string file in files.Storage.ListFiles(files.TailerDirectory, MetadataLayout.CursorSuffix))
        {
            string path = System.IO.Path.Combine(files.TailerDirectory, file);
            try
            {
                using MemoryRegion region = files.Storage.OpenRegion(path, RegionAccess.ReadOnly);
                Check(region.All, path, files.QueueId);
                cursors.Add(
                    (file[..^MetadataLayout.CursorSuffix.Length], region.All.ReadInt64Acquire(MetadataLayout.CursorPositionOffset),
                        withUsers ? UserOf(region) : 0));
            }
            catch (EstreamStorageException missing) when (missing.Reason == StorageFailure.NotFound)
            {
                // Deleted since the directory was read: the name is given up.
            }
        }

        return cursors;
    }

    public void Dispose()
    {
        if (_memory.Length > 0)
        {
            _memory.WriteInt32Release(MetadataLayout.CursorProcessOffset, 0);
        }

        _memory = default;
        _region.Dispose();
    }

    /// <summary>The file of a name.</summary>
    public static string PathOf(QueueFiles files, string name) =>
        System.IO.Path.Combine(files.TailerDirectory, name + MetadataLayout.CursorSuffix);

    // Nothing where the name was given up between the look at the directory and the lock.
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
            // Another one may have been made under the name already. A file that stays without its first bytes is damaged.
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
            if (attempt == LockAttempts)
            {
                int user = region.Length < MetadataLayout.FileBytes ? 0 : region.All.ReadInt32Acquire(MetadataLayout.CursorProcessOffset);
                throw new EstreamLeaseException(
                    $"The tailer name '{name}' of queue '{files.Directory}' is in use by "
                    + $"{(user == 0 ? "another process" : $"process {user}")}. "
                    + "Dispose that tailer, end its process, or choose another name.", path, user);
            }

            idle.Idle(0);
        }
    }

    private static int UserOf(MemoryRegion region)
    {
        if (region.TryLock(LockMode.Shared))
        {
            region.Unlock();
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

            // A name must not be there after a power cut without what is under it.
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

using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>Where a named reader goes on, in a file of its own. One reader a name, by the kernel's lock.</summary>
internal sealed class TailerCursor : IDisposable
{
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

    /// <exception cref="EstreamLeaseException">The name is in use.</exception>
    public static TailerCursor Open(QueueFiles files, string name, long startPosition)
    {
        string path = System.IO.Path.Combine(files.TailerDirectory, name + MetadataLayout.CursorSuffix);
        bool isNew = !files.Storage.FileExists(path) && TryCreate(files, path, startPosition);

        MemoryRegion region = files.Storage.OpenRegion(path, RegionAccess.ReadWrite);
        try
        {
            if (!region.TryLock(LockMode.Exclusive))
            {
                throw new EstreamLeaseException(
                    $"The tailer name '{name}' of queue '{files.Directory}' is in use. Dispose that tailer, end its process, or choose another name.", path);
            }

            Check(region.All, path, files.QueueId);

            // Made here, but another reader of the name may have used it and gone before the lock was taken.
            isNew &= region.All.ReadInt64Acquire(MetadataLayout.CursorPositionOffset) == startPosition;
            return new TailerCursor(region, path, isNew);
        }
        catch
        {
            region.Dispose();
            throw;
        }
    }

    /// <summary>The positions of all named readers, in use or not: what retention has to keep.</summary>
    public static IReadOnlyList<(string Name, long Position)> ReadAll(QueueFiles files)
    {
        var cursors = new List<(string, long)>();
        foreach (string file in files.Storage.ListFiles(files.TailerDirectory, MetadataLayout.CursorSuffix))
        {
            string path = System.IO.Path.Combine(files.TailerDirectory, file);
            try
            {
                using MemoryRegion region = files.Storage.OpenRegion(path, RegionAccess.ReadOnly);
                Check(region.All, path, files.QueueId);
                cursors.Add((file[..^MetadataLayout.CursorSuffix.Length], region.All.ReadInt64Acquire(MetadataLayout.CursorPositionOffset)));
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
        _memory = default;
        _region.Dispose();
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
        }

        files.Storage.Rename(temporary, path);
        return true;
    }

    private static void Check(RegionSpan memory, string path, long queueId)
    {
        FormatHeader.Check(memory, path, MetadataLayout.CursorMagic, MetadataLayout.CursorVersion, MetadataLayout.CursorCheckedBytes);
        if (memory.ReadInt64(MetadataLayout.QueueIdOffset) != queueId)
        {
            throw new EstreamFormatException($"'{path}' is the cursor of another queue. Move it back to where it came from, or delete it to start over.", path);
        }
    }
}

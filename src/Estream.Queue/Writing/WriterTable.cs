using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// The slots of the shared writers of a queue. The kernel lock on the file of a slot tells whether the owner lives; the slot tells what the
/// owner was doing when it died.
/// </summary>
internal sealed class WriterTable : IDisposable
{
    private readonly WriterSlots _slots;

    private WriterTable(QueueFiles files, MemoryRegion region)
    {
        _slots = new WriterSlots(files.Storage, region, files.WriterLocksPath);
    }

    /// <summary>Opens the table, and creates it if it does not exist.</summary>
    /// <exception cref="EstreamStorageException">The table cannot be created or opened.</exception>
    /// <exception cref="EstreamFormatException">The table has a newer version, or belongs to another queue.</exception>
    public static WriterTable Open(QueueFiles files)
    {
        string path = files.WritersPath;
        if (!files.Storage.FileExists(path))
        {
            files.Storage.CreateDirectory(files.WriterLocksPath);
            using IDisposable creation = CreationLock.Take(files.Storage, files.Directory);
            if (!files.Storage.FileExists(path))
            {
                Create(files, path);
            }
        }

        return Open(files, RegionAccess.ReadWrite);
    }

    /// <summary>Opens an existing table for reading.</summary>
    /// <exception cref="EstreamStorageException">The table cannot be opened.</exception>
    /// <exception cref="EstreamFormatException">The table has a newer version, or belongs to another queue.</exception>
    public static WriterTable OpenReadOnly(QueueFiles files) => Open(files, RegionAccess.ReadOnly);

    private static WriterTable Open(QueueFiles files, RegionAccess access)
    {
        string path = files.WritersPath;
        MemoryRegion region = files.Storage.OpenRegion(path, access);
        try
        {
            FormatHeader.Check(region.All, path, WriterLayout.Magic, WriterLayout.Version, WriterLayout.CheckedBytes);
            if (region.Length < WriterSlots.FileBytes || region.All.ReadInt64(WriterLayout.QueueIdOffset) != files.QueueId)
            {
                throw new EstreamFormatException(
                    $"'{path}' is the writer table of another queue, or truncated. Restore it; if no process appends, it may be deleted.",
                    path);
            }

            return new WriterTable(files, region);
        }
        catch
        {
            region.Dispose();
            throw;
        }
    }

    /// <summary>The part of the table that belongs to a slot.</summary>
    public RegionSpan Slot(int slot) => _slots.Memory(slot);

    public long Claim(int slot) => Slot(slot).ReadInt64Acquire(WriterLayout.ClaimOffset);

    public long Epoch(int slot) => _slots.EpochOf(slot);

    /// <inheritdoc cref="WriterSlots.OwnerOf"/>
    public int Owner(int slot) => _slots.OwnerOf(slot);

    /// <inheritdoc cref="WriterSlots.IsOwn"/>
    public bool IsOwn(int slot) => _slots.IsOwn(slot);

    /// <inheritdoc cref="WriterSlots.TryLock"/>
    public IDisposable? TryLock(int slot, LockMode mode) => _slots.TryLock(slot, mode);

    /// <summary>Takes a free slot, after reclaiming the claims that its last owner left.</summary>
    /// <exception cref="EstreamLeaseException">No slot is free.</exception>
    public WriterSlot Take(DeadWriterReclaimer dead, string directory) => _slots.Take(dead.TryClearUp, directory);

    /// <summary>Marks the slot as cleared. The caller holds the lock of the slot.</summary>
    public void Clear(int slot)
    {
        Slot(slot).WriteInt64Release(WriterLayout.ClaimOffset, Claim(slot) & ~WriterLayout.ClaimingFlag);
        _slots.Clear(slot);
    }

    public void Dispose() => _slots.Dispose();

    private static void Create(QueueFiles files, string path)
    {
        string temporary = path + ".new";
        files.Storage.Delete(temporary);
        using (MemoryRegion region = files.Storage.CreateRegion(temporary, WriterSlots.FileBytes))
        {
            region.All.WriteInt64(WriterLayout.QueueIdOffset, files.QueueId);
            FormatHeader.Seal(region.All, WriterLayout.Magic, WriterLayout.Version, WriterLayout.CheckedBytes);
        }

        files.Storage.Rename(temporary, path);
    }
}

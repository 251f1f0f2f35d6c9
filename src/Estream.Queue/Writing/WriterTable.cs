using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// The slots of a queue's shared writers. Whether the owner of a slot lives is said by the kernel's lock on the slot's file alone; what
/// the owner was doing when it died is said by the slot.
/// </summary>
internal sealed class WriterTable : IDisposable
{
    private readonly WriterSlots _slots;

    private WriterTable(QueueFiles files, MemoryRegion region)
    {
        _slots = new WriterSlots(files.Storage, region, files.WriterLocksPath);
    }

    /// <summary>Opens the table, making it when it is missing.</summary>
    /// <exception cref="EstreamStorageException">It cannot be made or opened.</exception>
    /// <exception cref="EstreamFormatException">It is another file, or of another queue.</exception>
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

    /// <summary>Opens a table that is there, to look at it.</summary>
    /// <exception cref="EstreamStorageException">It cannot be opened.</exception>
    /// <exception cref="EstreamFormatException">It is another file, or of another queue.</exception>
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
                    $"'{path}' is the writer table of another queue, or cut off. Restore it; if no process appends, it may be deleted.",
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

    /// <inheritdoc cref="WriterSlots.TryLock"/>
    public IDisposable? TryLock(int slot, LockMode mode) => _slots.TryLock(slot, mode);

    /// <summary>Takes a free slot, clearing up after its last owner if nobody has yet.</summary>
    /// <exception cref="EstreamLeaseException">There is none.</exception>
    public WriterSlot Take(DeadWriterReclaimer dead, string directory) => _slots.Take(dead.TryClearUp, directory);

    /// <summary>Says that nothing is left of a slot's owner. The caller holds the slot's lock.</summary>
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

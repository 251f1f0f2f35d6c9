using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// The slots of a queue's shared writers. Whether the owner of a slot lives is said by the kernel's lock on the slot's file alone; what
/// the owner was doing when it died is said by the slot.
/// </summary>
internal sealed class WriterTable : IDisposable
{
    private readonly QueueFiles _files;
    private readonly MemoryRegion _region;

    private WriterTable(QueueFiles files, MemoryRegion region)
    {
        _files = files;
        _region = region;
    }

    /// <summary>Opens the table, making it when it is missing.</summary>
    /// <exception cref="EstreamStorageException">It cannot be made or opened.</exception>
    /// <exception cref="EstreamFormatException">It is another file, or of another queue.</exception>
    public static WriterTable Open(QueueFiles files)
    {
        string path = files.WritersPath;
        if (!files.Storage.FileExists(path))
        {
            files.Storage.CreateDirectory(Path.Combine(files.Directory, WriterLayout.LockDirectory));
            using IDisposable creation = CreationLock.Take(files.Storage, files.Directory);
            if (!files.Storage.FileExists(path))
            {
                Create(files, path);
            }
        }

        MemoryRegion region = files.Storage.OpenRegion(path, RegionAccess.ReadWrite);
        try
        {
            FormatHeader.Check(region.All, path, WriterLayout.Magic, WriterLayout.Version, WriterLayout.CheckedBytes);
            if (region.Length != WriterLayout.FileBytes || region.All.ReadInt64(WriterLayout.QueueIdOffset) != files.QueueId)
            {
                throw new EstreamFormatException($"'{path}' is the writer table of another queue, or cut off. Restore it; if no process appends, it may be deleted.", path);
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
    public RegionSpan Slot(int slot) => _region.Slice(WriterLayout.HeaderBytes + ((long)slot * WriterLayout.SlotBytes), WriterLayout.SlotBytes);

    public long Claim(int slot) => Slot(slot).ReadInt64Acquire(WriterLayout.ClaimOffset);

    public long Epoch(int slot) => Slot(slot).ReadInt64Acquire(WriterLayout.EpochOffset);

    /// <summary>The process that has the slot, or died in it; 0 when all that it left is cleared up.</summary>
    public int Owner(int slot) => Slot(slot).ReadInt32Acquire(WriterLayout.ProcessOffset);

    /// <summary>The lock that says whether the owner lives: held exclusively by the owner, shared by those who clear up after it.</summary>
    /// <returns>The lock, or <see langword="null"/> when the slot's owner, or in the shared mode a new one, lives.</returns>
    public IDisposable? TryLock(int slot, LockMode mode) => _files.Storage.TryLock(_files.WriterLockPath(slot), mode);

    /// <summary>Says that nothing is left of a slot's owner. The caller holds the slot's lock.</summary>
    public void Clear(int slot)
    {
        Slot(slot).WriteInt64Release(WriterLayout.ClaimOffset, Claim(slot) & ~WriterLayout.ClaimingFlag);
        Slot(slot).WriteInt32Release(WriterLayout.ProcessOffset, 0);
    }

    public void Dispose() => _region.Dispose();

    private static void Create(QueueFiles files, string path)
    {
        string temporary = path + ".new";
        files.Storage.Delete(temporary);
        using (MemoryRegion region = files.Storage.CreateRegion(temporary, WriterLayout.FileBytes))
        {
            region.All.WriteInt64(WriterLayout.QueueIdOffset, files.QueueId);
            FormatHeader.Seal(region.All, WriterLayout.Magic, WriterLayout.Version, WriterLayout.CheckedBytes);
        }

        files.Storage.Rename(temporary, path);
    }
}

using System.Globalization;
using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// The state of a consumer group in <c>groups/NAME</c>: slots of the members, and for each partition the number of its owners so far. Locks
/// of the kernel tell which members and owners live. See docs/formats/queue.md.
/// </summary>
internal sealed class GroupFile : IDisposable
{
    public const string GroupsDirectory = "groups";

    private const string FileName = "group.meta";
    private const long Magic = 0x31_50_52_47_52_54_53_45; // "ESTRGRP1"
    private const int Version = 1;
    private const int QueueIdOffset = 16;
    private const int CheckedBytes = 8;
    private const int EntryBytes = 16;
    private const int EntryProcessOffset = 8;
    private const int FileBytes = WriterSlots.FileBytes + (PartitionedQueue.MaxPartitions * EntryBytes);

    private readonly IStorage _storage;
    private readonly string _directory;
    private readonly WriterSlots _slots;
    private RegionSpan _entries;

    private GroupFile(IStorage storage, string directory, MemoryRegion region)
    {
        (_storage, _directory) = (storage, directory);
        _slots = new WriterSlots(storage, region, Path.Combine(directory, "members"));
        _entries = region.Slice(WriterSlots.FileBytes, FileBytes - WriterSlots.FileBytes);
    }

    /// <summary>Opens the state of a group, and creates it if it does not exist.</summary>
    /// <exception cref="EstreamStorageException">The files cannot be created or opened.</exception>
    /// <exception cref="EstreamFormatException">The file is not the state of a group, or belongs to another queue.</exception>
    public static GroupFile Open(PartitionedQueue queue, string name)
    {
        IStorage storage = queue.Options.Storage;
        string directory = DirectoryOf(queue, name);
        string path = Path.Combine(directory, FileName);
        if (!storage.FileExists(path))
        {
            storage.CreateDirectory(Path.Combine(directory, "members"));
            storage.CreateDirectory(Path.Combine(directory, "partitions"));
            using IDisposable creation = CreationLock.Take(storage, directory);
            if (!storage.FileExists(path))
            {
                Create(storage, path, queue.Id);
            }
        }

        return Open(queue, name, RegionAccess.ReadWrite);
    }

    /// <summary>Opens the state of an existing group for reading.</summary>
    /// <exception cref="EstreamStorageException">The group does not exist.</exception>
    public static GroupFile OpenReadOnly(PartitionedQueue queue, string name) => Open(queue, name, RegionAccess.ReadOnly);

    /// <summary>The names of the groups of a queue.</summary>
    public static IReadOnlyList<string> List(PartitionedQueue queue)
    {
        string groups = Path.Combine(queue.Directory, GroupsDirectory);
        return queue.Options.Storage.DirectoryExists(groups)
            ? [.. Directory.GetDirectories(groups).Where(group => File.Exists(Path.Combine(group, FileName)))
                .Select(group => Path.GetFileName(group)).Order(StringComparer.Ordinal)]
            : [];
    }

    /// <summary>Takes the slot of a member.</summary>
    /// <exception cref="EstreamLeaseException">There are <see cref="WriterSlots.SlotCount"/> members.</exception>
    public WriterSlot Join() => _slots.Take(_ => true, _directory);

    /// <summary>Counts the live members, and those of them in lower slots than one of them.</summary>
    public (int Count, int Rank) CountMembers(int own)
    {
        (int count, int rank) = (0, 0);
        for (int slot = 0; slot < WriterSlots.SlotCount; slot++)
        {
            if (slot == own || IsMember(slot))
            {
                count++;
                rank += slot < own ? 1 : 0;
            }
        }

        return (count, rank);
    }

    /// <summary>Takes the lock of a partition, which the kernel frees when its owner ends.</summary>
    /// <returns>The lock, or <see langword="null"/> if another member owns the partition.</returns>
    public IDisposable? TryLock(int partition, LockMode mode) => _storage.TryLock(
        Path.Combine(_directory, "partitions", string.Create(CultureInfo.InvariantCulture, $"{partition:D4}.lock")), mode);

    /// <summary>Begins the next epoch of a partition. The caller holds its lock.</summary>
    public long BeginEpoch(int partition)
    {
        long epoch = EpochOf(partition) + 1;
        _entries.WriteInt64Release((long)partition * EntryBytes, epoch);
        StoreProcess(partition, Environment.ProcessId);
        return epoch;
    }

    /// <summary>The number of owners that a partition has had, including the present one.</summary>
    public long EpochOf(int partition) => _entries.ReadInt64Acquire((long)partition * EntryBytes);

    /// <summary>Stores the process that reads a partition, for display.</summary>
    public void StoreProcess(int partition, int processId) =>
        _entries.WriteInt32Release(((long)partition * EntryBytes) + EntryProcessOffset, processId);

    /// <summary>The process that reads a partition, 0 if none.</summary>
    public int ReadOwner(int partition)
    {
        int process = _entries.ReadInt32Acquire(((long)partition * EntryBytes) + EntryProcessOffset);
        if (process == 0)
        {
            return 0;
        }

        return IsLocked(() => TryLock(partition, LockMode.Shared)) ? process : 0;
    }

    public void Dispose()
    {
        _entries = default;
        _slots.Dispose();
    }

    private bool IsMember(int slot) => _slots.OwnerOf(slot) != 0 && IsLocked(() => _slots.TryLock(slot, LockMode.Shared));

    // A power cut may have taken the file of a lock, and left what its last owner stored.
    private static bool IsLocked(Func<IDisposable?> tryShare)
    {
        try
        {
            using IDisposable? free = tryShare();
            return free is null;
        }
        catch (EstreamStorageException missing) when (missing.Reason == StorageFailure.NotFound)
        {
            return false;
        }
    }

    private static string DirectoryOf(PartitionedQueue queue, string name) => Path.Combine(queue.Directory, GroupsDirectory, name);

    private static GroupFile Open(PartitionedQueue queue, string name, RegionAccess access)
    {
        IStorage storage = queue.Options.Storage;
        string path = Path.Combine(DirectoryOf(queue, name), FileName);
        MemoryRegion region = storage.OpenRegion(path, access);
        try
        {
            FormatHeader.Check(region.All, path, Magic, Version, CheckedBytes);
            if (region.Length < FileBytes || region.All.ReadInt64(QueueIdOffset) != queue.Id)
            {
                throw new EstreamFormatException(
                    $"'{path}' is the consumer group of another queue, or truncated. Restore it; if the group has no members, it may be "
                    + "deleted.", path);
            }

            return new GroupFile(storage, DirectoryOf(queue, name), region);
        }
        catch
        {
            region.Dispose();
            throw;
        }
    }

    private static void Create(IStorage storage, string path, long queueId)
    {
        string temporary = path + ".new";
        storage.Delete(temporary);
        using (MemoryRegion region = storage.CreateRegion(temporary, FileBytes))
        {
            region.All.WriteInt64(QueueIdOffset, queueId);
            FormatHeader.Seal(region.All, Magic, Version, CheckedBytes);

            // The name must not exist after a power cut without the contents.
            region.Flush(0, region.Length);
        }

        storage.Rename(temporary, path);
        storage.SyncDirectory(Path.GetDirectoryName(path)!);
    }
}

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

    // No group can have this name, because names do not start with a dot.
    private const string LockName = ".lock";
    private const string MembersDirectory = "members";
    private const long Magic = 0x31_50_52_47_52_54_53_45; // "ESTRGRP1"
    private const int Version = 1;
    private const int QueueIdOffset = 16;
    private const int OutputIdOffset = 24;
    private const int ChangesOffset = 32;
    private const int CheckedBytes = 8;
    private const int EntryBytes = 16;
    private const int EntryProcessOffset = 8;
    private const int FileBytes = WriterSlots.FileBytes + (PartitionedQueue.MaxPartitions * EntryBytes);

    private readonly IStorage _storage;
    private readonly string _directory;
    private readonly WriterSlots _slots;
    private RegionSpan _header;
    private RegionSpan _entries;

    private GroupFile(IStorage storage, string directory, MemoryRegion region)
    {
        (_storage, _directory) = (storage, directory);
        _slots = new WriterSlots(storage, region, Path.Combine(directory, MembersDirectory));
        _header = region.Slice(0, WriterSlots.HeaderBytes);
        _entries = region.Slice(WriterSlots.FileBytes, FileBytes - WriterSlots.FileBytes);
    }

    /// <summary>Takes the lock of all groups of a queue. Release it soon. A member takes its slot under the lock, so that its group is not
    /// removed meanwhile.</summary>
    /// <exception cref="EstreamLeaseException">Another process has held the lock for several seconds.</exception>
    /// <exception cref="EstreamStorageException">The directory cannot be created.</exception>
    public static IDisposable Lock(PartitionedQueue queue)
    {
        string groups = Path.Combine(queue.Directory, GroupsDirectory);
        queue.Options.Storage.CreateDirectory(groups);
        return CreationLock.Take(queue.Options.Storage, groups, LockName);
    }

    /// <summary>Opens the state of a group, and creates it if it does not exist. The caller holds the lock.</summary>
    /// <exception cref="EstreamStorageException">The files cannot be created or opened.</exception>
    /// <exception cref="EstreamFormatException">The file has a newer version, or belongs to another queue.</exception>
    /// <exception cref="EstreamLeaseException">The queue has the maximum number of groups.</exception>
    public static GroupFile Open(PartitionedQueue queue, string name)
    {
        IStorage storage = queue.Options.Storage;
        string directory = DirectoryOf(queue, name);
        string path = Path.Combine(directory, FileName);
        if (!storage.FileExists(path))
        {
            RequireFew(queue);
            storage.CreateDirectory(Path.Combine(directory, MembersDirectory));
            storage.CreateDirectory(Path.Combine(directory, "partitions"));
            Create(storage, path, queue.Id);
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

    /// <summary>Whether a group has a state, or a position in a partition. Needs no lock.</summary>
    public static bool Exists(PartitionedQueue queue, string name) =>
        queue.Options.Storage.FileExists(Path.Combine(DirectoryOf(queue, name), FileName))
        || Enumerable.Range(0, queue.PartitionCount).Any(partition => queue.Options.Storage.FileExists(
            TailerCursor.PathOf(FilesOf(queue, partition), GroupMember.TailerPrefix + name)));

    /// <summary>Removes a group: its positions in the partitions, and then its state. The caller holds the lock. Also removes a
    /// group whose state or partitions are damaged. If the process ends meanwhile, the group still exists, and can be removed
    /// again.</summary>
    /// <returns>Whether the group existed.</returns>
    /// <exception cref="EstreamLeaseException">The group has members.</exception>
    /// <exception cref="EstreamStorageException">A file cannot be deleted.</exception>
    public static bool Remove(PartitionedQueue queue, string name)
    {
        IStorage storage = queue.Options.Storage;
        string directory = DirectoryOf(queue, name);
        string path = Path.Combine(directory, FileName);
        bool hasState = storage.FileExists(path);
        if (hasState)
        {
            RequireNoMembers(storage, directory, name, queue.Directory);
        }

        bool hadPositions = false;
        for (int partition = 0; partition < queue.PartitionCount; partition++)
        {
            hadPositions |= TailerCursor.Remove(FilesOf(queue, partition), GroupMember.TailerPrefix + name);
        }

        if (!hasState)
        {
            return hadPositions;
        }

        storage.Delete(path);
        storage.SyncDirectory(directory);
        try
        {
            Directory.Delete(directory, recursive: true);
        }
        catch (Exception kept) when (kept is IOException or UnauthorizedAccessException)
        {
            // Only empty lock files remain. A new group of this name uses them.
        }

        return true;
    }

    /// <summary>Records the output of the group at its first use. The output never changes: with a second output, some results would be
    /// missing or duplicated. The caller holds the lock.</summary>
    /// <exception cref="ArgumentException">The group has another output.</exception>
    public void BindOutput(EstreamQueue output)
    {
        long known = _header.ReadInt64Acquire(OutputIdOffset);
        if (known == 0)
        {
            _header.WriteInt64Release(OutputIdOffset, output.Id);
        }
        else if (known != output.Id)
        {
            throw new ArgumentException(
                $"The group '{Path.GetFileName(_directory)}' stores its results in the queue with the id {known:x16}, but "
                + $"'{output.Directory}' has the id {output.Id:x16}. Use the same output as before, or another group.", nameof(output));
        }
    }

    /// <summary>Takes a slot for a member. The caller holds the lock.</summary>
    /// <returns>The slot, or <see langword="null"/> if all slots are taken. A free slot may look taken for a moment.</returns>
    public WriterSlot? TryJoin() => _slots.TryTake(static _ => true);

    /// <summary>How often a member has joined, released partitions, or left. Does not count processes that crashed.</summary>
    public long Changes => _header.ReadInt64Acquire(ChangesOffset);

    /// <summary>Adds 1 to <see cref="Changes"/>. Notify the members afterwards.</summary>
    /// <returns>The new number of changes.</returns>
    public long AddChange() => _header.AddInt64(ChangesOffset, 1);

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
        (_header, _entries) = (default, default);
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

    private static QueueFiles FilesOf(PartitionedQueue queue, int partition) =>
        QueueFiles.Unchecked(queue.DirectoryOf(partition), queue.Options.Storage);

    private static void RequireNoMembers(IStorage storage, string directory, string name, string queue)
    {
        string locks = Path.Combine(directory, MembersDirectory);
        int members = storage.ListFiles(locks, ".lock")
            .Count(file => IsLocked(() => storage.TryLock(Path.Combine(locks, file), LockMode.Shared)));
        if (members > 0)
        {
            throw new EstreamLeaseException(
                $"Group '{name}' of queue '{queue}' has {members} {(members == 1 ? "member" : "members")}, so it cannot be removed. Stop "
                + "the members ('estream queue info' shows their processes), and try again.", directory);
        }
    }

    // Each group costs a file, and in each partition a cursor that limits retention.
    private static void RequireFew(PartitionedQueue queue)
    {
        string groups = Path.Combine(queue.Directory, GroupsDirectory);
        if (Directory.Exists(groups) && List(queue).Count is var count and >= PartitionedQueue.MaxGroups)
        {
            throw new EstreamLeaseException(
                $"Queue '{queue.Directory}' has {count} consumer groups; the maximum is {PartitionedQueue.MaxGroups}. Use an existing "
                + "group, or remove a group without members with 'estream queue remove-group'.", groups);
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
                    $"'{path}' is the consumer group of another queue, or truncated. Restore it, or remove the group with 'estream "
                    + "queue remove-group'.", path);
            }

            return new GroupFile(storage, DirectoryOf(queue, name), region);
        }
        catch
        {
            region.Dispose();
            throw;
        }
    }

    private static void Create(IStorage storage, string path, long queueId) => storage.WriteDurably(path, FileBytes, memory =>
    {
        memory.WriteInt64(QueueIdOffset, queueId);
        FormatHeader.Seal(memory, Magic, Version, CheckedBytes);
    });
}

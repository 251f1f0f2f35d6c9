using System.Globalization;
using Estream.Core;
using Estream.Queue.Internal;

namespace Estream.Queue;

/// <summary>
/// A queue of 1 to 1,024 partitions. Each partition is an <see cref="EstreamQueue"/> in the subdirectory <c>0000</c>, <c>0001</c> and so
/// on. Messages with the same key are in the same partition, in the order of their appends; messages of different partitions have no order.
/// </summary>
/// <remarks>
/// Thread-safe. The number of partitions is fixed when the queue is created. A partition is opened when it is used first, and its first
/// segment is created by its first appender: with many partitions choose a small <see cref="QueueOptions.SegmentBytes"/>. Format:
/// docs/formats/queue.md.
/// </remarks>
public sealed class PartitionedQueue : IDisposable
{
    /// <summary>The largest number of partitions.</summary>
    public const int MaxPartitions = 1024;

    /// <summary>The largest number of consumer groups.</summary>
    public const int MaxGroups = 256;

    private readonly QueueOptions _options;
    private readonly EstreamQueue?[] _partitions;
    private readonly Lock _gate = new();
    private GroupWaits? _waits;
    private bool _disposed;

    private PartitionedQueue(string directory, PartitionFile file, QueueOptions options, bool isReadOnly)
    {
        (Directory, Id, IsReadOnly, _options) = (directory, file.Id, isReadOnly, options);
        _partitions = new EstreamQueue?[file.Count];
    }

    /// <summary>The directory of the queue.</summary>
    public string Directory { get; }

    /// <summary>A random number given to the queue when it is created. Each partition also has its own
    /// <see cref="EstreamQueue.Id"/>.</summary>
    public long Id { get; }

    /// <summary>Whether this object was opened for reading only.</summary>
    public bool IsReadOnly { get; }

    /// <summary>The number of partitions.</summary>
    public int PartitionCount => _partitions.Length;

    internal QueueOptions Options => _options;

    /// <summary>The waits of the members of groups; created at the first use.</summary>
    internal GroupWaits Waits
    {
        get
        {
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                return _waits ??= new GroupWaits(Path.Combine(Directory, PartitionFile.FileName), _options);
            }
        }
    }

    /// <summary>Opens a partitioned queue, and creates it if it does not exist.</summary>
    /// <param name="directory">The directory of the queue.</param>
    /// <param name="partitions">The number of partitions, 1 to <see cref="MaxPartitions"/>.</param>
    /// <param name="options">The options of each partition; null for the defaults.</param>
    /// <exception cref="ArgumentException">The number or an option is out of range, or the queue has another number of
    /// partitions.</exception>
    /// <exception cref="EstreamStorageException">The directory cannot be created or written.</exception>
    /// <exception cref="EstreamFormatException">The directory contains another kind of queue, or a newer format.</exception>
    /// <exception cref="EstreamCorruptionException">partitions.meta is damaged.</exception>
    public static PartitionedQueue Open(string directory, int partitions, QueueOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentOutOfRangeException.ThrowIfLessThan(partitions, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(partitions, MaxPartitions);
        options ??= new QueueOptions();
        options.Validate();
        directory = Path.GetFullPath(directory);
        return new PartitionedQueue(directory, PartitionFile.OpenOrCreate(directory, partitions, options), options, isReadOnly: false);
    }

    /// <summary>Opens an existing partitioned queue for appending and reading.</summary>
    /// <param name="directory">The directory of the queue.</param>
    /// <param name="options">The options of each partition; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="EstreamStorageException">The directory contains no partitioned queue.</exception>
    /// <exception cref="EstreamFormatException">The directory contains another kind of queue, or a newer format.</exception>
    /// <exception cref="EstreamCorruptionException">partitions.meta is damaged.</exception>
    public static PartitionedQueue Open(string directory, QueueOptions? options = null) =>
        OpenExisting(directory, options, isReadOnly: false);

    /// <summary>Opens an existing partitioned queue for reading. Never writes; a partition that has never been opened for writing does not
    /// exist yet, and opening it throws an <see cref="EstreamStorageException"/> (NotFound).</summary>
    /// <inheritdoc cref="Open(string, QueueOptions)"/>
    public static PartitionedQueue OpenReadOnly(string directory, QueueOptions? options = null) =>
        OpenExisting(directory, options, isReadOnly: true);

    /// <summary>Whether a directory contains a partitioned queue.</summary>
    /// <param name="directory">The directory.</param>
    public static bool IsPartitioned(string directory) => PartitionFile.Exists(Path.GetFullPath(directory), FileStorage.Instance);

    /// <summary>Returns the partition of a key: XXH64 of the key with seed 0, modulo the number of partitions. Never changes between
    /// releases and machines. Some nanoseconds for a short key.</summary>
    /// <param name="key">The key; may be empty.</param>
    /// <param name="partitions">The number of partitions, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than one partition.</exception>
    public static int PartitionOf(ReadOnlySpan<byte> key, int partitions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(partitions, 1);
        return (int)(KeyHash.Compute(key) % (ulong)partitions);
    }

    /// <summary>Returns the partition of a key in this queue.</summary>
    /// <param name="key">The key; may be empty.</param>
    public int PartitionOf(ReadOnlySpan<byte> key) => PartitionOf(key, PartitionCount);

    /// <summary>Returns the directory of a partition, which may not exist yet.</summary>
    /// <param name="partition">The number of the partition, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The partition does not exist.</exception>
    public string DirectoryOf(int partition)
    {
        RequirePartition(partition);
        return Path.Combine(Directory, partition.ToString("D4", CultureInfo.InvariantCulture));
    }

    /// <summary>Returns the queue of a partition, for tailers and everything else that a queue can do. Opens the partition if this object
    /// has not done so. This object owns the queue: do not dispose it.</summary>
    /// <param name="partition">The number of the partition, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The partition does not exist.</exception>
    /// <exception cref="EstreamException">The partition cannot be opened; see
    /// <see cref="EstreamQueue.Open(string, QueueOptions)"/>.</exception>
    /// <exception cref="ObjectDisposedException">This object was disposed.</exception>
    public EstreamQueue Partition(int partition)
    {
        string directory = DirectoryOf(partition);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _partitions[partition]
                ??= IsReadOnly ? EstreamQueue.OpenReadOnly(directory, _options) : EstreamQueue.Open(directory, _options);
        }
    }

    /// <summary>Creates an appender, which takes the right to append to a partition with the first message of the partition.</summary>
    /// <param name="mode">As for <see cref="EstreamQueue.CreateAppender"/>. With <see cref="AppenderMode.Shared"/>, each partition that is
    /// appended to has a thread that checks for dead writers.</param>
    /// <exception cref="ArgumentException">The mode is not a valid <see cref="AppenderMode"/>.</exception>
    /// <exception cref="InvalidOperationException">The queue was opened read-only.</exception>
    public PartitionedAppender CreateAppender(AppenderMode mode = AppenderMode.Shared)
    {
        if (!Enum.IsDefined(mode))
        {
            throw new ArgumentException($"The mode is {(int)mode}; it must be Shared or Exclusive.", nameof(mode));
        }

        RequireWritable("append");
        return new PartitionedAppender(this, mode);
    }

    /// <summary>Creates a reader of all partitions.</summary>
    /// <param name="name">As for <see cref="EstreamQueue.CreateTailer(string)"/>: the name of the reader in each partition, or
    /// <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">The name has invalid characters.</exception>
    /// <exception cref="EstreamException">A partition cannot be opened, or the name is in use.</exception>
    public PartitionedTailer CreateTailer(string? name = null) => new(this, name);

    /// <summary>Joins a consumer group: its members share the partitions, and each partition has one reader. Delivers each message at least
    /// once.</summary>
    /// <param name="group">1 to 90 ASCII letters, digits, '-', '_' and '.', not starting with '.'. A new group starts at the oldest
    /// messages.</param>
    /// <exception cref="ArgumentException">The name has invalid characters.</exception>
    /// <exception cref="InvalidOperationException">The queue was opened read-only.</exception>
    /// <exception cref="EstreamLeaseException">The group has 256 members, or the queue has <see cref="MaxGroups"/> groups.</exception>
    /// <exception cref="EstreamStorageException">The state of the group cannot be stored.</exception>
    public GroupMember JoinGroup(string group)
    {
        ArgumentNullException.ThrowIfNull(group);
        return GroupMember.Join(this, group, output: null);
    }

    /// <summary>Joins a consumer group whose progress is committed by the batches that its members append to an output: each message has
    /// its effect exactly once. All members of the group use the same output, which is fixed when the first of them joins.</summary>
    /// <param name="group">As for <see cref="JoinGroup(string)"/>. A partition without a stored position, such as on a host that has taken
    /// over from replicas, continues after the last message whose result is in the output; to find it, the first member scans the
    /// output.</param>
    /// <param name="output">The queue of the results, open for writing, and not a partition of this queue. Dispose the member
    /// first.</param>
    /// <exception cref="ArgumentException">The name has invalid characters, the output is a partition of this queue, or the group has
    /// another output.</exception>
    /// <exception cref="InvalidOperationException">The queue was opened read-only.</exception>
    /// <exception cref="EstreamLeaseException">The group has 256 members, or the queue has <see cref="MaxGroups"/> groups.</exception>
    /// <exception cref="EstreamStorageException">The state of the group cannot be stored.</exception>
    public GroupMember JoinGroup(string group, EstreamQueue output)
    {
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(output);
        return GroupMember.Join(this, group, output);
    }

    /// <summary>Removes a consumer group without members and its positions, so that retention no longer waits for the group. The queue of
    /// its output is not changed. A new group of this name may have another output. It starts at the oldest messages; if its output has
    /// results of the removed group, it continues after the last result of each partition.</summary>
    /// <param name="group">The name of the group.</param>
    /// <returns>Whether the group existed.</returns>
    /// <remarks>Takes about a millisecond per partition, because the deletion of each position is made durable. If the process ends
    /// meanwhile, the group still exists, and can be removed again.</remarks>
    /// <exception cref="ArgumentException">The name has invalid characters.</exception>
    /// <exception cref="InvalidOperationException">The queue was opened read-only.</exception>
    /// <exception cref="EstreamLeaseException">The group has members, in this or another process.</exception>
    /// <exception cref="EstreamStorageException">A file of the group cannot be deleted.</exception>
    public bool RemoveGroup(string group)
    {
        ArgumentNullException.ThrowIfNull(group);
        RequireWritable("remove a group");
        GroupMember.CheckName(group);
        if (!GroupFile.Exists(this, group))
        {
            return false;
        }

        using IDisposable groups = GroupFile.Lock(this);
        return GroupFile.Remove(this, group);
    }

    /// <summary>Lists the consumer groups. Takes some microseconds for each partition of each group.</summary>
    /// <exception cref="EstreamException">The state of a group cannot be read.</exception>
    public IReadOnlyList<GroupInfo> GetGroups() => [.. GroupFile.List(this).Select(ReadGroup).OfType<GroupInfo>()];

    /// <summary>Closes the partitions with their appenders and tailers. Appended messages stay. Dispose members of groups first: the wait
    /// of a member throws an <see cref="ObjectDisposedException"/>. Idempotent.</summary>
    public void Dispose()
    {
        GroupWaits? waits;
        lock (_gate)
        {
            _disposed = true;
            waits = _waits;
        }

        // Outside the lock, because a member that is opening a partition needs it.
        waits?.Dispose();
        lock (_gate)
        {
            foreach (EstreamQueue? partition in _partitions)
            {
                partition?.Dispose();
            }
        }
    }

    /// <summary>Whether a directory is that of a partition.</summary>
    internal bool HasPartitionIn(string directory) =>
        Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(directory)) == Path.TrimEndingDirectorySeparator(Directory);

    /// <summary>Wakes the members of all processes. Does nothing after disposal.</summary>
    internal void NotifyMembers()
    {
        lock (_gate)
        {
            if (!_disposed)
            {
                Waits.NotifyMembers();
            }
        }
    }

    internal void RequireWritable(string action)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (IsReadOnly)
        {
            throw new InvalidOperationException(
                $"The queue '{Directory}' was opened read-only and cannot {action}. Use PartitionedQueue.Open.");
        }
    }

    // Returns null if the group was removed since the directory was listed.
    private GroupInfo? ReadGroup(string name)
    {
        try
        {
            using GroupFile file = GroupFile.OpenReadOnly(this, name);
            return new GroupInfo(name, [.. Enumerable.Range(0, PartitionCount)
                .Select(number => new GroupPartitionInfo(number, file.EpochOf(number), file.ReadOwner(number)))]);
        }
        catch (EstreamStorageException missing) when (missing.Reason == StorageFailure.NotFound)
        {
            return null;
        }
    }

    private static PartitionedQueue OpenExisting(string directory, QueueOptions? options, bool isReadOnly)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        options ??= new QueueOptions();
        options.Validate();
        directory = Path.GetFullPath(directory);
        return new PartitionedQueue(directory, PartitionFile.Open(directory, options.Storage), options, isReadOnly);
    }

    private void RequirePartition(int partition)
    {
        if ((uint)partition >= (uint)PartitionCount)
        {
            throw new ArgumentOutOfRangeException(
                nameof(partition), $"Queue '{Directory}' has partitions 0 to {PartitionCount - 1}; {partition} was requested.");
        }
    }
}

using Estream.Client.Connection;
using Estream.Client.Protocol;
using Estream.Client.Queues;
using Estream.Queue.Internal;

namespace Estream.Client;

/// <summary>A partitioned queue of a host. Thread-safe.</summary>
public sealed class RemotePartitionedQueue
{
    private const int MaxPartitions = 1024;

    private readonly EstreamClient _client;
    private RemoteQueue[]? _partitions;

    internal RemotePartitionedQueue(EstreamClient client, string name)
    {
        _client = client;
        Name = name;
    }

    /// <summary>The name of the queue.</summary>
    public string Name { get; }

    /// <summary>Returns the number of partitions, which never changes. Asks the host at the first call.</summary>
    /// <param name="cancellation">Cancels the request.</param>
    /// <exception cref="EstreamClientException">The queue does not exist or has no partitions, or the host could not be
    /// reached.</exception>
    public async ValueTask<int> GetPartitionCountAsync(CancellationToken cancellation = default) =>
        (await PartitionsAsync(cancellation).ConfigureAwait(false)).Length;

    /// <summary>Returns a partition, which is a queue like any other. Sends nothing.</summary>
    /// <param name="partition">The number of the partition, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative or above 1,023.</exception>
    public RemoteQueue Partition(int partition)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(partition);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(partition, MaxPartitions);
        return _partitions is { } known && partition < known.Length ? known[partition]
            : _client.Queue(PartitionName.Of(Name, partition));
    }

    /// <summary>Appends a message to the partition of its key, and waits until the host has stored it with the durability of the queue.
    /// Messages with the same key keep their order if each call is awaited before the next. The key is not stored.</summary>
    /// <param name="key">The key; may be empty.</param>
    /// <param name="message">The message.</param>
    /// <param name="cancellation">Cancels the wait, not the append.</param>
    /// <returns>The partition, and the position of the message in the partition.</returns>
    /// <exception cref="EstreamClientException">The queue does not exist or has no partitions, the host refused the message, or the host
    /// could not be reached.</exception>
    public async Task<(int Partition, long Position)> AppendAsync(
        ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> message, CancellationToken cancellation = default)
    {
        RemoteQueue[] partitions = await PartitionsAsync(cancellation).ConfigureAwait(false);
        int partition = PartitionOf(key.Span, partitions.Length);
        return (partition, await partitions[partition].AppendAsync(message, cancellation).ConfigureAwait(false));
    }

    /// <summary>Creates an appender that sends batches, for many messages per second.</summary>
    /// <param name="cancellation">Cancels the request.</param>
    /// <exception cref="EstreamClientException">The queue does not exist or has no partitions, or the host could not be
    /// reached.</exception>
    public async Task<RemotePartitionedAppender> CreateAppenderAsync(CancellationToken cancellation = default) =>
        new(await PartitionsAsync(cancellation).ConfigureAwait(false));

    /// <summary>Joins a consumer group: its members, on any machines, share the partitions of the queue, and each partition has one reader
    /// at a time.</summary>
    /// <param name="group">1 to 90 ASCII letters, digits, '-', '_' and '.', not starting with '.'. A new group starts at the oldest
    /// message of each partition. If its output has results of a group of this name, the new group starts after the last result of each
    /// partition.</param>
    /// <param name="options">The options; <see langword="null"/> for the defaults, without an output.</param>
    /// <param name="cancellation">Cancels the request.</param>
    /// <exception cref="ArgumentException">An option is out of range, or a name is longer than 255 bytes.</exception>
    /// <exception cref="EstreamClientException">The host refused the member, or could not be reached; the message says why.</exception>
    public Task<RemoteGroupMember> JoinGroupAsync(string group, GroupOptions? options = null, CancellationToken cancellation = default)
    {
        EstreamClient.RequireName(group);
        return RemoteGroupMember.JoinAsync(_client, Name, group, options ?? new GroupOptions(), cancellation);
    }

    /// <summary>Removes a consumer group without members and its positions, so that retention no longer waits for the group. The queue of
    /// its output is not changed. A new group of this name may have another output. It starts at the oldest messages; if its output has
    /// results of the removed group, it continues after the last result of each partition.</summary>
    /// <param name="group">The name of the group.</param>
    /// <param name="cancellation">Cancels the wait, not the removal.</param>
    /// <returns>Whether the group existed.</returns>
    /// <exception cref="ArgumentException">The name is empty or longer than 255 bytes.</exception>
    /// <exception cref="EstreamClientException">The group has members (<see cref="ClientStatus.Conflict"/>), the host refused the removal
    /// for another reason, or the host could not be reached.</exception>
    public async Task<bool> RemoveGroupAsync(string group, CancellationToken cancellation = default)
    {
        EstreamClient.RequireName(group);
        Response response = await _client.SendAsync(ClientOp.GroupRemove, (Name, group),
            static (frame, given) => frame.Text(given.Name).Text(given.group), cancellation).ConfigureAwait(false);
        return new PayloadReader(response.ThrowUnless($"Queue '{Name}'").Payload).Byte() != 0;
    }

    internal static int PartitionOf(ReadOnlySpan<byte> key, int partitions) => (int)(KeyHash.Compute(key) % (ulong)partitions);

    private async ValueTask<RemoteQueue[]> PartitionsAsync(CancellationToken cancellation)
    {
        if (Volatile.Read(ref _partitions) is { } known)
        {
            return known;
        }

        Response response = await _client.SendAsync(
            ClientOp.QueuePartitions, Name, static (frame, name) => frame.Text(name), cancellation).ConfigureAwait(false);
        uint count = new PayloadReader(response.ThrowUnless($"Queue '{Name}'").Payload).UInt32();
        if (count is 0 or > MaxPartitions)
        {
            throw new EstreamClientException(
                $"Queue '{Name}' has no partitions. Use EstreamClient.Queue, or set Queues:{Name}:Partitions of the host.",
                ClientStatus.Invalid);
        }

        RemoteQueue[] created = [.. Enumerable.Range(0, (int)count).Select(number => _client.Queue(PartitionName.Of(Name, number)))];

        // All calls share one array: with a second appender of a partition, messages could lose their order.
        return Interlocked.CompareExchange(ref _partitions, created, null) ?? created;
    }
}

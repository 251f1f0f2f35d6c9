namespace Estream.Client;

/// <summary>A partitioned queue of a host. Thread-safe.</summary>
public sealed class RemotePartitionedQueue
{
    private readonly EstreamClient _client;

    internal RemotePartitionedQueue(EstreamClient client, string name)
    {
        _client = client;
        Name = name;
    }

    /// <summary>The name of the queue.</summary>
    public string Name { get; }

    /// <summary>Joins a consumer group: its members, on any machines, share the partitions of the queue, and each partition has one reader
    /// at a time.</summary>
    /// <param name="group">1 to 90 letters, digits, '-', '_' and '.'. A new group starts at the oldest messages.</param>
    /// <param name="options">The options; <see langword="null"/> for the defaults, without an output.</param>
    /// <param name="cancellation">Cancels the request.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="EstreamClientException">The host refused the member, or could not be reached; the message says why.</exception>
    public Task<RemoteGroupMember> JoinGroupAsync(string group, GroupOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(group);
        return RemoteGroupMember.JoinAsync(_client, Name, group, options ?? new GroupOptions(), cancellation);
    }
}

using Estream.Core;
using Estream.Queue;

namespace Estream.Circuits.Operations.Replication;

/// <summary>Replicates into subdirectories of a local directory: queues into <c>queues/NAME</c>, maps into <c>maps/NAME</c>. Thread-safe. A
/// replica can be open once at a time.</summary>
/// <remarks>
/// Replicas are written to the page cache, like queues and maps, and survive a crash of the process at any moment. After a power cut a
/// queue resumes after the durable part of its replica, if the source still has the messages that follow; a replica of a map that may have
/// lost entries restarts with a snapshot.
/// </remarks>
public sealed class LocalReplicationEngine : IReplicationEngine
{
    private const int MaxNameLength = 64;

    private readonly string _root;
    private readonly IClock _clock;

    private readonly QueueKeyRing? _keys;

    /// <summary>Creates the engine. No files are created yet.</summary>
    /// <param name="root">The directory.</param>
    /// <param name="clock">The clock by which entries of replicated maps expire; the system clock when omitted.</param>
    /// <param name="keys">The master keys under which replicas of queues and of encrypted maps are encrypted; null for plaintext. The ring
    /// must outlive the engine. It may be the ring of the source: a replica has its own keys.</param>
    public LocalReplicationEngine(string root, IClock? clock = null, QueueKeyRing? keys = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        _keys = keys;
        _root = Path.GetFullPath(root);
        _clock = clock ?? SystemClock.Instance;
    }

    /// <inheritdoc/>
    public string Name => "local";

    /// <summary>The storage of replicas; tests replace it.</summary>
    internal IStorage Storage { get; init; } = FileStorage.Instance;

    /// <inheritdoc/>
    /// <remarks>An encrypted queue is rejected if the engine has no keys, since its replica would be plaintext.</remarks>
    public IReplica OpenQueue(string replica, EstreamQueue source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return LocalQueueReplica.Open(DirectoryOf("queues", replica, source.Directory), replica, source, _keys, Storage);
    }

    /// <inheritdoc/>
    /// <remarks>An encrypted map is rejected if the engine has no keys, since its replica would be plaintext.</remarks>
    public IReplica OpenMap(string replica, OperationMap source, EstreamQueue feed)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(feed);
        return LocalMapReplica.Open(DirectoryOf("maps", replica, source.Directory), replica, source, feed, _keys, _clock,
            Storage);
    }

    private string DirectoryOf(string kind, string replica, string? source)
    {
        ArgumentNullException.ThrowIfNull(replica);
        bool isName = replica.Length is > 0 and <= MaxNameLength && char.IsAsciiLetter(replica[0])
            && replica.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
        if (!isName)
        {
            throw new ArgumentException(
                $"'{replica}' is not a valid replica name: use 1 to {MaxNameLength} ASCII letters, digits, '-', '_' or '.', with a "
                + "letter first.", nameof(replica));
        }

        string directory = Path.Combine(_root, kind, replica);
        return source is not null && Path.GetFullPath(source) == directory
            ? throw new ArgumentException($"'{directory}' is the source itself: give the replica another name.", nameof(replica))
            : directory;
    }
}

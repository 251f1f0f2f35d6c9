namespace Estream.Host.Runtime;

/// <summary>The configuration of a replica that the host keeps up to date. Exactly one of <paramref name="Queue"/> and
/// <paramref name="Map"/> is set.</summary>
/// <param name="Name">The name of the replica.</param>
/// <param name="Queue">The queue to replicate.</param>
/// <param name="Map">The map to replicate.</param>
/// <param name="Folder">The folder that receives the replica, in <c>queues/NAME</c> or <c>maps/NAME</c>.</param>
internal sealed record ReplicaPlan(string Name, string? Queue, string? Map, string Folder)
{
    /// <summary>The prefix of the named tailer of a replica of a queue.</summary>
    public const string ReaderPrefix = "replica-";

    /// <summary>The source in the console and in metrics.</summary>
    public string Source => Queue is null ? $"map {Map}" : $"queue {Queue}";

    /// <summary>The name of the fold of a replica of a map; its named tailer is <c>map-replica-NAME</c>.</summary>
    public string FoldName => ReaderPrefix + Name;

    /// <summary>Returns the directory of the copy of a map.</summary>
    public string MapDirectory => Path.Combine(Folder, "maps", Name);
}

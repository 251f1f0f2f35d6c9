using Estream.Queue;

namespace Estream.Wire;

/// <summary>A directory below the host's data that is an adapter's own: what its protocol has to remember lies there, in queues and maps
/// nobody else writes to.</summary>
/// <param name="Directory">The directory; made when something is put into it.</param>
/// <param name="Queues">How queues there are opened: storage and clock are the host's, sizes and retention the adapter's to say.</param>
public sealed record AdapterPlace(string Directory, QueueOptions Queues)
{
    /// <summary>Opens a queue of the adapter's own, and creates it if it is missing.</summary>
    /// <param name="name">The name of its directory in the place.</param>
    /// <param name="options">How: <see cref="Queues"/> with what the adapter says.</param>
    /// <exception cref="Core.EstreamException">It cannot be created, opened or read.</exception>
    public EstreamQueue OpenQueue(string name, QueueOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return EstreamQueue.Open(Path.Combine(Directory, name), options);
    }
}

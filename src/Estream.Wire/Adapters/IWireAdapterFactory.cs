using Estream.Core;
using Estream.Esf;
using Estream.Queue;

namespace Estream.Wire;

/// <summary>Makes adapters of one type from their settings. Stateless and thread-safe.</summary>
public interface IWireAdapterFactory
{
    /// <summary>What it makes.</summary>
    AdapterDescriptor Descriptor { get; }

    /// <summary>
    /// Refuses what <see cref="Create"/> or the start of the adapter would refuse for its settings or for the files they name, without
    /// any queue being open: a host says so before it touches its data.
    /// </summary>
    /// <param name="name">The name its configuration gives the adapter.</param>
    /// <param name="schemas">The schemas mappings can name.</param>
    /// <param name="queues">The queues mappings can name.</param>
    /// <param name="settings">The adapter's settings.</param>
    /// <exception cref="WireConfigurationException">A setting is missing, unknown or not accepted; key and accepted values are
    /// named.</exception>
    void Check(string name, EsfSchemaSet schemas, IReadOnlyCollection<string> queues, WireSettings settings);

    /// <summary>Makes an adapter; nothing is opened, bound or connected yet.</summary>
    /// <exception cref="WireConfigurationException">A setting is missing, unknown or not accepted; key and accepted values are
    /// named.</exception>
    IWireAdapter Create(AdapterContext context, WireSettings settings);
}

/// <summary>What a host gives to an adapter.</summary>
/// <param name="Name">The name its configuration gives it.</param>
/// <param name="Schemas">The schemas mappings can name.</param>
/// <param name="Ingress">The queues mappings can name.</param>
/// <param name="Clock">Time.</param>
/// <param name="Events">Takes what an operator may want to know; called from any thread, must return soon and not throw.</param>
public sealed record AdapterContext(
    string Name,
    EsfSchemaSet Schemas,
    IngressSinks Ingress,
    IClock Clock,
    Action<AdapterEvent> Events)
{
    /// <summary>Where the adapter keeps what is its own; null where the host keeps nothing for adapters.</summary>
    public AdapterPlace? Place { get; init; }
}

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

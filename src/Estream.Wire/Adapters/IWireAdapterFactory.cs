using Estream.Core;
using Estream.Esf;
using Estream.Queue;
using Estream.Wire.Settings;

namespace Estream.Wire;

/// <summary>Creates adapters of one type. Stateless and thread-safe.</summary>
public interface IWireAdapterFactory
{
    /// <summary>The type of the adapters that this factory creates.</summary>
    AdapterDescriptor Descriptor { get; }

    /// <summary>The declared settings. Default: null; then only <see cref="Check"/> knows them.</summary>
    SettingGroup? Settings => null;

    /// <summary>
    /// Whether an acknowledged message must survive a power cut by default, because its peer does not send it again. If true, a host
    /// flushes the messages of the queues that the adapters feed before they acknowledge them, unless its configuration says otherwise.
    /// Return false if the adapters poll for values, or if a later message replaces a lost one. Default: true.
    /// </summary>
    bool NeedsDurableQueues => true;

    /// <summary>
    /// Checks the settings and the configured files as <see cref="Create"/> and the start of the adapter do. Needs no open queues, so a
    /// host can report mistakes before it changes its data.
    /// </summary>
    /// <param name="name">The name of the adapter.</param>
    /// <param name="schemas">The schemas for mappings.</param>
    /// <param name="queues">The queues for mappings.</param>
    /// <param name="settings">The adapter's settings.</param>
    /// <exception cref="WireConfigurationException">A setting is missing, unknown or invalid. The message has the key and the valid
    /// values.</exception>
    void Check(string name, EsfSchemaSet schemas, IReadOnlyCollection<string> queues, WireSettings settings);

    /// <summary>Creates an adapter. Opens, binds and connects nothing.</summary>
    /// <exception cref="WireConfigurationException">A setting is missing, unknown or invalid. The message has the key and the valid
    /// values.</exception>
    IWireAdapter Create(AdapterContext context, WireSettings settings);
}

/// <summary>The context of an adapter in its host.</summary>
/// <param name="Name">The name of the adapter.</param>
/// <param name="Schemas">The schemas for mappings.</param>
/// <param name="Ingress">The queues for mappings.</param>
/// <param name="Clock">The clock.</param>
/// <param name="Events">Receives events. Called from any thread; must return soon and not throw.</param>
public sealed record AdapterContext(
    string Name,
    EsfSchemaSet Schemas,
    IngressSinks Ingress,
    IClock Clock,
    Action<AdapterEvent> Events)
{
    /// <summary>Counts what the adapter refuses, by reason. An <see cref="IngressWriter"/> counts its dead letters here; the adapter adds
    /// refused packets and connections, and dead letters that it appends to <see cref="IngressSinks.DeadLetters"/> itself.</summary>
    public AdapterRejections Rejections { get; init; } = new(Clock);

    /// <summary>The time that messages took from the start of their storage until the adapter may acknowledge them. An
    /// <see cref="IngressWriter"/> counts its messages here.</summary>
    internal LatencyHistogram StoreTimes { get; } = new();

    /// <summary>Counts messages in <see cref="StoreTimes"/>.</summary>
    /// <param name="start">The <see cref="IClock.MonotonicNanos"/> at which the storage of the messages began.</param>
    /// <param name="messages">The number of messages that the adapter may acknowledge now.</param>
    internal void CountStored(long start, int messages) => StoreTimes.AddShared(Clock.MonotonicNanos - start, messages);

    /// <summary>The directory for the data of the adapter; null if the host has none.</summary>
    public AdapterPlace? Place { get; init; }

    /// <summary>Finds a map by its name; returns null if the host has no such map, or the adapter may not read it. Call it at the start of
    /// the adapter.</summary>
    public Func<string, ILatestMessages?> Maps { get; init; } = static _ => null;

    /// <summary>Starts to replicate a queue with the state of sessions, so that another host continues the sessions. The first argument is
    /// the directory of the queue. The result is null if the host does not replicate the queue; otherwise dispose the result before the
    /// queue, and let acknowledgements wait for <see cref="Durability.Quorum"/> or <see cref="Durability.QuorumAndFlush"/>.</summary>
    public Func<string, EstreamQueue, IAsyncDisposable?> ReplicateState { get; init; } = static (_, _) => null;

    /// <summary>Whether the host replicates the queue with the state of sessions in this directory.</summary>
    public Func<string, bool> IsStateReplicated { get; init; } = static _ => false;

    /// <summary>Whether another host takes over when this host ends.</summary>
    public bool HasStandby { get; init; }

    /// <summary>Whether another host ran this adapter until just now, with the same queues.</summary>
    public bool IsTakeover { get; init; }

    /// <summary>Appends a dead letter of this adapter, and counts it in <see cref="Rejections"/>.</summary>
    /// <param name="message">The refused message.</param>
    /// <param name="reason">The reason in the dead letter.</param>
    /// <param name="group">The reason in <see cref="Rejections"/>, without values of the message.</param>
    /// <param name="note">Receives the position before the dead letter is stored; null for none.</param>
    /// <returns>False if the queue cannot be written now; the same call can succeed later.</returns>
    internal bool TryAppendDeadLetter(in WireMessage message, string reason, string group, IAppendNote? note = null)
    {
        if (Ingress.Control?.Failure is not null
            || !Ingress.DeadLetters.TryAppend(Clock.UtcNanos, Name, message, reason, note, out long sequence))
        {
            return false;
        }

        Rejections.Add(group, reason, sequence);
        return true;
    }
}

/// <summary>The directory of an adapter in the data of the host. It contains the protocol state in queues and maps that only the adapter
/// writes.</summary>
/// <param name="Directory">The directory; created on first use.</param>
/// <param name="Queues">Options for queues there, with the storage and clock of the host; the adapter sets sizes and retention.</param>
public sealed record AdapterPlace(string Directory, QueueOptions Queues)
{
    /// <summary>Opens a queue of the adapter, and creates it if it does not exist.</summary>
    /// <param name="name">The name of its directory.</param>
    /// <param name="options"><see cref="Queues"/> with the changes of the adapter.</param>
    /// <exception cref="Core.EstreamException">The queue cannot be created, opened or read.</exception>
    public EstreamQueue OpenQueue(string name, QueueOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return EstreamQueue.Open(Path.Combine(Directory, name), options);
    }
}

using Estream.Core;
using Estream.Esf;

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

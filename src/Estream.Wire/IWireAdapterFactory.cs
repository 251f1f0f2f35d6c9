using Estream.Core;
using Estream.Esf;

namespace Estream.Wire;

/// <summary>Makes adapters of one type from their settings. Stateless and thread-safe.</summary>
public interface IWireAdapterFactory
{
    /// <summary>What it makes.</summary>
    AdapterDescriptor Descriptor { get; }

    /// <summary>Makes an adapter; nothing is opened, bound or connected yet.</summary>
    /// <exception cref="WireConfigurationException">A setting is missing, unknown or not accepted; key and accepted values are named.</exception>
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
    Action<AdapterEvent> Events);

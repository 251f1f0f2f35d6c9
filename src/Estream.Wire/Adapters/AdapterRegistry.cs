using System.Diagnostics.CodeAnalysis;
using Estream.Esf;

namespace Estream.Wire;

/// <summary>The adapter types of a host. Filled at start; reading is thread-safe afterwards.</summary>
public sealed class AdapterRegistry
{
    private readonly Dictionary<string, IWireAdapterFactory> _factories = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The registered types, in the order of their names.</summary>
    public IReadOnlyList<AdapterDescriptor> Descriptors =>
        [.. _factories.Values.Select(factory => factory.Descriptor).OrderBy(descriptor => descriptor.Type, StringComparer.Ordinal)];

    /// <summary>Adds a type.</summary>
    /// <exception cref="ArgumentException">The type is registered already.</exception>
    public AdapterRegistry Register(IWireAdapterFactory factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        if (!_factories.TryAdd(factory.Descriptor.Type, factory))
        {
            throw new ArgumentException($"Adapter type '{factory.Descriptor.Type}' is registered already.", nameof(factory));
        }

        return this;
    }

    /// <summary>Finds the factory of a type.</summary>
    public bool TryGet(string type, [NotNullWhen(true)] out IWireAdapterFactory? factory)
    {
        return _factories.TryGetValue(type, out factory);
    }

    /// <summary>Checks the settings of an adapter of the type in `Type`; see <see cref="IWireAdapterFactory.Check"/>.</summary>
    /// <param name="name">The name of the adapter.</param>
    /// <param name="schemas">The schemas for mappings.</param>
    /// <param name="queues">The queues for mappings.</param>
    /// <param name="settings">The adapter's settings.</param>
    /// <exception cref="WireConfigurationException">A setting is missing, unknown or not accepted.</exception>
    public void Check(string name, EsfSchemaSet schemas, IReadOnlyCollection<string> queues, WireSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        FactoryOf(settings).Check(name, schemas, queues, settings);
    }

    /// <summary>Creates an adapter of the type in `Type`.</summary>
    /// <exception cref="WireConfigurationException">A setting is missing, unknown or not accepted.</exception>
    public IWireAdapter Create(AdapterContext context, WireSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return FactoryOf(settings).Create(context, settings);
    }

    private IWireAdapterFactory FactoryOf(WireSettings settings)
    {
        string type = settings.RequireText("Type");
        if (!_factories.TryGetValue(type, out IWireAdapterFactory? factory))
        {
            string known = string.Join(", ", Descriptors.Select(descriptor => descriptor.Type));
            throw new WireConfigurationException(settings.KeyOf("Type"), $"'{type}' is not an adapter type; accepted: {known}.");
        }

        return factory;
    }
}

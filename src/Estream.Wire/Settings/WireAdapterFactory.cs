using Estream.Esf;

namespace Estream.Wire.Settings;

/// <summary>
/// A factory whose settings are declared by the properties of its options (<see cref="SettingAttribute"/>). Stateless and thread-safe.
/// </summary>
/// <typeparam name="TOptions">The options of the adapters.</typeparam>
public abstract class WireAdapterFactory<TOptions> : IWireAdapterFactory
    where TOptions : class
{
    /// <inheritdoc/>
    public abstract AdapterDescriptor Descriptor { get; }

    /// <inheritdoc/>
    public virtual bool NeedsDurableQueues => true;

    /// <inheritdoc/>
    public SettingGroup Settings => SettingGroup.Of<TOptions>();

    /// <summary>The schemas that the adapter contains, for names that the host does not have. Default: none.</summary>
    protected virtual EsfSchemaSet? OwnSchemas => null;

    /// <inheritdoc/>
    public void Check(string name, EsfSchemaSet schemas, IReadOnlyCollection<string> queues, WireSettings settings)
    {
        ArgumentNullException.ThrowIfNull(schemas);
        ArgumentNullException.ThrowIfNull(queues);
        ArgumentNullException.ThrowIfNull(settings);
        TOptions options = Read(settings, schemas, queues);
        QualifiedKeys.In(settings, () => CheckFiles(options));
    }

    /// <inheritdoc/>
    public IWireAdapter Create(AdapterContext context, WireSettings settings)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(settings);
        TOptions options = Read(settings, context.Schemas, [.. context.Ingress.Names]);
        return QualifiedKeys.In(settings, () => Create(context, options));
    }

    /// <summary>Checks what no single setting shows, such as two settings that exclude each other. Opens nothing.</summary>
    /// <exception cref="WireConfigurationException">The options are not accepted. The key is relative to the settings of the
    /// adapter.</exception>
    protected virtual void CheckOptions(TOptions options)
    {
    }

    /// <summary>Checks the files that the options name, as the start of the adapter does. Called only by
    /// <see cref="IWireAdapterFactory.Check"/>.</summary>
    /// <exception cref="WireConfigurationException">A file is missing or not accepted. The key is relative to the settings of the
    /// adapter.</exception>
    protected virtual void CheckFiles(TOptions options)
    {
    }

    /// <summary>Creates an adapter. Opens, binds and connects nothing.</summary>
    /// <exception cref="WireConfigurationException">The options are not accepted. The key is relative to the settings of the
    /// adapter.</exception>
    protected abstract IWireAdapter Create(AdapterContext context, TOptions options);

    private TOptions Read(WireSettings settings, EsfSchemaSet schemas, IReadOnlyCollection<string> queues)
    {
        TOptions options = SettingGroup.ReadAdapter<TOptions>(settings, schemas, queues, OwnSchemas);
        QualifiedKeys.In(settings, () => CheckOptions(options));
        return options;
    }
}

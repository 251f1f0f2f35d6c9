using Estream.Esf;
using Estream.Wire.Fix.Internal;

namespace Estream.Wire.Fix;

/// <summary>Creates initiators from settings, for adapters of type fix-initiator.</summary>
public sealed class FixInitiatorFactory : IWireAdapterFactory
{
    internal static AdapterDescriptor InitiatorDescriptor { get; } = new(
        "fix-initiator",
        "FIX 4.2, 4.4, 5.0",
        ProtocolFamily.Financial,
        ["TCP", "TLS"],
        IsBidirectional: true,
        IsRequestResponse: true,
        "Connects to a venue, sends orders, and takes its reports.");

    /// <inheritdoc/>
    public AdapterDescriptor Descriptor => InitiatorDescriptor;

    /// <inheritdoc/>
    public void Check(string name, EsfSchemaSet schemas, IReadOnlyCollection<string> queues, WireSettings settings)
    {
        ArgumentNullException.ThrowIfNull(schemas);
        ArgumentNullException.ThrowIfNull(queues);
        ArgumentNullException.ThrowIfNull(settings);
        Read(settings, schemas, queues);
    }

    /// <inheritdoc/>
    public IWireAdapter Create(AdapterContext context, WireSettings settings)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(settings);
        FixAdapterOptions options = Read(settings, context.Schemas, [.. context.Ingress.Names]);
        return QualifiedKeys.In(settings, () => new FixAdapter(options, context));
    }

    private static FixAdapterOptions Read(WireSettings settings, EsfSchemaSet schemas, IReadOnlyCollection<string> queues)
    {
        settings.Text("Type");
        FixInitiatorOptions initiator = new()
        {
            Host = settings.RequireText("Host"),
            Port = settings.Number("Port", 9876, 1, ushort.MaxValue),
            Tls = WireTlsOptions.Read(settings),
        };
        FixAdapterOptions side = new()
        {
            Initiator = initiator with
            {
                ConnectTimeoutSeconds = settings.Number("ConnectTimeoutSeconds", initiator.ConnectTimeoutSeconds, 1, 3_600),
                MaxReconnectSeconds = settings.Number("MaxReconnectSeconds", initiator.MaxReconnectSeconds, 1, 3_600),
                WriteTimeoutSeconds = settings.Number("WriteTimeoutSeconds", initiator.WriteTimeoutSeconds, 1, 3_600),
                MaxWaitingBytes = settings.Number("MaxWaitingBytes", initiator.MaxWaitingBytes, 64 * 1024, int.MaxValue),
            },
            Sessions = [],
        };
        return FixSettings.Complete(side, settings, schemas, queues);
    }
}

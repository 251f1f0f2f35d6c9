using System.Net;
using Estream.Esf;
using Estream.Wire.Fix.Internal;

namespace Estream.Wire.Fix;

/// <summary>Creates acceptors from settings, for adapters of type fix-acceptor.</summary>
public sealed class FixAcceptorFactory : IWireAdapterFactory
{
    internal static AdapterDescriptor AcceptorDescriptor { get; } = new(
        "fix-acceptor",
        "FIX 4.2, 4.4, 5.0",
        ProtocolFamily.Financial,
        ["TCP", "TLS"],
        IsBidirectional: true,
        IsRequestResponse: true,
        "Counterparties connect and send orders.");

    /// <inheritdoc/>
    public AdapterDescriptor Descriptor => AcceptorDescriptor;

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
        FixAcceptorOptions defaults = new();
        settings.Text("Type");
        FixAdapterOptions side = new()
        {
            Acceptor = new FixAcceptorOptions
            {
                Address = Address(settings, defaults.Address),
                Port = settings.Number("Port", defaults.Port, 0, ushort.MaxValue),
                UnsafeAllowAnyPeer = settings.Flag("UnsafeAllowAnyPeer", defaults.UnsafeAllowAnyPeer),
                MaxConnections = settings.Number("MaxConnections", defaults.MaxConnections, 1, 100_000),
                WriteTimeoutSeconds = settings.Number("WriteTimeoutSeconds", defaults.WriteTimeoutSeconds, 1, 3_600),
                MaxWaitingBytes = settings.Number("MaxWaitingBytes", defaults.MaxWaitingBytes, 64 * 1024, int.MaxValue),
                Tls = WireServerTlsOptions.Read(settings),
            },
            Sessions = [],
        };
        return FixSettings.Complete(side, settings, schemas, queues);
    }

    private static IPAddress Address(WireSettings settings, IPAddress defaultValue)
    {
        string? text = settings.Text("Address");
        return text is null ? defaultValue
            : IPAddress.TryParse(text, out IPAddress? address) ? address
            : throw new WireConfigurationException(settings.KeyOf("Address"),
                $"'{text}' is not accepted; write an IP address, such as 127.0.0.1.");
    }
}

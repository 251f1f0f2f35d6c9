using System.Net;
using Estream.Esf;
using Estream.Wire.Hl7.Codec;

namespace Estream.Wire.Hl7;

/// <summary>Creates listeners from settings, for adapters of type hl7-listener.</summary>
public sealed class Hl7ListenerFactory : IWireAdapterFactory
{
    internal static AdapterDescriptor ListenerDescriptor { get; } = new(
        "hl7-listener",
        "HL7 v2 over MLLP",
        ProtocolFamily.Healthcare,
        ["TCP", "TLS"],
        IsBidirectional: false,
        IsRequestResponse: false,
        "Systems of a hospital connect and send messages.");

    /// <inheritdoc/>
    public AdapterDescriptor Descriptor => ListenerDescriptor;

    /// <inheritdoc/>
    public void Check(string name, EsfSchemaSet schemas, IReadOnlyCollection<string> queues, WireSettings settings)
    {
        ArgumentNullException.ThrowIfNull(schemas);
        ArgumentNullException.ThrowIfNull(queues);
        ArgumentNullException.ThrowIfNull(settings);
        Hl7ListenerOptions options = Read(settings, schemas, queues);
        QualifiedKeys.In(settings, () => Hl7ListenerChecks.Check(options));
    }

    /// <inheritdoc/>
    public IWireAdapter Create(AdapterContext context, WireSettings settings)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(settings);
        Hl7ListenerOptions options = Read(settings, context.Schemas, [.. context.Ingress.Names]);
        return QualifiedKeys.In(settings, () => new Hl7Listener(options, context));
    }

    private static Hl7ListenerOptions Read(WireSettings settings, EsfSchemaSet schemas, IReadOnlyCollection<string> queues)
    {
        Hl7ListenerOptions defaults = new() { Mappings = [] };
        settings.Text("Type");
        Hl7ListenerOptions options = defaults with
        {
            Address = Address(settings, defaults.Address),
            Port = settings.Number("Port", defaults.Port, 0, ushort.MaxValue),
            UnsafeAllowAnyPeer = settings.Flag("UnsafeAllowAnyPeer", defaults.UnsafeAllowAnyPeer),
            MaxConnections = settings.Number("MaxConnections", defaults.MaxConnections, 1, 100_000),
            MaxConnectionsPerAddress = settings.Number("MaxConnectionsPerAddress", defaults.MaxConnectionsPerAddress, 0, 100_000),
            Peers = WirePeer.Read(settings, "Messages"),
            IdleSeconds = settings.Number("IdleSeconds", defaults.IdleSeconds, 0, 86_400),
            MessageSeconds = settings.Number("MessageSeconds", defaults.MessageSeconds, 1, 3_600),
            MaxBufferedBytes = settings.Number("MaxBufferedBytes", defaults.MaxBufferedBytes, 1024 * 1024, int.MaxValue),
            DefaultOffset = settings.Text("DefaultOffset") ?? "",
            PseudonymKey = WireSecret.From(settings, "PseudonymKey"),
            Tls = WireServerTlsOptions.Read(settings),
            Limits = new Hl7Limits
            {
                MaxMessageBytes = settings.Number("MaxMessageBytes", defaults.Limits.MaxMessageBytes, 256, 256 * 1024 * 1024),
                MaxSegments = settings.Number("MaxSegments", defaults.Limits.MaxSegments, 1, 1_000_000),
                MaxFields = settings.Number("MaxFields", defaults.Limits.MaxFields, 100, 50_000_000),
            },
            Mappings = [.. settings.List("Mappings").Select(mapping => new Hl7Mapping(
                mapping.RequireSchema("Schema", schemas), mapping.RequireQueue("Queue", queues), mapping.Text("Messages") ?? "#"))],
        };
        settings.RefuseUnknown();
        return options;
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

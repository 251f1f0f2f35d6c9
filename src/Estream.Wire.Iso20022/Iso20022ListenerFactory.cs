using Estream.Esf;
using Estream.Wire.Iso20022.Mapping;

namespace Estream.Wire.Iso20022;

/// <summary>Creates listeners from settings, for adapters of type iso20022-listener.</summary>
public sealed class Iso20022ListenerFactory : IWireAdapterFactory
{
    internal static AdapterDescriptor ListenerDescriptor { get; } = new(
        "iso20022-listener",
        "ISO 20022",
        ProtocolFamily.Financial,
        ["TCP", "TLS"],
        IsBidirectional: false,
        IsRequestResponse: false,
        "Banks connect and send messages, in XML or JSON.");

    /// <inheritdoc/>
    public AdapterDescriptor Descriptor => ListenerDescriptor;

    /// <inheritdoc/>
    public void Check(string name, EsfSchemaSet schemas, IReadOnlyCollection<string> queues, WireSettings settings)
    {
        ArgumentNullException.ThrowIfNull(schemas);
        ArgumentNullException.ThrowIfNull(queues);
        ArgumentNullException.ThrowIfNull(settings);
        Read(settings, schemas, queues, out _);
    }

    /// <inheritdoc/>
    public IWireAdapter Create(AdapterContext context, WireSettings settings)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(settings);
        Iso20022ListenerOptions options =
            Read(settings, context.Schemas, [.. context.Ingress.Names], out IReadOnlyCollection<TopicMapping> mappings);
        return new Iso20022Listener(options, mappings, context);
    }

    private static Iso20022ListenerOptions Read(WireSettings settings, EsfSchemaSet schemas, IReadOnlyCollection<string> queues,
        out IReadOnlyCollection<TopicMapping> mappings)
    {
        Iso20022ListenerOptions defaults = new();
        settings.Text("Type");
        Iso20022ListenerOptions options = new()
        {
            Address = Iso20022Settings.Address(settings),
            Port = settings.Number("Port", defaults.Port, 0, ushort.MaxValue),
            UnsafeAllowAnyPeer = settings.Flag("UnsafeAllowAnyPeer", defaults.UnsafeAllowAnyPeer),
            MaxConnections = settings.Number("MaxConnections", defaults.MaxConnections, 1, 100_000),
            MaxConnectionsPerAddress = settings.Number("MaxConnectionsPerAddress", defaults.MaxConnectionsPerAddress, 0, 100_000),
            Peers = WirePeer.Read(settings, "Topics"),
            IdleSeconds = settings.Number("IdleSeconds", defaults.IdleSeconds, 0, 86_400),
            MessageSeconds = settings.Number("MessageSeconds", defaults.MessageSeconds, 1, 3_600),
            MaxMessageBytes = Iso20022Settings.MaxMessageBytes(settings),
            MaxBufferedBytes = settings.Number("MaxBufferedBytes", defaults.MaxBufferedBytes, 1024 * 1024, int.MaxValue),
            Checks = Iso20022Settings.Checks(settings),
            Answers = Iso20022Settings.Answers(settings),
            Tls = WireServerTlsOptions.Read(settings),
        };
        mappings = [.. settings.List("Mappings").Select(mapping =>
            Iso20022Settings.Mapping(mapping, schemas, queues, MappedMessages.Names))];
        settings.RefuseUnknown();
        if (mappings.Count == 0)
        {
            throw new WireConfigurationException(settings.KeyOf("Mappings"), "is required and not set: map messages to queues.");
        }

        QualifiedKeys.In(settings, options.Validate);
        return options;
    }
}

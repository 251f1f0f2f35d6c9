using Estream.Esf;

namespace Estream.Wire.Iso20022;

/// <summary>Creates clients from settings, for adapters of type iso20022-client.</summary>
public sealed class Iso20022ClientFactory : IWireAdapterFactory
{
    internal static AdapterDescriptor ClientDescriptor { get; } = new(
        "iso20022-client",
        "ISO 20022",
        ProtocolFamily.Financial,
        ["TCP", "TLS"],
        IsBidirectional: true,
        IsRequestResponse: true,
        "Sends the messages of queues to a bank, and pairs payments with its status reports.");

    /// <inheritdoc/>
    public AdapterDescriptor Descriptor => ClientDescriptor;

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
        Iso20022ClientOptions options =
            Read(settings, context.Schemas, [.. context.Ingress.Names], out IReadOnlyCollection<TopicMapping> mappings);
        return QualifiedKeys.In(settings, () => new Iso20022Client(options, mappings, context));
    }

    private static Iso20022ClientOptions Read(WireSettings settings, EsfSchemaSet schemas, IReadOnlyCollection<string> queues,
        out IReadOnlyCollection<TopicMapping> mappings)
    {
        settings.Text("Type");
        Iso20022ClientOptions options = new()
        {
            Host = settings.RequireText("Host"),
            Port = settings.Number("Port", Iso20022Settings.DefaultPort, 1, ushort.MaxValue),
            Tls = WireTlsOptions.Read(settings),
            TimeoutSeconds = settings.Number("TimeoutSeconds", 30, 1, 3_600),
            MaxReconnectSeconds = settings.Number("MaxReconnectSeconds", 30, 1, 3_600),
            MaxMessageBytes = Iso20022Settings.MaxMessageBytes(settings),
            Checks = Iso20022Settings.Checks(settings),
            Answers = Iso20022Settings.Answers(settings),
            PaymentSeconds = settings.Number("PaymentSeconds", 3_600, 1, 30 * 86_400),
            MaxPayments = settings.Number("MaxPayments", 100_000, 1, 10_000_000),
            Egress = [.. settings.List("Egress").Select(egress => Iso20022Settings.Egress(egress, schemas))],
        };
        mappings = [.. settings.List("Mappings").Select(mapping =>
            Iso20022Settings.Mapping(mapping, schemas, queues, Iso20022Client.ReportTopic))];
        settings.RefuseUnknown();
        bool hasReports = mappings.Count > 0;
        QualifiedKeys.In(settings, () => options.Validate(hasReports));
        return options;
    }
}

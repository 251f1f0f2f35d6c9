using Estream.Esf;
using Estream.Wire.Hl7.Codec;

namespace Estream.Wire.Hl7;

/// <summary>Creates senders from settings, for adapters of type hl7-client.</summary>
public sealed class Hl7SenderFactory : IWireAdapterFactory
{
    internal static AdapterDescriptor SenderDescriptor { get; } = new(
        "hl7-client",
        "HL7 v2 over MLLP",
        ProtocolFamily.Healthcare,
        ["TCP", "TLS"],
        IsBidirectional: true,
        IsRequestResponse: false,
        "Sends the messages of a queue to a system of a hospital.");

    /// <inheritdoc/>
    public AdapterDescriptor Descriptor => SenderDescriptor;

    /// <inheritdoc/>
    public void Check(string name, EsfSchemaSet schemas, IReadOnlyCollection<string> queues, WireSettings settings)
    {
        ArgumentNullException.ThrowIfNull(schemas);
        ArgumentNullException.ThrowIfNull(queues);
        ArgumentNullException.ThrowIfNull(settings);
        Hl7SenderOptions options = Read(settings, schemas);
        QualifiedKeys.In(settings, () => Hl7Sender.Check(options));
    }

    /// <inheritdoc/>
    public IWireAdapter Create(AdapterContext context, WireSettings settings)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(settings);
        Hl7SenderOptions options = Read(settings, context.Schemas);
        return QualifiedKeys.In(settings, () => new Hl7Sender(options, context));
    }

    private static Hl7SenderOptions Read(WireSettings settings, EsfSchemaSet schemas)
    {
        settings.Text("Type");
        string host = settings.RequireText("Host");
        int port = settings.Number("Port", 2575, 1, ushort.MaxValue);
        int timeout = settings.Number("TimeoutSeconds", 30, 1, 3_600);
        int reconnect = settings.Number("MaxReconnectSeconds", 30, 1, 3_600);
        WireTlsOptions? tls = WireTlsOptions.Read(settings);
        Hl7Limits limits = new()
        {
            MaxMessageBytes = settings.Number("MaxMessageBytes", Hl7Limits.Default.MaxMessageBytes, 256, 256 * 1024 * 1024),
        };
        IReadOnlyList<WireSettings> egress = settings.List("Egress");
        if (egress.Count != 1)
        {
            throw new WireConfigurationException(settings.KeyOf("Egress"),
                $"has {egress.Count} entries; write one with Queue, Schema and Keys. Use one adapter for each queue.");
        }

        // The host connects the queue; this only checks that the setting names a queue.
        egress[0].RequireText("Queue");
        EsfSchema schema = egress[0].RequireSchema("Schema", schemas);
        if (schema.Name != Hl7Schemas.Message || !Hl7Schemas.Own.TryGet(schema.Name, out EsfSchema? own) || own.Id != schema.Id)
        {
            throw new WireConfigurationException(egress[0].KeyOf("Schema"),
                $"is {schema.QualifiedName}; only {Hl7Schemas.Message} of this version can be sent.");
        }

        string keys = EgressKeys.Read(egress[0], schema)!;
        settings.RefuseUnknown();
        return new Hl7SenderOptions
        {
            Host = host,
            Port = port,
            Tls = tls,
            TimeoutSeconds = timeout,
            MaxReconnectSeconds = reconnect,
            Limits = limits,
            Schema = schema,
            KeyFolder = keys,
        };
    }
}

using Estream.Esf;

namespace Estream.Wire.Fhir;

/// <summary>Creates clients from settings, for adapters of type fhir-client.</summary>
public sealed class FhirClientFactory : IWireAdapterFactory
{
    internal static AdapterDescriptor ClientDescriptor { get; } = new(
        "fhir-client",
        "FHIR R4 (JSON over HTTP)",
        ProtocolFamily.Healthcare,
        ["HTTP", "HTTPS"],
        IsBidirectional: true,
        IsRequestResponse: false,
        "Sends stored changes to a FHIR server, and polls its changes.");

    /// <inheritdoc/>
    public AdapterDescriptor Descriptor => ClientDescriptor;

    /// <inheritdoc/>
    public void Check(string name, EsfSchemaSet schemas, IReadOnlyCollection<string> queues, WireSettings settings)
    {
        ArgumentNullException.ThrowIfNull(schemas);
        ArgumentNullException.ThrowIfNull(queues);
        ArgumentNullException.ThrowIfNull(settings);
        FhirClientOptions options = Read(settings, schemas, queues);
        QualifiedKeys.In(settings, () => FhirClient.Check(options));
    }

    /// <inheritdoc/>
    public IWireAdapter Create(AdapterContext context, WireSettings settings)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(settings);
        FhirClientOptions options = Read(settings, context.Schemas, [.. context.Ingress.Names]);
        return QualifiedKeys.In(settings, () => new FhirClient(options, context));
    }

    private static FhirClientOptions Read(WireSettings settings, EsfSchemaSet schemas, IReadOnlyCollection<string> queues)
    {
        settings.Text("Type");
        string url = settings.RequireText("Url");
        FhirClientOptions defaults = new()
        {
            Url = Uri.TryCreate(url, UriKind.Absolute, out Uri? parsed) && parsed.Scheme is "http" or "https"
                && parsed!.UserInfo.Length == 0
                ? parsed : throw new WireConfigurationException(settings.KeyOf("Url"), "is not an http or https URL without user info."),
        };
        FhirClientOptions options = defaults with
        {
            Tls = WireTlsOptions.Read(settings),
            Token = WireSecret.From(settings, "Token"),
            TimeoutSeconds = settings.Number("TimeoutSeconds", defaults.TimeoutSeconds, 1, 3_600),
            MaxReconnectSeconds = settings.Number("MaxReconnectSeconds", defaults.MaxReconnectSeconds, 1, 3_600),
            MaxBodyBytes = settings.Number("MaxBodyBytes", defaults.MaxBodyBytes, 1_024, 256 << 20),
            PollSeconds = settings.Number("PollSeconds", defaults.PollSeconds, 1, 86_400),
            Searches = FhirMappings.ReadTexts(settings, "Searches"),
            PseudonymKey = WireSecret.From(settings, "PseudonymKey"),
            Mappings = FhirMappings.Read(settings, schemas, queues),
        };
        options = ReadEgress(settings, schemas, options);
        settings.RefuseUnknown();
        return options;
    }

    private static FhirClientOptions ReadEgress(WireSettings settings, EsfSchemaSet schemas, FhirClientOptions options)
    {
        IReadOnlyList<WireSettings> egress = settings.List("Egress");
        if (egress.Count > 1)
        {
            throw new WireConfigurationException(settings.KeyOf("Egress"),
                $"has {egress.Count} entries; write one with Queue, Schema and Keys. Use one adapter for each queue.");
        }

        if (egress.Count == 0)
        {
            return options;
        }

        // The host connects the queue; this only checks that the setting names a queue.
        egress[0].RequireText("Queue");
        EsfSchema schema = egress[0].RequireSchema("Schema", schemas);
        return schema.Name == FhirSchemas.Commit && schema.Id == Estream.Fhir.FhirCommit.SchemaId
            ? options with { Egress = schema, KeyFolder = EgressKeys.Read(egress[0], schema)! }
            : throw new WireConfigurationException(egress[0].KeyOf("Schema"),
                $"is {schema.QualifiedName}; only {FhirSchemas.Commit} of this version can be sent.");
    }
}

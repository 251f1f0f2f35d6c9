using System.Net;
using Estream.Esf;

namespace Estream.Wire.Fhir;

/// <summary>Creates servers from settings, for adapters of type fhir-server.</summary>
public sealed class FhirServerFactory : IWireAdapterFactory
{
    internal static AdapterDescriptor ServerDescriptor { get; } = new(
        "fhir-server",
        "FHIR R4 (JSON over HTTP)",
        ProtocolFamily.Healthcare,
        ["HTTP", "HTTPS"],
        IsBidirectional: false,
        IsRequestResponse: true,
        "Stores and serves resources of a health record, with consent.");

    /// <inheritdoc/>
    public AdapterDescriptor Descriptor => ServerDescriptor;

    /// <inheritdoc/>
    public void Check(string name, EsfSchemaSet schemas, IReadOnlyCollection<string> queues, WireSettings settings)
    {
        ArgumentNullException.ThrowIfNull(schemas);
        ArgumentNullException.ThrowIfNull(queues);
        ArgumentNullException.ThrowIfNull(settings);
        FhirServerOptions options = Read(settings, schemas, queues);
        QualifiedKeys.In(settings, () => FhirServerChecks.Check(options));
    }

    /// <inheritdoc/>
    public IWireAdapter Create(AdapterContext context, WireSettings settings)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(settings);
        FhirServerOptions options = Read(settings, context.Schemas, [.. context.Ingress.Names]);
        return QualifiedKeys.In(settings, () => new FhirServer(options, context));
    }

    private static FhirServerOptions Read(WireSettings settings, EsfSchemaSet schemas, IReadOnlyCollection<string> queues)
    {
        settings.Text("Type");
        FhirServerOptions defaults = new() { Queue = "", KeyFolder = "" };
        List<FhirMapping> mappings = FhirMappings.Read(settings, schemas, queues);
        FhirServerOptions options = defaults with
        {
            Address = Address(settings, defaults.Address),
            Port = settings.Number("Port", defaults.Port, 0, ushort.MaxValue),
            BasePath = settings.Text("BasePath") ?? defaults.BasePath,
            PublicUrl = settings.Text("PublicUrl"),
            OtherUrls = FhirMappings.ReadTexts(settings, "OtherUrls"),
            Tls = WireServerTlsOptions.Read(settings),
            TokensFile = settings.Text("TokensFile"),
            AccessQueue = AccessQueue(settings, queues),
            UnsafeAllowAnyPeer = settings.Flag("UnsafeAllowAnyPeer", defaults.UnsafeAllowAnyPeer),
            KeyFolder = EgressKeys.Read(settings, Estream.Fhir.FhirCommit.Schema)!,
            PseudonymKey = WireSecret.From(settings, "PseudonymKey"),
            ConsentDefault = settings.Choice("ConsentDefault", "permit", "permit", "deny") == "permit",
            AllowClientIds = settings.Flag("AllowClientIds", defaults.AllowClientIds),
            MaxConnections = settings.Number("MaxConnections", defaults.MaxConnections, 1, 100_000),
            MaxConnectionsPerAddress = settings.Text("MaxConnectionsPerAddress") is null ? null
                : settings.Number("MaxConnectionsPerAddress", 0, 1, 100_000),
            MaxScannedResources = settings.Number("MaxScannedResources", defaults.MaxScannedResources, 1_000, int.MaxValue),
            MaxBodyBytes = settings.Number("MaxBodyBytes", defaults.MaxBodyBytes, 1_024, 256 << 20),
            MaxBundleEntries = settings.Number("MaxBundleEntries", defaults.MaxBundleEntries, 1, 100_000),
            SubscriptionEndpoints = FhirMappings.ReadTexts(settings, "SubscriptionEndpoints"),
            Queue = FhirMappings.TakeLog(settings, mappings),
            Mappings = mappings,
        };
        settings.RefuseUnknown();
        return options;
    }

    /// <summary>The queue of access records. A server with tokens has one, unless the setting says none.</summary>
    private static string? AccessQueue(WireSettings settings, IReadOnlyCollection<string> queues)
    {
        string? name = settings.Text("AccessQueue");
        return name == "none" ? null
            : name is not null ? settings.RequireQueue("AccessQueue", queues)
            : settings.Text("TokensFile") is null ? null
            : throw new WireConfigurationException(settings.KeyOf("AccessQueue"),
                "is required with TokensFile and not set: the server records who reads. Name a queue, or write none.");
    }

    private static IPAddress Address(WireSettings settings, IPAddress defaultValue)
    {
        string? text = settings.Text("Address");
        return text is null ? defaultValue
            : IPAddress.TryParse(text, out IPAddress? address) ? address
            : throw new WireConfigurationException(settings.KeyOf("Address"), $"'{text}' is not an IP address.");
    }
}

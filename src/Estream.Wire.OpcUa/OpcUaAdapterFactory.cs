using Estream.Esf;
using Estream.Wire.OpcUa.Adapter;

namespace Estream.Wire.OpcUa;

/// <summary>Creates adapters from settings, for adapters of type opcua-client.</summary>
public sealed class OpcUaAdapterFactory : IFieldAdapterFactory
{
    private const int MaxMilliseconds = 86_400_000;

    internal static AdapterDescriptor AdapterDescriptor { get; } = new(
        "opcua-client",
        "OPC UA",
        ProtocolFamily.Industrial,
        ["TCP"],
        IsBidirectional: true,
        IsRequestResponse: true,
        "Subscribes to variables of OPC UA servers without gaps, and writes them.");

    /// <inheritdoc/>
    public AdapterDescriptor Descriptor => AdapterDescriptor;

    /// <inheritdoc/>
    /// <remarks>Certificates and passwords are read at each connection, so a missing one is not an error here.</remarks>
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
        return new OpcUaAdapter(Read(settings, context.Schemas, [.. context.Ingress.Names]), context);
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, long> CountUse(WireSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        IReadOnlyList<WireSettings> servers = settings.List("Servers");
        return new Dictionary<string, long>
        {
            [FieldLimits.Devices] = servers.Count,
            [FieldLimits.Registers] = servers.Sum(server => server.List("Items").Count),
            [FieldLimits.OpcUa] = servers.Count,
        };
    }

    private static OpcUaAdapterOptions Read(WireSettings settings, EsfSchemaSet schemas, IReadOnlyCollection<string> queues)
    {
        settings.Text("Type");
        WireSettings reconnect = settings.Section("Reconnect");
        OpcUaAdapterOptions options = new()
        {
            Servers = [.. settings.List("Servers").Select(ReadServer)],
            Mappings = [.. settings.List("Mappings").Select(mapping => ReadMapping(mapping, schemas, queues))],
            Egress = [.. settings.List("Egress").Select(egress => ReadEgress(egress, schemas))],
            ReconnectInitial = TimeSpan.FromMilliseconds(reconnect.Number("InitialMs", 200, 1, MaxMilliseconds)),
            ReconnectMax = TimeSpan.FromMilliseconds(reconnect.Number("MaxMs", 30_000, 1, MaxMilliseconds)),
            MaxWriteAge = TimeSpan.FromMilliseconds(settings.Number("MaxWriteAgeMs", 10_000, 0, MaxMilliseconds)),
        };
        settings.RefuseUnknown();
        QualifiedKeys.In(settings, () => AdapterChecks.Check(options));
        return options;
    }

    private static OpcUaMapping ReadMapping(WireSettings settings, EsfSchemaSet schemas, IReadOnlyCollection<string> queues)
    {
        string name = settings.RequireText("Schema");
        if (!OpcUaSchemas.Mapped.Contains(name))
        {
            throw new WireConfigurationException(
                settings.KeyOf("Schema"), $"'{name}' is not accepted; write {string.Join(" or ", OpcUaSchemas.Mapped)}.");
        }

        return new OpcUaMapping(SchemaNamed(settings, name, schemas), settings.RequireQueue("Queue", queues));
    }

    private static EsfSchema ReadEgress(WireSettings settings, EsfSchemaSet schemas)
    {
        // The host uses the queue. Only its presence is checked here.
        settings.RequireText("Queue");
        return settings.RequireText("Schema") == OpcUaSchemas.Write
            ? SchemaNamed(settings, OpcUaSchemas.Write, schemas)
            : throw new WireConfigurationException(settings.KeyOf("Schema"), $"is not accepted; write {OpcUaSchemas.Write}.");
    }

    private static EsfSchema SchemaNamed(WireSettings settings, string name, EsfSchemaSet schemas) =>
        schemas.TryGet(name, out EsfSchema? schema) || OpcUaSchemas.Own.TryGet(name, out schema)
            ? schema
            : throw new WireConfigurationException(
                settings.KeyOf("Schema"), $"the schema '{name}' does not exist; its file is in the pack esf-industrial.");

    private static OpcUaServerOptions ReadServer(WireSettings settings) => new()
    {
        Name = settings.RequireText("Name"),
        Client = ReadClient(settings),
        PublishingIntervalMs = settings.Number("PublishingIntervalMs", 1_000, 10, 3_600_000),
        KeepAliveMs = settings.Number("KeepAliveMs", 10_000, 100, 3_600_000),
        LifetimeMs = settings.Number("LifetimeMs", 600_000, 1_000, MaxMilliseconds),
        PublishRequests = settings.Number("PublishRequests", 3, 1, 100),
        Items = [.. settings.List("Items").Select(ReadItem)],
    };

    private static OpcUaClientOptions ReadClient(WireSettings settings)
    {
        WireSettings user = settings.Section("User");
        return new OpcUaClientOptions
        {
            Url = settings.RequireText("Url"),
            Policy = settings.Choice(
                "Policy", "Basic256Sha256", "Basic256Sha256", "Aes128_Sha256_RsaOaep", "Aes256_Sha256_RsaPss", "None") switch
            {
                "Aes128_Sha256_RsaOaep" => UaSecurityPolicy.Aes128Sha256RsaOaep,
                "Aes256_Sha256_RsaPss" => UaSecurityPolicy.Aes256Sha256RsaPss,
                "None" => UaSecurityPolicy.None,
                _ => UaSecurityPolicy.Basic256Sha256,
            },
            Mode = settings.Choice("Mode", "SignAndEncrypt", "SignAndEncrypt", "Sign") == "Sign"
                ? UaSecurityMode.Sign : UaSecurityMode.SignAndEncrypt,
            PkiFolder = settings.Text("Pki"),
            User = user.Text("Name"),
            Password = WireSecret.From(user, "Password"),
            UserCertificateFile = user.Text("CertificateFile"),
            UserKeyFile = user.Text("KeyFile"),
            TimeoutMs = settings.Number("TimeoutMs", 10_000, 100, 600_000),
            SessionTimeoutMs = settings.Number("SessionTimeoutMs", 120_000, 1_000, MaxMilliseconds),
            TokenLifetimeMs = settings.Number("TokenLifetimeMs", 3_600_000, 1_000, MaxMilliseconds),
        };
    }

    private static OpcUaItemOptions ReadItem(WireSettings settings) => new()
    {
        Name = settings.RequireText("Name"),
        Node = settings.RequireText("Node"),
        SamplingMs = settings.Number("SamplingMs", -1, -1, MaxMilliseconds),
        QueueSize = settings.Number("QueueSize", 10, 1, 100_000),
        DiscardOldest = settings.Flag("DiscardOldest", true),
        Deadband = settings.Real("Deadband", 0),
        IsWritable = settings.Flag("Writable", false),
    };
}

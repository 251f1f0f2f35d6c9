using System.Globalization;
using System.Net;
using Estream.Circuits;
using Estream.Crypto;
using Estream.Host.Components;
using Estream.Host.Http;
using Estream.Host.Runtime;
using Estream.Marketplace;
using Microsoft.Extensions.Configuration;

namespace Estream.Host.Configuration;

/// <summary>Turns a configuration that passed the checks into settings. Relative paths are resolved against the current
/// directory.</summary>
internal static class SettingsReader
{
    public static EstreamSettings Read(IConfiguration configuration, string? token, IReadOnlyDictionary<string, string> headers)
    {
        IConfigurationSection root = configuration.GetSection(EstreamSettingsSchema.SectionName);
        return new EstreamSettings(
            Path.GetFullPath(TextOf(root, "Data", "data")),
            ReadHttp(root, token),
            [.. SchemaFiles(configuration)],
            [.. root.GetSection("Queues").GetChildren().Select(ReadQueue)],
            [.. root.GetSection("Maps").GetChildren().Select(m => new MapSettings(m.Key, m["Queue"]!, m["Schema"]!, m["Key"]!))],
            [.. root.GetSection("Adapters").GetChildren()
                .Select(a => new AdapterSettings(a.Key, a[VariantSchema.TypeKey], a[AdapterPlan.ComponentSetting], a))],
            root["Privacy:Keys"] is { Length: > 0 } keys ? Path.GetFullPath(keys) : null,
            root["Privacy:Vault:Directory"] is { Length: > 0 } vault
                ? new VaultSettings(Path.GetFullPath(vault), Path.GetFullPath(root["Privacy:Vault:KeyFile"]!))
                : null)
        {
            Partitioned = PartitionedSections.Read(root),
            MinFreeBytes = NumberOf(root.GetSection("Storage"), "MinFreeBytes"),
            HasGroupReaders = root["Storage:GroupReaders"] is { Length: > 0 } readers && bool.Parse(readers),
            MaxRetentionHold = NumberOf(root.GetSection("Retention"), "MaxHoldSeconds") is { } hold ? TimeSpan.FromSeconds(hold) : null,
            History = IsOn(root, "History:Enabled")
                ? new HistoryPlan((int)(NumberOf(root.GetSection("History"), "MaxSeries") ?? HistoryPlan.MostSeries))
                : null,
            Alerts = AlertSection.Read(root),
            Tenants = root.GetSection("Tenants").GetChildren().ToDictionary(tenant => tenant.Key, ReadLimits, StringComparer.Ordinal),
            Multicast = [.. root.GetSection(MulticastSections.Key).GetChildren().Select(section => MulticastSections.Read(section, root))],
            GovernanceApprovals = Governance(configuration),
            Replicas = [.. root.GetSection(ReplicaSections.Key).GetChildren().Select(ReplicaSections.Read)],
            Replication = ReplicationSection.Read(root.GetSection(ReplicationSection.Key)),
            Cards = [.. root.GetSection("Cards").GetChildren().Select(card => card.Value).OfType<string>()],
            Client = ClientSection.Read(root, TextOf(root, "Data", "data")),
            Observation = ReadObservation(root.GetSection("StreamSight")),
            Components = root["Components:Workspace"] is { Length: > 0 } workspace
                ? new ComponentSettings(Path.GetFullPath(workspace),
                    root["Components:Cache"] is { Length: > 0 } cache ? Path.GetFullPath(cache) : null,
                    root["Components:RevokedFile"] is { Length: > 0 } revoked ? Path.GetFullPath(revoked) : null,
                    NumberOf(root.GetSection("Components"), "WidgetBytes") ?? ComponentWorkspace.DefaultWidgetBytes)
                : null,
            Marketplace = MarketplaceSection.Read(root),
            Gateway = root["Gateway:Component"] is { Length: > 0 } gateway
                ? new GatewayPlan(ComponentName.Parse(gateway),
                    root["Gateway:Standby"] is { Length: > 0 } standby && bool.Parse(standby))
                : null,
            Telemetry = ReadTelemetry(root.GetSection("OpenTelemetry"), headers),
        };
    }

    /// <summary>Returns the paths of the schema files. Also used before the checks, because references to schemas are checked against
    /// them.</summary>
    public static IEnumerable<string> SchemaFiles(IConfiguration configuration) => PathsIn(configuration, "Schemas");

    /// <summary>Returns the full paths in a list of the section <c>Estream</c>.</summary>
    public static IEnumerable<string> PathsIn(IConfiguration configuration, string list) =>
        ValuesIn(configuration, list).Select(Path.GetFullPath);

    /// <summary>Returns the texts in a list of the section <c>Estream</c>, except those that cannot be paths.</summary>
    public static IEnumerable<string> ValuesIn(IConfiguration configuration, string list) =>
        configuration.GetSection($"{EstreamSettingsSchema.SectionName}:{list}").GetChildren()
            .Select(s => s.Value!).Where(text => !string.IsNullOrEmpty(text) && !text.Contains('\0', StringComparison.Ordinal));

    /// <summary>Returns the approvals that circuits of each governance category need. Invalid numbers are reported by the schema
    /// check.</summary>
    public static IReadOnlyDictionary<string, int> Governance(IConfiguration configuration) =>
        configuration.GetSection($"{EstreamSettingsSchema.SectionName}:Governance").GetChildren().ToDictionary(
            category => category.Key,
            category => int.TryParse(category["Approvals"], NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0,
            StringComparer.Ordinal);

    private static QueueSettings ReadQueue(IConfigurationSection queue) => new(
        queue.Key, NumberOf(queue, "SegmentBytes"), NumberOf(queue, "RetainedBytes"), AgeOf(queue),
        NumberOf(queue, "MemoryBytes") ?? 0,
        queue["KeyFile"] is { Length: > 0 } file ? Path.GetFullPath(file) : null, ReadWitness(queue.GetSection("Witness")),
        queue["Durability"], queue["UsesReserve"] is { Length: > 0 } reserve ? bool.Parse(reserve) : null,
        PathOf(queue, SignatureRules.Setting), queue["Region"] is { Length: > 0 } region ? region : null,
        PathOf(queue, "PrivateKeyFile"));

    private static TenantLimits ReadLimits(IConfigurationSection tenant) => new()
    {
        OperationsPerSecond = NumberOf(tenant, "OperationsPerSecond"),
        CpuMillis = NumberOf(tenant, "CpuMillis"),
        IngressBytesPerSecond = NumberOf(tenant, "IngressBytesPerSecond"),
        EgressBytesPerSecond = NumberOf(tenant, "EgressBytesPerSecond"),
        StorageBytes = NumberOf(tenant, "StorageBytes"),
    };

    private static StreamObservationOptions ReadObservation(IConfigurationSection sight)
    {
        StreamObservationOptions standard = new();
        return standard with
        {
            Level = Levels.TryParse(sight["Level"], out ObservationLevel level) ? level : ObservationLevel.Distributions,
            AlertLevel = Levels.TryParse(sight["AlertLevel"], out ObservationLevel alert) ? alert : standard.AlertLevel,
            TracesPerSecond = (int)(NumberOf(sight, "TracesPerSecond") ?? standard.TracesPerSecond),
            SampleEvery = (int)(NumberOf(sight, "SampleEvery") ?? standard.SampleEvery),
        };
    }

    private static TelemetrySettings? ReadTelemetry(IConfigurationSection telemetry, IReadOnlyDictionary<string, string> headers) =>
        EndpointSchema.TryParse(telemetry["Endpoint"], out Uri? endpoint)
        ? new TelemetrySettings(
            endpoint, TextOf(telemetry, "Protocol", "Grpc") == "Grpc", headers, TextOf(telemetry, "ServiceName", "estream"),
            IsOn(telemetry, "Metrics"), IsOn(telemetry, "Traces"),
            TimeSpan.FromMilliseconds(NumberOf(telemetry, "IntervalMs") ?? 60_000))
        : null;

    private static bool IsOn(IConfigurationSection section, string key) => section[key] is not { Length: > 0 } text || bool.Parse(text);

    private static WitnessSettings? ReadWitness(IConfigurationSection witness) => witness["KeyFile"] is { Length: > 0 } file
        ? new WitnessSettings(
            Path.GetFullPath(file), [.. witness.GetSection("EarlierKeys").GetChildren().Select(key => Path.GetFullPath(key.Value!))],
            (int?)NumberOf(witness, "MaxMessages"), (int?)NumberOf(witness, "MaxDelayMs"),
            witness["Durable"] is { Length: > 0 } durable && bool.Parse(durable),
            witness["Card"] is { Length: > 0 } card ? card : null)
        : null;

    private static TimeSpan? AgeOf(IConfigurationSection queue) =>
        queue["RetainedAge"] is { Length: > 0 } text && text != AgeSchema.BySchema ? AgeSchema.Parse(text) : null;

    private static HttpSettings ReadHttp(IConfigurationSection root, string? token)
    {
        IConfigurationSection http = root.GetSection("Http");
        IPAddress address = AddressSchema.Parse(TextOf(http, "Address", "127.0.0.1"));

        // If a token is configured, it is required on loopback too.
        AccessRole standard = token is null && IPAddress.IsLoopback(address) ? AccessRole.Viewer : AccessRole.None;
        return new HttpSettings(address, (int)(NumberOf(http, "Port") ?? HttpSettings.DefaultPort), token)
        {
            LoopbackRole = Enum.TryParse(http["LoopbackRole"], ignoreCase: true, out AccessRole role) ? role : standard,
            TokensFile = TokensFile(root),
            Certificate = PathOf(http, "Certificate"),
            CertificateKey = PathOf(http, "CertificateKey"),
            Socket = HttpSocket.PathOf(http["Socket"], TextOf(root, "Data", "data")),
            Proxies = [.. http.GetSection("Proxies").GetChildren().Select(proxy => NetworkSchema.Parse(proxy.Value!))],
            MaxConnectionsPerAddress =
                (int)(NumberOf(http, "MaxConnectionsPerAddress") ?? HttpSettings.DefaultConnectionsPerAddress),
            ManagementPort = (int?)NumberOf(http.GetSection("Management"), "Port"),
            ManagementAddress = http["Management:Address"] is { Length: > 0 } management ? AddressSchema.Parse(management) : null,
        };
    }

    /// <summary>The file of the tokens that <c>estream token</c> manages. Null if the hosts of a pair need a shared file and
    /// <c>Http:TokensFile</c> names none.</summary>
    public static string? TokensFile(IConfigurationSection root) => PathOf(root.GetSection("Http"), "TokensFile")
        ?? (ReplicationSection.IsAuto(root.GetSection(ReplicationSection.Key)) ? null : OwnTokensFile(root));

    /// <summary>The default file, in the data folder.</summary>
    public static string OwnTokensFile(IConfigurationSection root) =>
        Path.Combine(Path.GetFullPath(TextOf(root, "Data", "data")), "tokens");

    private static string? PathOf(IConfigurationSection section, string key) =>
        section[key] is { Length: > 0 } path ? Path.GetFullPath(path) : null;

    private static string TextOf(IConfigurationSection section, string key, string fallback) =>
        section[key] is { Length: > 0 } text ? text : fallback;

    private static long? NumberOf(IConfigurationSection section, string key) =>
        section[key] is { Length: > 0 } text ? long.Parse(text, CultureInfo.InvariantCulture) : null;
}

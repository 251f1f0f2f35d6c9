using Estream.Esf;
using Estream.Wire.Dnp3.Adapter;

namespace Estream.Wire.Dnp3;

/// <summary>Creates masters from settings, for adapters of type dnp3-master.</summary>
public sealed class Dnp3MasterFactory : IFieldAdapterFactory
{
    private const int MaxMilliseconds = 86_400_000;

    // 65,520 to 65,535 are reserved.
    private const int MaxAddress = 65_519;

    internal static AdapterDescriptor MasterDescriptor { get; } = new(
        "dnp3-master",
        "DNP3",
        ProtocolFamily.Industrial,
        ["TCP", "TLS", "Serial"],
        IsBidirectional: true,
        IsRequestResponse: true,
        "Polls DNP3 outstations, receives their events, and operates their points.");

    /// <inheritdoc/>
    public AdapterDescriptor Descriptor => MasterDescriptor;

    /// <inheritdoc/>
    /// <remarks>Certificates are read, and serial ports are opened, at each connection, so a missing one is not an error here.</remarks>
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
        return new Dnp3Master(Read(settings, context.Schemas, [.. context.Ingress.Names]), context);
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, long> CountUse(WireSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        int devices = settings.List("Devices").Count;
        return new Dictionary<string, long> { [FieldLimits.Devices] = devices, [FieldLimits.Dnp3] = devices };
    }

    private static Dnp3MasterOptions Read(WireSettings settings, EsfSchemaSet schemas, IReadOnlyCollection<string> queues)
    {
        settings.Text("Type");
        WireSettings reconnect = settings.Section("Reconnect");
        Dnp3MasterOptions options = new()
        {
            Devices = [.. settings.List("Devices").Select(ReadDevice)],
            Mappings = [.. settings.List("Mappings").Select(mapping => ReadMapping(mapping, schemas, queues))],
            Egress = [.. settings.List("Egress").Select(egress => ReadEgress(egress, schemas))],
            ReconnectInitial = TimeSpan.FromMilliseconds(reconnect.Number("InitialMs", 200, 1, MaxMilliseconds)),
            ReconnectMax = TimeSpan.FromMilliseconds(reconnect.Number("MaxMs", 30_000, 1, MaxMilliseconds)),
            MaxCommandAge = TimeSpan.FromMilliseconds(settings.Number("MaxCommandAgeMs", 10_000, 0, MaxMilliseconds)),
            UnsafeAllowPlaintextCommands = settings.Flag("UnsafeAllowPlaintextCommands", false),
        };
        settings.RefuseUnknown();
        QualifiedKeys.In(settings, () => MasterChecks.Check(options));
        return options;
    }

    private static Dnp3Mapping ReadMapping(WireSettings settings, EsfSchemaSet schemas, IReadOnlyCollection<string> queues)
    {
        string name = settings.RequireText("Schema");
        return Dnp3Schemas.Mapped.Contains(name)
            ? new Dnp3Mapping(SchemaNamed(settings, name, schemas), settings.RequireQueue("Queue", queues))
            : throw new WireConfigurationException(
                settings.KeyOf("Schema"), $"'{name}' is not accepted; write {string.Join(" or ", Dnp3Schemas.Mapped)}.");
    }

    private static EsfSchema ReadEgress(WireSettings settings, EsfSchemaSet schemas)
    {
        // The host uses the queue. Only its presence is checked here.
        settings.RequireText("Queue");
        return settings.RequireText("Schema") == Dnp3Schemas.Command
            ? SchemaNamed(settings, Dnp3Schemas.Command, schemas)
            : throw new WireConfigurationException(settings.KeyOf("Schema"), $"is not accepted; write {Dnp3Schemas.Command}.");
    }

    private static EsfSchema SchemaNamed(WireSettings settings, string name, EsfSchemaSet schemas) =>
        schemas.TryGet(name, out EsfSchema? schema) || Dnp3Schemas.Own.TryGet(name, out schema)
            ? schema
            : throw new WireConfigurationException(settings.KeyOf("Schema"), $"the schema '{name}' does not exist.");

    private static Dnp3DeviceOptions ReadDevice(WireSettings settings)
    {
        Dnp3EndpointOptions endpoint = ReadEndpoint(settings);
        return new Dnp3DeviceOptions
        {
            Name = settings.RequireText("Name"),
            Endpoint = endpoint,
            OutstationAddress = (ushort)settings.Number("Address", 10, 0, MaxAddress),
            MasterAddress = (ushort)settings.Number("MasterAddress", 1, 0, MaxAddress),
            TimeoutMs = settings.Number("TimeoutMs", 5_000, 1, 600_000),
            IntegrityEveryMs = settings.Number("IntegrityEveryMs", 3_600_000, 0, MaxMilliseconds),
            Class1EveryMs = settings.Number("Class1EveryMs", 10_000, 0, MaxMilliseconds),
            Class2EveryMs = settings.Number("Class2EveryMs", 10_000, 0, MaxMilliseconds),
            Class3EveryMs = settings.Number("Class3EveryMs", 10_000, 0, MaxMilliseconds),
            Unsolicited = settings.Flag("Unsolicited", true) ? Dnp3Classes.Events : Dnp3Classes.None,
            TimeSync = settings.Choice("TimeSync", endpoint.Serial is null ? "lan" : "serial", "lan", "serial", "none") switch
            {
                "lan" => Dnp3TimeSync.Lan,
                "serial" => Dnp3TimeSync.Serial,
                _ => Dnp3TimeSync.None,
            },
            MaxBackoffMs = settings.Number("MaxBackoffMs", 60_000, 1, MaxMilliseconds),
            Points = [.. settings.List("Points").Select(ReadPoint)],
        };
    }

    private static Dnp3EndpointOptions ReadEndpoint(WireSettings settings)
    {
        WireTlsOptions? tls = WireTlsOptions.Read(settings);
        Dnp3SerialOptions? serial = settings.Has("Serial") ? ReadSerial(settings.Section("Serial")) : null;
        string? host = settings.Text("Host");
        if (string.IsNullOrEmpty(host) == serial is null)
        {
            throw new WireConfigurationException(
                settings.KeyOf("Host"), "is required for TCP, and not accepted with Serial. Set exactly one of Host and Serial.");
        }

        return new Dnp3EndpointOptions
        {
            Host = host ?? "",
            Port = settings.Number("Port", tls is null ? Dnp3EndpointOptions.TcpPort : Dnp3EndpointOptions.TlsPort, 1, ushort.MaxValue),
            Tls = tls,
            Serial = serial,
            ConnectTimeoutMs = settings.Number("ConnectTimeoutMs", 5_000, 1, 60_000),
            KeepAliveMs = settings.Number("KeepAliveMs", 60_000, 0, MaxMilliseconds),
        };
    }

    private static Dnp3SerialOptions ReadSerial(WireSettings settings) => new(settings.RequireText("Port"))
    {
        BaudRate = settings.Number("BaudRate", 9_600, 300, 4_000_000),
        Parity = settings.Choice("Parity", "none", "even", "odd", "none") switch
        {
            "odd" => SerialParity.Odd,
            "even" => SerialParity.Even,
            _ => SerialParity.None,
        },
        StopBits = settings.Number("StopBits", 1, 1, 2),
    };

    private static Dnp3PointOptions ReadPoint(WireSettings settings) => new()
    {
        Name = settings.RequireText("Name"),
        Kind = ReadKind(settings),
        Index = (ushort)settings.Number("Index", 0, 0, ushort.MaxValue),
        Scale = settings.Real("Scale", 1),
        Offset = settings.Real("Offset", 0),
        UnitOfMeasurement = settings.Text("UnitOfMeasurement"),
        IsWritable = settings.Flag("Writable", false),
        IsDirect = settings.Choice("Operate", "select", "select", "direct") == "direct",
        Type = settings.Choice("Type", "int32", "int32", "int16", "float32", "float64") switch
        {
            "int16" => Dnp3AnalogType.Integer16,
            "float32" => Dnp3AnalogType.Real32,
            "float64" => Dnp3AnalogType.Real64,
            _ => Dnp3AnalogType.Integer32,
        },
    };

    private static Dnp3PointKind ReadKind(WireSettings settings)
    {
        const string Key = "Kind";
        settings.RequireText(Key);
        return settings.Choice(
            Key, "", "binary-input", "double-bit-input", "binary-output", "counter", "frozen-counter", "analog-input",
            "analog-output") switch
        {
            "binary-input" => Dnp3PointKind.BinaryInput,
            "double-bit-input" => Dnp3PointKind.DoubleBitInput,
            "binary-output" => Dnp3PointKind.BinaryOutput,
            "counter" => Dnp3PointKind.Counter,
            "frozen-counter" => Dnp3PointKind.FrozenCounter,
            "analog-input" => Dnp3PointKind.AnalogInput,
            _ => Dnp3PointKind.AnalogOutput,
        };
    }
}

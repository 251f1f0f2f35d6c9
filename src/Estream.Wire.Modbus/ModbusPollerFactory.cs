using Estream.Esf;
using Estream.Wire.Modbus.Polling;

namespace Estream.Wire.Modbus;

/// <summary>Creates pollers from settings, for adapters of type modbus-client.</summary>
public sealed class ModbusPollerFactory : IFieldAdapterFactory
{
    private const int MaxMilliseconds = 86_400_000;
    private const int MaxMakeUpMs = 600_000;

    internal static AdapterDescriptor PollerDescriptor { get; } = new(
        "modbus-client",
        "Modbus",
        ProtocolFamily.Industrial,
        ["TCP", "TLS", "Serial"],
        IsBidirectional: true,
        IsRequestResponse: true,
        "Polls devices over TCP, TLS and serial lines, and writes their points.");

    /// <inheritdoc/>
    public AdapterDescriptor Descriptor => PollerDescriptor;

    /// <inheritdoc/>
    /// <remarks>False: the next poll reads the device again.</remarks>
    public bool NeedsDurableQueues => false;

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
        return new ModbusPoller(Read(settings, context.Schemas, [.. context.Ingress.Names]), context);
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, long> CountUse(WireSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ModbusDeviceOptions[] devices = [.. settings.List("Devices").Select(ReadDevice)];
        return new Dictionary<string, long>
        {
            [FieldLimits.Devices] = devices.Length,
            [FieldLimits.Registers] = devices.Sum(CountAddresses),
            [FieldLimits.SerialLines] = devices.Select(device => device.Endpoint.Serial?.Port).OfType<string>().Distinct().Count(),
        };
    }

    private static long CountAddresses(ModbusDeviceOptions device) => device.Points
        .Select(point => (point.Table, First: (int)point.Address, Count: point.Length))
        .Concat(device.Reads.Select(read => (read.Table, First: (int)read.Address, read.Count)))
        .SelectMany(block => Enumerable.Range(block.First, block.Count).Select(address => (block.Table, address)))
        .Distinct().Count();

    private static ModbusMapping ReadMapping(WireSettings settings, EsfSchemaSet schemas, IReadOnlyCollection<string> queues)
    {
        string name = settings.RequireText("Schema");
        if (!ModbusSchemas.Mapped.Contains(name))
        {
            throw new WireConfigurationException(
                settings.KeyOf("Schema"), $"'{name}' is not accepted; write {string.Join(" or ", ModbusSchemas.Mapped)}.");
        }

        return new ModbusMapping(SchemaNamed(settings, name, schemas), settings.RequireQueue("Queue", queues));
    }

    private static ModbusPollerOptions Read(WireSettings settings, EsfSchemaSet schemas, IReadOnlyCollection<string> queues)
    {
        settings.Text("Type");
        WireSettings reconnect = settings.Section("Reconnect");
        ModbusPollerOptions options = new()
        {
            Devices = [.. settings.List("Devices").Select(ReadDevice)],
            Mappings = [.. settings.List("Mappings").Select(mapping => ReadMapping(mapping, schemas, queues))],
            Egress = [.. settings.List("Egress").Select(egress => ReadEgress(egress, schemas))],
            ReconnectInitial = TimeSpan.FromMilliseconds(reconnect.Number("InitialMs", 200, 1, MaxMilliseconds)),
            ReconnectMax = TimeSpan.FromMilliseconds(reconnect.Number("MaxMs", 30_000, 1, MaxMilliseconds)),
            ReconnectAfterTimeouts = settings.Number("ReconnectAfterTimeouts", 5, 1, 1_000),
            MakeUp = settings.Text("MakeUpMs") is null ? null : TimeSpan.FromMilliseconds(settings.Number("MakeUpMs", 0, 0, MaxMakeUpMs)),
            MaxWriteAge = TimeSpan.FromMilliseconds(settings.Number("MaxWriteAgeMs", 10_000, 0, MaxMilliseconds)),
        };
        settings.RefuseUnknown();
        QualifiedKeys.In(settings, () => PollerChecks.Check(options));
        return options;
    }

    private static EsfSchema ReadEgress(WireSettings settings, EsfSchemaSet schemas)
    {
        // The host uses the queue. Only its presence is checked here.
        settings.RequireText("Queue");
        return settings.RequireText("Schema") == ModbusSchemas.Write
            ? SchemaNamed(settings, ModbusSchemas.Write, schemas)
            : throw new WireConfigurationException(settings.KeyOf("Schema"), $"is not accepted; write {ModbusSchemas.Write}.");
    }

    internal static EsfSchema SchemaNamed(WireSettings settings, string name, EsfSchemaSet schemas) =>
        schemas.TryGet(name, out EsfSchema? schema) || ModbusSchemas.Own.TryGet(name, out schema)
            ? schema
            : throw new WireConfigurationException(
                settings.KeyOf("Schema"), $"the schema '{name}' does not exist; its file is in the pack esf-industrial.");

    private static ModbusDeviceOptions ReadDevice(WireSettings settings)
    {
        WireTlsOptions? tls = WireTlsOptions.Read(settings);
        SerialLineOptions? serial = settings.Has("Serial") ? ReadSerial(settings.Section("Serial")) : null;
        int port = settings.Number(
            "Port", tls is null ? ModbusClientOptions.TcpPort : ModbusClientOptions.TlsPort, 1, ushort.MaxValue);
        string? host = settings.Text("Host");
        if (string.IsNullOrEmpty(host) == serial is null)
        {
            throw new WireConfigurationException(
                settings.KeyOf("Host"), "is required for TCP, and not accepted with Serial. Set exactly one of Host and Serial.");
        }

        return new ModbusDeviceOptions
        {
            Name = settings.RequireText("Name"),
            Endpoint = new ModbusClientOptions
            {
                Host = host ?? "",
                Port = port,
                Tls = tls,
                Serial = serial,
                TimeoutMs = settings.Number("TimeoutMs", 1_000, 1, 60_000),
                ConnectTimeoutMs = settings.Number("ConnectTimeoutMs", 5_000, 1, 60_000),
                InFlight = settings.Number("InFlight", 1, 1, 64),
            },
            Unit = (byte)settings.Number("Unit", 1, 0, 255),
            MaxGap = settings.Number("MaxGap", 8, 0, 124),
            MaxRegisters = settings.Number("MaxRegisters", ModbusLimits.MaxReadRegisters, 1, ModbusLimits.MaxReadRegisters),
            MaxBackoffMs = settings.Number("MaxBackoffMs", 60_000, 1, MaxMilliseconds),
            Points = [.. settings.List("Points").Select(ReadPoint)],
            Reads = [.. settings.List("Reads").Select(ReadBlock)],
        };
    }

    private static SerialLineOptions ReadSerial(WireSettings settings) => new(settings.RequireText("Port"))
    {
        BaudRate = settings.Number("BaudRate", 19_200, 300, 4_000_000),
        Parity = settings.Choice("Parity", "even", "even", "odd", "none") switch
        {
            "odd" => SerialParity.Odd,
            "none" => SerialParity.None,
            _ => SerialParity.Even,
        },
        StopBits = settings.Number("StopBits", 1, 1, 2),
        SilenceMicros = settings.Number("SilenceMicros", 0, 0, 1_000_000),
    };

    private static ModbusPointOptions ReadPoint(WireSettings settings) => PointSettings.Read(settings) with
    {
        UnitOfMeasurement = settings.Text("UnitOfMeasurement"),
        EveryMs = settings.Number("EveryMs", 1_000, 0, MaxMilliseconds),
        ReportsChanges = settings.Flag("ReportChanges", false),
    };

    private static ModbusReadOptions ReadBlock(WireSettings settings) =>
        new(PointSettings.ReadTable(settings), PointSettings.ReadAddress(settings), settings.Number("Count", 1, 1, ModbusLimits.TableSize),
            settings.Number("EveryMs", 1_000, 1, MaxMilliseconds));
}

using System.Net;
using Estream.Esf;
using Estream.Wire.Modbus.Server;

namespace Estream.Wire.Modbus;

/// <summary>Creates servers from settings, for adapters of type modbus-server.</summary>
public sealed class ModbusServerFactory : IWireAdapterFactory
{
    private const int MaxAgeLimitMs = 86_400_000;

    internal static AdapterDescriptor ServerDescriptor { get; } = new(
        "modbus-server",
        "Modbus",
        ProtocolFamily.Industrial,
        ["TCP", "TLS"],
        IsBidirectional: false,
        IsRequestResponse: true,
        "Masters read the values of a map as registers, and write to a queue.");

    /// <inheritdoc/>
    public AdapterDescriptor Descriptor => ServerDescriptor;

    /// <inheritdoc/>
    /// <remarks>The map is looked up at the start.</remarks>
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
        ModbusServerOptions options = Read(settings, context.Schemas, [.. context.Ingress.Names]);
        return QualifiedKeys.In(settings, () => new ModbusServer(options, context));
    }

    private static ModbusServerOptions Read(WireSettings settings, EsfSchemaSet schemas, IReadOnlyCollection<string> queues)
    {
        settings.Text("Type");
        WireServerTlsOptions? tls = WireServerTlsOptions.Read(settings);
        ModbusServerOptions options = new()
        {
            Address = ReadAddress(settings),
            Port = settings.Number(
                "Port", tls is null ? ModbusClientOptions.TcpPort : ModbusClientOptions.TlsPort, 0, ushort.MaxValue),
            Tls = tls,
            UnsafeAllowAnyPeer = settings.Flag("UnsafeAllowAnyPeer", false),
            MaxConnections = settings.Number("MaxConnections", 32, 1, 10_000),
            MaxConnectionsPerAddress = settings.Number("MaxConnectionsPerAddress", 0, 0, 10_000),
            Peers = WirePeer.Read(settings, "Units"),
            MaxAgeMs = settings.Number("MaxAgeMs", 0, 0, MaxAgeLimitMs),
            IdleSeconds = settings.Number("IdleSeconds", 600, 0, 86_400),
            RequestSeconds = settings.Number("RequestSeconds", 10, 1, 3_600),
            Map = settings.Text("Map"),
            Units = [.. settings.List("Units").Select(ReadUnit)],
            Mappings = [.. settings.List("Mappings").Select(mapping => ReadMapping(mapping, schemas, queues))],
        };
        settings.RefuseUnknown();
        QualifiedKeys.In(settings, () => ServerChecks.Check(options));
        return options;
    }

    private static IPAddress ReadAddress(WireSettings settings)
    {
        string? text = settings.Text("Address");
        return text is null ? IPAddress.Loopback
            : IPAddress.TryParse(text, out IPAddress? address) ? address
            : throw new WireConfigurationException(
                settings.KeyOf("Address"), $"'{text}' is not accepted; write an IP address, such as 127.0.0.1.");
    }

    private static ModbusMapping ReadMapping(WireSettings settings, EsfSchemaSet schemas, IReadOnlyCollection<string> queues) =>
        settings.RequireText("Schema") == ModbusSchemas.Write
            ? new ModbusMapping(
                ModbusPollerFactory.SchemaNamed(settings, ModbusSchemas.Write, schemas), settings.RequireQueue("Queue", queues))
            : throw new WireConfigurationException(settings.KeyOf("Schema"), $"is not accepted; write {ModbusSchemas.Write}.");

    private static ModbusUnitOptions ReadUnit(WireSettings settings) => new()
    {
        Name = settings.RequireText("Name"),
        Unit = (byte)settings.Number("Unit", 1, 0, 255),
        Points = [.. settings.List("Points").Select(ReadPoint)],
    };

    private static ModbusServedPoint ReadPoint(WireSettings settings)
    {
        ModbusPointOptions point = PointSettings.Read(settings);
        string field = point.Type == PointType.Text ? "text" : "value";
        return new ModbusServedPoint(point, settings.Text("Key") ?? point.Name, settings.Text("Field") ?? field)
        {
            MaxAgeMs = settings.Text("MaxAgeMs") is null ? null : settings.Number("MaxAgeMs", 0, 0, MaxAgeLimitMs),
        };
    }
}

using System.Globalization;

namespace Estream.Host.Configuration;

/// <summary>The accepted keys of the two Modbus adapters. The factories check the keys again; a test compares the two lists.</summary>
internal static class ModbusSettingSchemas
{
    public const string ClientType = "modbus-client";
    public const string ServerType = "modbus-server";

    private const int MaxDevices = 10_000;
    private const int MaxPoints = 65_536;
    private const int MaxMilliseconds = 86_400_000;

    private static readonly TextSchema s_real = new("a number, such as 0.1", 64, IsReal);
    private static readonly ChoiceSchema s_table = new("holding", "input", "coils", "discrete");
    private static readonly IntegerSchema s_address = new(0, ushort.MaxValue);

    private static readonly Setting[] s_point =
    [
        Setting.Required("Name", TextSchema.Any),
        new Setting("Table", s_table),
        new Setting("Address", s_address),
        new Setting("Type", new ChoiceSchema(
            "uint16", "int16", "uint32", "int32", "uint64", "int64", "float32", "float64", "bcd16", "bcd32", "text", "bit")),
        new Setting("Order", new ChoiceSchema("ABCD", "CDAB", "BADC", "DCBA")),
        new Setting("Bit", new IntegerSchema(0, 15)),
        new Setting("Registers", new IntegerSchema(1, 123)),
        new Setting("Scale", s_real),
        new Setting("Offset", s_real),
        new Setting("Writable", BooleanSchema.Instance),
    ];

    private static readonly ListSchema s_points = new(
        "point",
        new ObjectSchema(
        [
            .. s_point,
            new Setting("UnitOfMeasurement", TextSchema.Any),
            new Setting("EveryMs", new IntegerSchema(0, MaxMilliseconds, "milliseconds")),
            new Setting("ReportChanges", BooleanSchema.Instance),
        ]),
        MaxPoints);

    private static readonly IntegerSchema s_maxAge = new(0, MaxMilliseconds, "milliseconds");

    private static readonly ListSchema s_units = new(
        "unit",
        new ObjectSchema(
            Setting.Required("Name", TextSchema.Any),
            new Setting("Unit", new IntegerSchema(0, 255)),
            Setting.Required("Points", new ListSchema(
                "point",
                new ObjectSchema(
                [
                    .. s_point,
                    new Setting("Key", TextSchema.Any),
                    new Setting("Field", TextSchema.Any),
                    new Setting("MaxAgeMs", s_maxAge),
                ]),
                MaxPoints))),
        256);

    private static readonly ListSchema s_reads = new("read", new ObjectSchema(
        new Setting("Table", s_table),
        new Setting("Address", s_address),
        new Setting("Count", new IntegerSchema(1, 65_536)),
        new Setting("EveryMs", new IntegerSchema(1, MaxMilliseconds, "milliseconds"))));

    private static readonly ObjectSchema s_serial = new(
        Setting.Required("Port", TextSchema.Path),
        new Setting("BaudRate", new IntegerSchema(300, 4_000_000)),
        new Setting("Parity", new ChoiceSchema("even", "odd", "none")),
        new Setting("StopBits", new IntegerSchema(1, 2)),
        new Setting("SilenceMicros", new IntegerSchema(0, 1_000_000, "microseconds")));

    private static readonly ListSchema s_devices = new(
        "device",
        new ObjectSchema(
            Setting.Required("Name", TextSchema.Any),
            new Setting("Host", TextSchema.Any),
            new Setting("Port", new IntegerSchema(1, ushort.MaxValue)),
            new Setting("Tls", new SwitchSchema(TlsSettingSchemas.Client)),
            new Setting("Serial", s_serial),
            new Setting("Unit", new IntegerSchema(0, 255)),
            new Setting("TimeoutMs", new IntegerSchema(1, 60_000, "milliseconds")),
            new Setting("ConnectTimeoutMs", new IntegerSchema(1, 60_000, "milliseconds")),
            new Setting("InFlight", new IntegerSchema(1, 64)),
            new Setting("MaxGap", new IntegerSchema(0, 124)),
            new Setting("MaxRegisters", new IntegerSchema(1, 125)),
            new Setting("MaxBackoffMs", new IntegerSchema(1, MaxMilliseconds, "milliseconds")),
            new Setting("Points", s_points),
            new Setting("Reads", s_reads)),
        MaxDevices);

    private static readonly ListSchema s_mappings = new("mapping", new ObjectSchema(
        Setting.Required("Schema", TextSchema.Any),
        Setting.Required("Queue", TextSchema.Any)));

    private static readonly ListSchema s_egress = new("egress", new ObjectSchema(
        Setting.Required("Queue", TextSchema.Any),
        Setting.Required("Schema", TextSchema.Any)));

    private static readonly ObjectSchema s_reconnect = new(
        new Setting("InitialMs", new IntegerSchema(1, MaxMilliseconds, "milliseconds")),
        new Setting("MaxMs", new IntegerSchema(1, MaxMilliseconds, "milliseconds")));

    public static ObjectSchema Client { get; } = new(
        Setting.Required(VariantSchema.TypeKey, new ChoiceSchema(ClientType)),
        Setting.Required("Devices", s_devices),
        new Setting("Mappings", s_mappings),
        new Setting("Egress", s_egress),
        new Setting("Reconnect", s_reconnect),
        new Setting("ReconnectAfterTimeouts", new IntegerSchema(1, 1_000)),
        new Setting("MakeUpMs", new IntegerSchema(0, 600_000, "milliseconds")),
        new Setting("MaxWriteAgeMs", new IntegerSchema(0, MaxMilliseconds, "milliseconds")));

    public static ObjectSchema Server { get; } = new(
        Setting.Required(VariantSchema.TypeKey, new ChoiceSchema(ServerType)),
        new Setting("Address", AddressSchema.Instance),
        new Setting("Port", IntegerSchema.Port),
        new Setting("Tls", TlsSettingSchemas.Server),
        new Setting("UnsafeAllowAnyPeer", BooleanSchema.Instance),
        new Setting("MaxConnections", new IntegerSchema(1, 10_000)),
        new Setting("MaxConnectionsPerAddress", new IntegerSchema(0, 10_000)),
        new Setting("Peers", TlsSettingSchemas.Peers("Units")),
        new Setting("MaxAgeMs", s_maxAge),
        new Setting("IdleSeconds", new IntegerSchema(0, 86_400, "seconds")),
        new Setting("RequestSeconds", new IntegerSchema(1, 3_600, "seconds")),
        new Setting("Map", TextSchema.Any),
        Setting.Required("Units", s_units),
        new Setting("Mappings", s_mappings));

    /// <summary>Whether an adapter type is a Modbus adapter.</summary>
    public static bool Has(string? type) => type is ClientType or ServerType;

    private static bool IsReal(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value);
}

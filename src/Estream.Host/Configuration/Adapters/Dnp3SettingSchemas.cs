namespace Estream.Host.Configuration;

/// <summary>The accepted keys of the DNP3 adapter. The factory checks them again; a test compares the two lists.</summary>
internal static class Dnp3SettingSchemas
{
    public const string MasterType = "dnp3-master";

    private const int MaxDevices = 10_000;
    private const int MaxPoints = 65_536;
    private const int MaxMilliseconds = 86_400_000;

    // Higher link addresses are reserved.
    private const int MaxAddress = 65_519;

    private static readonly IntegerSchema s_interval = new(0, MaxMilliseconds, "milliseconds");

    private static readonly ListSchema s_points = new(
        "point",
        new ObjectSchema(
            Setting.Required("Name", TextSchema.Any),
            Setting.Required("Kind", new ChoiceSchema(
                "binary-input", "double-bit-input", "binary-output", "counter", "frozen-counter", "analog-input", "analog-output")),
            new Setting("Index", new IntegerSchema(0, ushort.MaxValue)),
            new Setting("Scale", RealSchema.Instance),
            new Setting("Offset", RealSchema.Instance),
            new Setting("UnitOfMeasurement", TextSchema.Any),
            new Setting("Writable", BooleanSchema.Instance),
            new Setting("Operate", new ChoiceSchema("select", "direct")),
            new Setting("Type", new ChoiceSchema("int32", "int16", "float32", "float64"))),
        MaxPoints);

    private static readonly ObjectSchema s_serial = new(
        Setting.Required("Port", TextSchema.Path),
        new Setting("BaudRate", new IntegerSchema(300, 4_000_000)),
        new Setting("Parity", new ChoiceSchema("even", "odd", "none")),
        new Setting("StopBits", new IntegerSchema(1, 2)));

    private static readonly ListSchema s_devices = new(
        "device",
        new ObjectSchema(
            Setting.Required("Name", TextSchema.Any),
            new Setting("Host", TextSchema.Any),
            new Setting("Port", new IntegerSchema(1, ushort.MaxValue)),
            new Setting("Tls", new SwitchSchema(TlsSettingSchemas.Client)),
            new Setting("Serial", s_serial),
            new Setting("Address", new IntegerSchema(0, MaxAddress)),
            new Setting("MasterAddress", new IntegerSchema(0, MaxAddress)),
            new Setting("TimeoutMs", new IntegerSchema(1, 600_000, "milliseconds")),
            new Setting("ConnectTimeoutMs", new IntegerSchema(1, 60_000, "milliseconds")),
            new Setting("KeepAliveMs", s_interval),
            new Setting("IntegrityEveryMs", s_interval),
            new Setting("Class1EveryMs", s_interval),
            new Setting("Class2EveryMs", s_interval),
            new Setting("Class3EveryMs", s_interval),
            new Setting("Unsolicited", BooleanSchema.Instance),
            new Setting("TimeSync", new ChoiceSchema("lan", "serial", "none")),
            new Setting("MaxBackoffMs", new IntegerSchema(1, MaxMilliseconds, "milliseconds")),
            new Setting("Points", s_points)),
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

    public static ObjectSchema Master { get; } = new(
        Setting.Required(VariantSchema.TypeKey, new ChoiceSchema(MasterType)),
        Setting.Required("Devices", s_devices),
        Setting.Required("Mappings", s_mappings),
        new Setting("Egress", s_egress),
        new Setting("Reconnect", s_reconnect),
        new Setting("MaxCommandAgeMs", s_interval),
        new Setting("UnsafeAllowPlaintextCommands", BooleanSchema.Instance));
}

namespace Estream.Host.Configuration;

/// <summary>The accepted keys of the two FIX adapters. The factories check them again; a test compares the two lists.</summary>
internal static class FixSchemas
{
    public const string AcceptorType = "fix-acceptor";
    public const string InitiatorType = "fix-initiator";

    /// <summary>The default maximum message length of a session.</summary>
    public const long DefaultMessageBytes = 64 * 1024;

    private const int MaxPort = ushort.MaxValue;

    private static readonly TextSchema s_timeOfDay = new("a time of day in UTC, such as 07:30", 8);
    private static readonly ChoiceSchema s_day = new(Enum.GetNames<DayOfWeek>());

    private static readonly ObjectSchema s_schedule = new(
        Setting.Required("Start", s_timeOfDay),
        Setting.Required("End", s_timeOfDay),
        new Setting("StartDay", s_day),
        new Setting("EndDay", s_day));

    private static readonly ListSchema s_sessions = new("session", new ObjectSchema(
        Setting.Required("SenderCompId", TextSchema.Any),
        Setting.Required("TargetCompId", TextSchema.Any),
        new Setting("Journal", TextSchema.Path),
        new Setting("JournalKeyFile", TextSchema.Path),
        new Setting("JournalPrivateKeyFile", TextSchema.Path),
        new Setting("Schedule", s_schedule),
        new Setting("ResetOnLogon", BooleanSchema.Instance),
        new Setting("ResetOnLogout", BooleanSchema.Instance),
        new Setting("ResetOnDisconnect", BooleanSchema.Instance),
        new Setting("HeartbeatSeconds", new IntegerSchema(0, 3_600, "seconds")),
        new Setting("MaxLatencySeconds", new IntegerSchema(1, 86_400, "seconds")),
        new Setting("MaxMessageBytes", new IntegerSchema(512, 8 * 1024 * 1024, "bytes")),
        new Setting("MaxResendRequest", new IntegerSchema(0, int.MaxValue)),
        new Setting("Username", TextSchema.Any),
        new Setting("PasswordFile", TextSchema.Path),
        new Setting("PasswordEnv", TextSchema.Any),
        new Setting("PeerCertificateName", TextSchema.Any),
        new Setting("SendsNextExpectedMsgSeqNum", BooleanSchema.Instance),
        new Setting("SendsLastMsgSeqNumProcessed", BooleanSchema.Instance),
        new Setting("SendsLogoutOnTimeout", BooleanSchema.Instance),
        new Setting("AllowUserDefinedFields", BooleanSchema.Instance),
        new Setting("AllowEmptyValues", BooleanSchema.Instance),
        new Setting("SenderSubId", TextSchema.Any),
        new Setting("SenderLocationId", TextSchema.Any),
        new Setting("TargetSubId", TextSchema.Any),
        new Setting("TargetLocationId", TextSchema.Any)));

    private static readonly ListSchema s_mappings = new("mapping", new ObjectSchema(
        Setting.Required("MsgType", new ChoiceSchema("D", "8", "S", "W", "X", "F", "9")),
        Setting.Required("Schema", TextSchema.Any),
        Setting.Required("Queue", TextSchema.Any)));

    private static readonly ListSchema s_egress = new("egress", new ObjectSchema(
        Setting.Required("Queue", TextSchema.Any),
        Setting.Required("Schema", TextSchema.Any),
        Setting.Required("TargetCompId", TextSchema.Any),
        new Setting("Keys", TextSchema.Path)));

    // Must precede the properties that use it: static fields are initialized in textual order.
    private static readonly Setting[] s_common =
    [
        new("Version", new ChoiceSchema("FIX.4.2", "FIX.4.4", "FIX.5.0", "FIX.5.0SP1", "FIX.5.0SP2")),
        new("Dictionary", TextSchema.Path),
        Setting.Required("Sessions", s_sessions),
        new("Mappings", s_mappings),
        new("Egress", s_egress),
        new("QuantityDecimals", new IntegerSchema(0, 18)),
        new("Interval", TextSchema.Any),
        new("HandlInst", new IntegerSchema(1, 3)),
        new("PassingTags", TextSchema.Any),
        new("MaxOrders", new IntegerSchema(1, 10_000_000)),
        new("MaxWaitingBytes", new IntegerSchema(64 * 1024, int.MaxValue, "bytes")),
        new("WriteTimeoutSeconds", new IntegerSchema(1, 3_600, "seconds")),
    ];

    public static ObjectSchema Acceptor { get; } = new(
    [
        Setting.Required(VariantSchema.TypeKey, new ChoiceSchema(AcceptorType)),
        new("Address", AddressSchema.Instance),
        new("Port", IntegerSchema.Port),
        new("Tls", TlsSettingSchemas.Server),
        new("UnsafeAllowAnyPeer", BooleanSchema.Instance),
        new("MaxConnections", new IntegerSchema(1, 100_000)),
        .. s_common,
    ]);

    public static ObjectSchema Initiator { get; } = new(
    [
        Setting.Required(VariantSchema.TypeKey, new ChoiceSchema(InitiatorType)),
        Setting.Required("Host", TextSchema.Any),
        new("Port", new IntegerSchema(1, MaxPort)),
        new("Tls", new SwitchSchema(TlsSettingSchemas.Client)),
        new("ConnectTimeoutSeconds", new IntegerSchema(1, 3_600, "seconds")),
        new("MaxReconnectSeconds", new IntegerSchema(1, 3_600, "seconds")),
        .. s_common,
    ]);

    /// <summary>Whether an adapter type is a FIX adapter.</summary>
    public static bool Has(string? type) => type is AcceptorType or InitiatorType;
}

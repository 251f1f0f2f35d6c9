namespace Estream.Host.Configuration;

/// <summary>What the two FIX adapters accept. The factories check the same again; a test holds the two lists together.</summary>
internal static class FixShapes
{
    public const string AcceptorType = "fix-acceptor";
    public const string InitiatorType = "fix-initiator";

    /// <summary>The longest message a session takes where nothing is said.</summary>
    public const long DefaultMessageBytes = 64 * 1024;

    private const int MaxPort = ushort.MaxValue;

    private static readonly TextShape s_timeOfDay = new("a time of day in UTC, such as 07:30", 8);
    private static readonly ChoiceShape s_day = new(Enum.GetNames<DayOfWeek>());

    private static readonly ObjectShape s_schedule = new(
        Setting.Required("Start", s_timeOfDay),
        Setting.Required("End", s_timeOfDay),
        new Setting("StartDay", s_day),
        new Setting("EndDay", s_day));

    private static readonly ListShape s_sessions = new("session", new ObjectShape(
        Setting.Required("SenderCompId", TextShape.Any),
        Setting.Required("TargetCompId", TextShape.Any),
        new Setting("Journal", TextShape.Path),
        new Setting("JournalKeyFile", TextShape.Path),
        new Setting("Schedule", s_schedule),
        new Setting("ResetOnLogon", BooleanShape.Instance),
        new Setting("ResetOnLogout", BooleanShape.Instance),
        new Setting("ResetOnDisconnect", BooleanShape.Instance),
        new Setting("HeartbeatSeconds", new IntegerShape(0, 3_600, "seconds")),
        new Setting("MaxLatencySeconds", new IntegerShape(1, 86_400, "seconds")),
        new Setting("MaxMessageBytes", new IntegerShape(512, 8 * 1024 * 1024, "bytes")),
        new Setting("MaxResendRequest", new IntegerShape(0, int.MaxValue)),
        new Setting("Username", TextShape.Any),
        new Setting("PasswordFile", TextShape.Path),
        new Setting("PasswordEnv", TextShape.Any),
        new Setting("PeerCertificateName", TextShape.Any),
        new Setting("SendsNextExpectedMsgSeqNum", BooleanShape.Instance),
        new Setting("SendsLastMsgSeqNumProcessed", BooleanShape.Instance),
        new Setting("SendsLogoutOnTimeout", BooleanShape.Instance),
        new Setting("AllowUserDefinedFields", BooleanShape.Instance),
        new Setting("AllowEmptyValues", BooleanShape.Instance),
        new Setting("SenderSubId", TextShape.Any),
        new Setting("SenderLocationId", TextShape.Any),
        new Setting("TargetSubId", TextShape.Any),
        new Setting("TargetLocationId", TextShape.Any)));

    private static readonly ListShape s_mappings = new("mapping", new ObjectShape(
        Setting.Required("MsgType", new ChoiceShape("D", "8", "W", "F", "9")),
        Setting.Required("Schema", TextShape.Any),
        Setting.Required("Queue", TextShape.Any)));

    private static readonly ListShape s_egress = new("egress", new ObjectShape(
        Setting.Required("Queue", TextShape.Any),
        Setting.Required("Schema", TextShape.Any),
        Setting.Required("TargetCompId", TextShape.Any),
        new Setting("Keys", TextShape.Path)));

    private static readonly ObjectShape s_serverTls = new(
        Setting.Required("CertificateFile", TextShape.Path),
        new Setting("KeyFile", TextShape.Path),
        new Setting("ClientCaFile", TextShape.Path),
        new Setting("ClientPins", new ListShape("pin", TextShape.Any)));

    private static readonly ObjectShape s_clientTls = new(
        new Setting("CaFile", TextShape.Path),
        new Setting("ServerName", TextShape.Any),
        new Setting("PinnedCertificateSha256", TextShape.Any),
        new Setting("Pins", new ListShape("pin", TextShape.Any)),
        new Setting("CertificateFile", TextShape.Path),
        new Setting("KeyFile", TextShape.Path));

    // Above what uses them: fields are set in the order they stand in.
    private static readonly Setting[] s_common =
    [
        new("Version", new ChoiceShape("FIX.4.2", "FIX.4.4", "FIX.5.0SP2")),
        new("Dictionary", TextShape.Path),
        Setting.Required("Sessions", s_sessions),
        new("Mappings", s_mappings),
        new("Egress", s_egress),
        new("QuantityDecimals", new IntegerShape(0, 18)),
        new("Interval", TextShape.Any),
        new("HandlInst", new IntegerShape(1, 3)),
        new("PassingTags", TextShape.Any),
        new("MaxOrders", new IntegerShape(1, 10_000_000)),
        new("MaxWaitingBytes", new IntegerShape(64 * 1024, int.MaxValue, "bytes")),
        new("WriteTimeoutSeconds", new IntegerShape(1, 3_600, "seconds")),
    ];

    public static ObjectShape Acceptor { get; } = new(
    [
        Setting.Required(VariantShape.TypeKey, new ChoiceShape(AcceptorType)),
        new("Address", AddressShape.Instance),
        new("Port", IntegerShape.Port),
        new("Tls", s_serverTls),
        new("UnsafeAllowAnyPeer", BooleanShape.Instance),
        new("MaxConnections", new IntegerShape(1, 100_000)),
        .. s_common,
    ]);

    public static ObjectShape Initiator { get; } = new(
    [
        Setting.Required(VariantShape.TypeKey, new ChoiceShape(InitiatorType)),
        Setting.Required("Host", TextShape.Any),
        new("Port", new IntegerShape(1, MaxPort)),
        new("Tls", new SwitchShape(s_clientTls)),
        new("ConnectTimeoutSeconds", new IntegerShape(1, 3_600, "seconds")),
        new("MaxReconnectSeconds", new IntegerShape(1, 3_600, "seconds")),
        .. s_common,
    ]);

    /// <summary>Whether a type of adapter is one of these.</summary>
    public static bool Has(string? type) => type is AcceptorType or InitiatorType;
}

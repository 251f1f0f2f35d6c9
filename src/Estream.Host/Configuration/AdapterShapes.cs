namespace Estream.Host.Configuration;

/// <summary>The accepted keys of every adapter type this host brings.</summary>
internal static class AdapterShapes
{
    public static IReadOnlyDictionary<string, ObjectShape> All { get; } = new Dictionary<string, ObjectShape>(StringComparer.Ordinal)
    {
        [MqttShapes.EndpointType] = MqttShapes.Endpoint,
        [MqttShapes.ClientType] = MqttShapes.Client,
        [FixShapes.AcceptorType] = FixShapes.Acceptor,
        [FixShapes.InitiatorType] = FixShapes.Initiator,
        [Iso20022Shapes.FolderType] = Iso20022Shapes.Folder,
    };
}

/// <summary>What the adapter of ISO 20022 accepts. The factory checks the same again; a test holds the two lists together.</summary>
internal static class Iso20022Shapes
{
    public const string FolderType = "iso20022-folder";

    private static readonly ListShape s_mappings = new("mapping", new ObjectShape(
        Setting.Required("Topic", TextShape.Any),
        Setting.Required("Schema", TextShape.Any),
        Setting.Required("Queue", TextShape.Any)));

    private static readonly ListShape s_egress = new("egress", new ObjectShape(
        Setting.Required("Queue", TextShape.Any),
        Setting.Required("Schema", TextShape.Any),
        new Setting("Keys", TextShape.Path)));

    public static ObjectShape Folder { get; } = new(
        Setting.Required(VariantShape.TypeKey, new ChoiceShape(FolderType)),
        Setting.Required("Folder", TextShape.Path),
        new Setting("Checks", new ChoiceShape("schema", "rules", "cross-border")),
        new Setting("PollMs", new IntegerShape(10, 3_600_000, "milliseconds")),
        new Setting("Mappings", s_mappings),
        new Setting("Out", TextShape.Path),
        new Setting("Egress", s_egress));
}

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

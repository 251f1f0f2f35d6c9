using Estream.Esf;
using Estream.Wire;

namespace MqttNetAdapter;

/// <summary>Creates adapters of type mqttnet-client from settings.</summary>
public sealed class MqttNetClientFactory : IWireAdapterFactory
{
    internal static AdapterDescriptor ClientDescriptor { get; } = new(
        "mqttnet-client",
        "MQTT 5",
        ProtocolFamily.Iot,
        ["TCP"],
        IsBidirectional: true,
        IsRequestResponse: false,
        "Bridges a broker with the client of MQTTnet: subscribes to its topics and publishes messages of the host.");

    /// <inheritdoc/>
    public AdapterDescriptor Descriptor => ClientDescriptor;

    /// <inheritdoc/>
    /// <remarks>False: the next value of a device replaces a lost one. Set the durability of queues whose messages must not be
    /// lost.</remarks>
    public bool NeedsDurableQueues => false;

    /// <inheritdoc/>
    public void Check(string name, EsfSchemaSet schemas, IReadOnlyCollection<string> queues, WireSettings settings)
    {
        ArgumentNullException.ThrowIfNull(schemas);
        ArgumentNullException.ThrowIfNull(queues);
        ArgumentNullException.ThrowIfNull(settings);
        MqttNetOptions.Read(name, settings, schemas, queues);
    }

    /// <inheritdoc/>
    public IWireAdapter Create(AdapterContext context, WireSettings settings)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(settings);
        return new MqttNetClientAdapter(MqttNetOptions.Read(context.Name, settings, context.Schemas, [.. context.Ingress.Names]), context);
    }
}

using Estream.Wire.Mqtt;

namespace Estream.Host;

/// <summary>Adds MQTT to a host.</summary>
public static class EstreamBuilderMqtt
{
    /// <summary>Adds the adapter types <c>mqtt-endpoint</c>, which devices connect to, and <c>mqtt-client</c>, which connects to a
    /// broker.</summary>
    /// <param name="builder">The host's builder.</param>
    public static EstreamBuilder AddMqtt(this EstreamBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddAdapterType(new MqttEndpointFactory()).AddAdapterType(new MqttClientFactory());
    }
}

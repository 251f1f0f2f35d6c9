using Estream.Wire.Mqtt;

namespace Estream.Host;

/// <summary>Makes MQTT known to a host.</summary>
public static class EstreamBuilderMqtt
{
    /// <summary>Adds the adapter types <c>mqtt-endpoint</c>, which devices connect to, and <c>mqtt-client</c>, which bridges a
    /// broker.</summary>
    /// <param name="builder">The host's builder.</param>
    public static EstreamBuilder AddMqtt(this EstreamBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddAdapterType(new MqttEndpointFactory()).AddAdapterType(new MqttClientFactory());
    }
}

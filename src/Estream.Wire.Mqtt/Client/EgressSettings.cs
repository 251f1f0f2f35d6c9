using Estream.Esf;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>Reads the `Egress` list of an adapter's settings.</summary>
internal static class EgressSettings
{
    public static IReadOnlyList<MqttEgress> Read(WireSettings settings, EsfSchemaSet schemas, bool mayRetain)
    {
        return [.. settings.List("Egress").Select(egress => ReadOne(egress, schemas, mayRetain))];
    }

    private static MqttEgress ReadOne(WireSettings settings, EsfSchemaSet schemas, bool mayRetain)
    {
        EsfSchema schema = settings.RequireSchema("Schema", schemas);
        string topic = settings.RequireText("Topic");

        // The host uses this key. Only its presence is checked here.
        settings.RequireText("Queue");
        try
        {
            return new MqttEgress(TopicTemplate.Parse(topic, schema), (MqttQos)settings.Number("Qos", 1, 0, 2))
            {
                Retain = mayRetain && settings.Flag("Retain", false),
            };
        }
        catch (FormatException failure)
        {
            throw new WireConfigurationException(settings.KeyOf("Topic"), failure.Message, failure);
        }
    }
}

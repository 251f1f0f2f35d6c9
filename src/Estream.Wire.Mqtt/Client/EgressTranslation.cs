using Estream.Esf;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>Turns messages of the host into what is published: JSON, under a topic made of their fields.</summary>
internal static class EgressTranslation
{
    public static TranslateStatus Translate(IReadOnlyList<MqttEgress> egresses, in EsfMessage message, EgressMessage destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        destination.Clear();
        for (int index = 0; index < egresses.Count; index++)
        {
            MqttEgress egress = egresses[index];
            if (egress.Topic.Schema.Id == message.Schema.Id)
            {
                destination.Quality = (int)egress.Qos;
                destination.IsRetained = egress.Retain;
                TranslateStatus status = egress.Topic.Format(message.Bytes, destination.Topic);
                return status.IsOk ? TranslateStatus.Of(EsfJson.WriteJson(message.Schema, message.Bytes, destination.Payload)) : status;
            }
        }

        return TranslateStatus.NotMapped("no egress covers this schema");
    }
}

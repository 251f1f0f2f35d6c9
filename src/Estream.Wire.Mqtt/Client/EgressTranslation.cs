using Estream.Esf;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>Translates messages of the host for publishing: the payload as JSON, the topic from fields of the message.</summary>
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

using Estream.Esf;

namespace Estream.Wire.Settings;

/// <summary>The settings of a mapping of messages in JSON.</summary>
/// <param name="Topic">The pattern of the topics.</param>
/// <param name="Schema">The schema of the messages.</param>
/// <param name="Queue">The queue of the messages.</param>
public sealed record JsonMappingSettings(
    [property: Setting("topic: levels of text or `{field}`")] string Topic,
    [property: Setting("schema of the messages")] EsfSchema Schema,
    [property: Setting("queue of the messages", Text = SettingText.Queue)] string Queue) : ISettingSource<TopicMapping>
{
    /// <inheritdoc/>
    public TopicMapping ToOption()
    {
        try
        {
            return TopicMapping.Json(Topic, Schema, Queue);
        }
        catch (FormatException wrong)
        {
            throw new WireConfigurationException(nameof(Topic), wrong.Message, wrong);
        }
    }
}

/// <summary>The settings of a queue whose messages an adapter sends. The host reads the queue.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Schema">The schema of the messages.</param>
public sealed record EgressSettings(
    [property: Setting("queue of the messages to send")] string Queue,
    [property: Setting("schema of the messages")] EsfSchema Schema) : ISettingSource<EsfSchema>
{
    /// <inheritdoc/>
    public EsfSchema ToOption() => Schema;
}

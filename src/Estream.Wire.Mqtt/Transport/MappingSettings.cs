using Estream.Esf;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>Reads the `Mappings` list of an adapter's settings.</summary>
internal static class MappingSettings
{
    public static IReadOnlyList<TopicMapping> Read(WireSettings settings, EsfSchemaSet schemas, IReadOnlyCollection<string> queues)
    {
        return [.. settings.List("Mappings").Select(mapping => ReadOne(mapping, schemas, queues))];
    }

    private static TopicMapping ReadOne(WireSettings settings, EsfSchemaSet schemas, IReadOnlyCollection<string> queues)
    {
        TopicMapping mapping = ReadPlain(settings, schemas, queues);
        return mapping.Schema.SubLexes.Count == 0
            ? mapping
            : mapping.WithSubLexes(SubLexes(settings.Section("SubLexes"), mapping.Schema, queues));
    }

    private static Dictionary<string, string> SubLexes(WireSettings settings, EsfSchema schema, IReadOnlyCollection<string> queues)
    {
        Dictionary<string, string> named = new(StringComparer.Ordinal);
        foreach (string name in schema.SubLexes)
        {
            named.Add(name, settings.RequireQueue(name, queues));
        }

        return named;
    }

    private static TopicMapping ReadPlain(WireSettings settings, EsfSchemaSet schemas, IReadOnlyCollection<string> queues)
    {
        string topic = settings.RequireText("Topic");
        string payload = settings.Choice("Payload", "json", "json", "raw");
        string? field = settings.Text("Field");
        string? receivedAt = settings.Text("ReceivedAt");
        EsfSchema schema = settings.RequireSchema("Schema", schemas);
        string queue = settings.RequireQueue("Queue", queues);
        if (payload == "json" && field is not null)
        {
            throw new WireConfigurationException(
                settings.KeyOf("Field"), "applies to raw payloads only. Remove it: a JSON payload names its own fields.");
        }

        TopicMapping json = Accept(settings, "Topic", () => TopicMapping.Json(topic, schema, queue));
        if (payload == "json")
        {
            return receivedAt is null ? json : Accept(settings, "ReceivedAt", () => TopicMapping.Json(topic, schema, queue, receivedAt));
        }

        // Check the keys one by one, so that an error names the key that causes it.
        field ??= settings.RequireText("Field");
        TopicMapping raw = Accept(settings, "Field", () => TopicMapping.Raw(topic, schema, queue, field));
        return receivedAt is null ? raw : Accept(settings, "ReceivedAt", () => TopicMapping.Raw(topic, schema, queue, field, receivedAt));
    }

    private static TopicMapping Accept(WireSettings settings, string key, Func<TopicMapping> make)
    {
        try
        {
            return make();
        }
        catch (FormatException failure)
        {
            throw new WireConfigurationException(settings.KeyOf(key), failure.Message, failure);
        }
    }
}

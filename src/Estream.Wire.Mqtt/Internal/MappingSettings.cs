using Estream.Esf;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>Reads the list `Mappings` of an adapter's settings.</summary>
internal static class MappingSettings
{
    public static IReadOnlyList<TopicMapping> Read(WireSettings settings, AdapterContext context)
    {
        return [.. settings.List("Mappings").Select(mapping => ReadOne(mapping, context))];
    }

    private static TopicMapping ReadOne(WireSettings settings, AdapterContext context)
    {
        string topic = settings.RequireText("Topic");
        string payload = settings.Choice("Payload", "json", "json", "raw");
        string? field = settings.Text("Field");
        string? receivedAt = settings.Text("ReceivedAt");
        EsfSchema schema = Schema(settings, context);
        string queue = settings.RequireText("Queue");
        if (!context.Ingress.TryGet(queue, out _))
        {
            throw new WireConfigurationException(
                settings.KeyOf("Queue"), $"there is no queue '{queue}'; there are: {string.Join(", ", context.Ingress.Names)}.");
        }

        if (payload == "json" && (field ?? receivedAt) is not null)
        {
            throw new WireConfigurationException(
                settings.KeyOf(field is null ? "ReceivedAt" : "Field"), "is for raw payloads; a JSON payload names its fields itself.");
        }

        try
        {
            return payload == "json"
                ? TopicMapping.Json(topic, schema, queue)
                : TopicMapping.Raw(topic, schema, queue, field ?? settings.RequireText("Field"), receivedAt);
        }
        catch (FormatException failure)
        {
            throw new WireConfigurationException(settings.KeyOf("Topic"), failure.Message, failure);
        }
    }

    private static EsfSchema Schema(WireSettings settings, AdapterContext context)
    {
        string name = settings.RequireText("Schema");
        return context.Schemas.TryGet(name, out EsfSchema? schema)
            ? schema
            : throw new WireConfigurationException(
                settings.KeyOf("Schema"),
                $"there is no schema '{name}'; there are: {string.Join(", ", context.Schemas.Schemas.Select(known => known.QualifiedName))}.");
    }
}

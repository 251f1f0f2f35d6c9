using System.Net;
using Estream.Esf;
using Estream.Wire.Iso20022.Mapping;

namespace Estream.Wire.Iso20022;

/// <summary>Reads the settings that several adapters have.</summary>
internal static class Iso20022Settings
{
    /// <summary>The default port of a listener.</summary>
    public const int DefaultPort = 20022;

    /// <summary>The default limit of messages over connections.</summary>
    public const int DefaultMessageBytes = 4 * 1024 * 1024;

    /// <summary>The lowest accepted limit of messages over connections.</summary>
    public const int LeastMessageBytes = 1_024;

    /// <summary>The highest accepted limit of messages over connections.</summary>
    public const int MostMessageBytes = 256 * 1024 * 1024;

    /// <summary>Reads the setting Checks.</summary>
    public static Iso20022Checks Checks(WireSettings settings) =>
        settings.Choice("Checks", "rules", "schema", "rules", "cross-border") switch
        {
            "schema" => Iso20022Checks.Schema,
            "rules" => Iso20022Checks.SchemaAndRules,
            _ => Iso20022Checks.CrossBorder,
        };

    /// <summary>Reads the setting Answers.</summary>
    public static Iso20022Answers Answers(WireSettings settings) =>
        settings.Choice("Answers", "messages", "messages", "frames") == "frames" ? Iso20022Answers.Frames : Iso20022Answers.Messages;

    /// <summary>Reads the setting MaxMessageBytes.</summary>
    public static int MaxMessageBytes(WireSettings settings) =>
        settings.Number("MaxMessageBytes", DefaultMessageBytes, LeastMessageBytes, MostMessageBytes);

    /// <summary>Reads the setting Address.</summary>
    public static IPAddress Address(WireSettings settings)
    {
        string? text = settings.Text("Address");
        return text is null ? IPAddress.Loopback
            : IPAddress.TryParse(text, out IPAddress? address) ? address
            : throw new WireConfigurationException(
                settings.KeyOf("Address"), $"'{text}' is not accepted; write an IP address, such as 127.0.0.1 or 0.0.0.0.");
    }

    /// <summary>Reads an entry of Egress.</summary>
    /// <param name="settings">The settings of the entry.</param>
    /// <param name="schemas">The known schemas.</param>
    public static Iso20022Egress Egress(WireSettings settings, EsfSchemaSet schemas)
    {
        // The host connects the queue; this only checks that the setting names a queue.
        settings.RequireText("Queue");
        string name = settings.RequireText("Schema");
        return schemas.TryGet(name, out EsfSchema? schema)
            ? new Iso20022Egress(schema) { KeyFolder = EgressKeys.Read(settings, schema) }
            : throw new WireConfigurationException(settings.KeyOf("Schema"),
                $"there is no schema '{name}'. Schemas that can be sent: {string.Join(", ", MappedMessages.SchemaNames)}. Their file is "
                + "in the pack esf-payments.");
    }

    /// <summary>Reads an entry of Mappings.</summary>
    /// <param name="settings">The settings of the entry.</param>
    /// <param name="schemas">The known schemas.</param>
    /// <param name="queues">The known queues.</param>
    /// <param name="topics">The accepted topics.</param>
    public static TopicMapping Mapping(
        WireSettings settings, EsfSchemaSet schemas, IReadOnlyCollection<string> queues, params IEnumerable<string> topics)
    {
        string topic = settings.RequireText("Topic");
        return topics.Contains(topic)
            ? TopicMapping.Json(topic, SchemaOfMessages(settings, schemas, topic), settings.RequireQueue("Queue", queues))
            : throw new WireConfigurationException(
                settings.KeyOf("Topic"), $"'{topic}' is not accepted; write {string.Join(" or ", topics)}.");
    }

    /// <summary>Reads the schema of an entry of Mappings.</summary>
    /// <param name="settings">The settings of the entry.</param>
    /// <param name="schemas">The known schemas.</param>
    /// <param name="topic">The topic: the name of a message.</param>
    public static EsfSchema SchemaOfMessages(WireSettings settings, EsfSchemaSet schemas, string topic)
    {
        string expected = MappedMessages.SchemaOf(topic + ".")!;
        string named = settings.RequireText("Schema");
        return schemas.TryGet(named, out EsfSchema? schema) && schema.Name == expected
            ? schema
            : throw new WireConfigurationException(settings.KeyOf("Schema"),
                $"'{named}' is not accepted; messages {topic} become {MappedMessages.Namespace}{expected}, whose file is in the pack "
                + "esf-payments.");
    }

    /// <exception cref="WireConfigurationException">The value is out of range.</exception>
    public static void Range(string key, int value, int min, int max)
    {
        if (value < min || value > max)
        {
            throw new WireConfigurationException(key, $"{value} is not accepted; write a whole number from {min} to {max}.");
        }
    }

    /// <summary>The limits of messages over connections, which are buffered.</summary>
    public static Iso20022Limits Limits(int maxMessageBytes)
    {
        Iso20022Limits defaults = new();
        return defaults with
        {
            MaxMessageBytes = maxMessageBytes,
            MaxJsonBytes = Math.Min(defaults.MaxJsonBytes, maxMessageBytes),
        };
    }
}

using Estream.Esf;
using Estream.Wire.Fhir.Codec;
using Estream.Wire.Fhir.Translation;

namespace Estream.Wire.Fhir;

/// <summary>Reads the settings that both adapters have.</summary>
internal static class FhirMappings
{
    private const int MaxTexts = 1_000;

    /// <summary>Reads the section Mappings.</summary>
    public static List<FhirMapping> Read(WireSettings settings, EsfSchemaSet schemas, IReadOnlyCollection<string> queues)
    {
        List<FhirMapping> mappings = [];
        foreach (WireSettings entry in settings.List("Mappings"))
        {
            FhirMapping mapping = new(entry.RequireSchema("Schema", schemas), entry.RequireQueue("Queue", queues));
            FhirServerChecks.CheckSchema(entry.KeyOf("Schema"), mapping.Schema);
            if (mappings.Exists(other => other.Schema.Id == mapping.Schema.Id))
            {
                throw new WireConfigurationException(entry.KeyOf("Schema"), $"is {mapping.Schema.Name}, which is mapped twice.");
            }

            mappings.Add(mapping);
        }

        return mappings;
    }

    /// <summary>Removes the mapping of FhirCommit, and returns its queue.</summary>
    /// <exception cref="WireConfigurationException">There is none.</exception>
    public static string TakeLog(WireSettings settings, List<FhirMapping> mappings)
    {
        int index = mappings.FindIndex(mapping => mapping.Schema.Name == FhirSchemas.Commit);
        if (index < 0)
        {
            throw new WireConfigurationException(settings.KeyOf("Mappings"),
                $"has no entry with Schema {FhirSchemas.Commit}; add one with the queue that stores the resources.");
        }

        string queue = mappings[index].Queue;
        mappings.RemoveAt(index);
        return queue;
    }

    /// <summary>The mapping of a schema to the topic of its resource type, or to that of commits.</summary>
    public static TopicMapping Map(FhirMapping mapping, FhirPseudonyms? pseudonyms)
    {
        if (mapping.Schema.Name == FhirSchemas.Commit)
        {
            return TopicMapping.Translated("commit", mapping.Schema, mapping.Queue, new CommitTranslator());
        }

        ResourceMap map = FhirSchemas.Maps.Values.Single(one => one.Schema.Id == mapping.Schema.Id);
        return TopicMapping.Translated($"resource/{map.Type}", mapping.Schema, mapping.Queue, new FhirTranslator(map, pseudonyms));
    }

    /// <summary>Reads a list of texts: key:0, key:1, ….</summary>
    public static List<string> ReadTexts(WireSettings settings, string key)
    {
        List<string> texts = [];
        while (texts.Count < MaxTexts && settings.Text($"{key}:{texts.Count}") is { Length: > 0 } text)
        {
            texts.Add(text);
        }

        return texts;
    }
}

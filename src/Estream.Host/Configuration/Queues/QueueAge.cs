using Estream.Esf;
using Estream.Host.Runtime;
using Estream.Wire;
using Microsoft.Extensions.Configuration;

namespace Estream.Host.Configuration;

/// <summary>
/// The retention of a queue if the configuration leaves it to the schemas: the schemas that adapter mappings and declared pipelines write
/// to the queue, and the schema of dead letters.
/// </summary>
internal static class QueueAge
{
    /// <returns>The age; zero for unlimited.</returns>
    public static TimeSpan Of(QueueSettings queue, EstreamSettings settings, EsfSchemaSet schemas) =>
        queue.RetainedAge
            ?? (queue.Name == HostConfiguration.DeadLetters ? HostConfiguration.DeadLetterAge : OfSchemas(queue, settings, schemas));

    private static TimeSpan OfSchemas(QueueSettings queue, EstreamSettings settings, EsfSchemaSet schemas)
    {
        EsfSchema[] written = [.. Mapped(queue.Name, settings.Adapters, schemas),
            .. settings.AllPipelines.SelectMany(pipeline => pipeline.SchemasIn(queue.Name))];
        TimeSpan? longest = EsfRetention.Longest(written);
        return longest is not { } age ? TimeSpan.Zero
            : written.All(schema => schema.QualifiedName == DeadLetterSink.SchemaName) ? OfPrivate(queue.Name, settings).Append(age).Min()
            : age;
    }

    // A dead letter contains its whole message, including sealed values, so it must not outlive the message.
    private static IEnumerable<TimeSpan> OfPrivate(string rejected, EstreamSettings settings) =>
        settings.AllPipelines.Where(pipeline => pipeline.RejectedQueue == rejected && pipeline.Schema.IsProtected)
            .Select(pipeline => pipeline.Schema.Definition.Traits.Retention).OfType<TimeSpan>();

    // The schemas of all mappings to the queue. Skips mappings without queue or schema, and unknown schemas: an earlier check reported
    // them.
    private static IEnumerable<EsfSchema> Mapped(string queue, IEnumerable<AdapterSettings> adapters, EsfSchemaSet schemas)
    {
        foreach (IConfigurationSection mapping in adapters.SelectMany(adapter => adapter.Section.GetSection("Mappings").GetChildren()))
        {
            if ((mapping["Queue"] == queue || mapping.GetSection("SubLexes").GetChildren().Any(subLex => subLex.Value == queue))
                && mapping["Schema"] is { } name && schemas.TryGet(name, out EsfSchema? schema))
            {
                yield return schema;
            }
        }
    }
}

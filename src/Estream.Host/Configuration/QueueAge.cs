using Estream.Esf;
using Estream.Host.Runtime;
using Estream.Wire;
using Microsoft.Extensions.Configuration;

namespace Estream.Host.Configuration;

/// <summary>
/// How long a queue keeps its messages where the configuration leaves that to their schemas: those that the mappings of all adapters and
/// the declared pipelines put into it, and that of the dead letters.
/// </summary>
internal static class QueueAge
{
    /// <returns>The age; zero for ever.</returns>
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

    // A dead letter holds its message, sealed values and all: it goes when the message does.
    private static IEnumerable<TimeSpan> OfPrivate(string rejected, EstreamSettings settings) =>
        settings.AllPipelines.Where(pipeline => pipeline.RejectedQueue == rejected && pipeline.Schema.IsProtected)
            .Select(pipeline => pipeline.Schema.Definition.Traits.Retention).OfType<TimeSpan>();

    // Names were checked before; a mapping without them was reported.
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

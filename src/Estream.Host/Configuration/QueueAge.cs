using Estream.Esf;
using Estream.Host.Runtime;
using Microsoft.Extensions.Configuration;

namespace Estream.Host.Configuration;

/// <summary>
/// How long a queue keeps its messages where the configuration leaves that to their schemas: those that the mappings of all adapters and the declared pipelines put into it, and that of the dead letters.
/// </summary>
internal static class QueueAge
{
    /// <returns>The age; zero for ever.</returns>
    public static TimeSpan Of(QueueSettings queue, EstreamSettings settings, EsfSchemaSet schemas) =>
        queue.RetainedAge ?? (queue.Name == HostPlan.DeadLetters ? HostPlan.DeadLetterAge : OfSchemas(queue, settings, schemas));

    private static TimeSpan OfSchemas(QueueSettings queue, EstreamSettings settings, EsfSchemaSet schemas) =>
        EsfRetention.Longest(Mapped(queue.Name, settings.Adapters, schemas).Concat(settings.AllPipelines.SelectMany(pipeline => pipeline.SchemasIn(queue.Name))))
        ?? TimeSpan.Zero;

    // Names were checked before; a mapping without them was reported.
    private static IEnumerable<EsfSchema> Mapped(string queue, IEnumerable<AdapterSettings> adapters, EsfSchemaSet schemas)
    {
        foreach (IConfigurationSection mapping in adapters.SelectMany(adapter => adapter.Section.GetSection("Mappings").GetChildren()))
        {
            if ((mapping["Queue"] == queue || mapping.GetSection("SubLexes").GetChildren().Any(subLex => subLex.Value == queue)) && mapping["Schema"] is { } name && schemas.TryGet(name, out EsfSchema? schema))
            {
                yield return schema;
            }
        }
    }
}

using Estream.Esf;
using Microsoft.Extensions.Configuration;

namespace Estream.Host.Configuration;

/// <summary>How long a queue keeps its messages where the configuration leaves that to their schemas: those that the mappings of all adapters put into it.</summary>
internal static class QueueAge
{
    /// <returns>The age; zero for ever.</returns>
    public static TimeSpan Of(QueueSettings queue, IEnumerable<AdapterSettings> adapters, EsfSchemaSet schemas) =>
        queue.RetainedAge ?? EsfRetention.Longest(SchemasOf(queue.Name, adapters, schemas)) ?? TimeSpan.Zero;

    // Names were checked before; a mapping without them was reported.
    private static IEnumerable<EsfSchema> SchemasOf(string queue, IEnumerable<AdapterSettings> adapters, EsfSchemaSet schemas)
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

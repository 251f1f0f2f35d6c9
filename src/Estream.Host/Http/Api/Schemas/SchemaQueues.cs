using Estream.Esf;
using Estream.Host.Runtime;
using Estream.Streams.Pipelines;
using Estream.Wire;

namespace Estream.Host.Http;

/// <summary>The queues that store the messages of each schema, as far as mappings, maps and pipelines of the configuration name
/// them.</summary>
internal sealed class SchemaQueues
{
    private readonly Dictionary<ulong, SortedSet<string>> _queues = [];

    public SchemaQueues(HostConfiguration plan)
    {
        foreach (WireSettings mapping in plan.Adapters.Values.SelectMany(adapter => adapter.Settings.Afresh().List("Mappings")))
        {
            Add(plan.Schemas, mapping.Text("Schema"), mapping.Text("Queue"));
        }

        foreach (MapPlan map in plan.Maps.Values)
        {
            Add(plan.Schemas, map.Schema, map.Queue);
        }

        foreach (DeclaredPipeline pipeline in plan.AllPipelines)
        {
            Add(plan.Schemas, pipeline.Schema.QualifiedName, pipeline.Source);
            Add(plan.Schemas, pipeline.ResultSchema.QualifiedName, pipeline.OutputQueue);
        }
    }

    public IReadOnlyCollection<string> Of(EsfSchema schema) => _queues.TryGetValue(schema.Id, out SortedSet<string>? queues) ? queues : [];

    private void Add(EsfSchemaSet schemas, string? name, string? queue)
    {
        if (name is null || queue is null || !schemas.TryGet(name, out EsfSchema? schema))
        {
            return;
        }

        if (!_queues.TryGetValue(schema.Id, out SortedSet<string>? queues))
        {
            _queues.Add(schema.Id, queues = new SortedSet<string>(StringComparer.Ordinal));
        }

        queues.Add(queue);
    }
}

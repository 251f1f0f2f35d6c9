using Estream.Circuits.Operations.Compaction;
using Estream.Esf;
using Estream.Esf.Expressions;
using Estream.Esf.Schema;
using Estream.Esf.Schema.Internal;
using Estream.Streams.Pipelines.Reading;

namespace Estream.Circuits.Reading;

/// <summary>Reads the keys of <c>queue.compact</c> that declare a compaction by key.</summary>
internal static class CompactionDeclaration
{
    private const string By = "by";
    private const string Deleted = "deleted";
    private const string DeleteRetention = "delete_retention";

    // As long as Kafka keeps tombstones by default: a consumer that is away for less time sees every deletion.
    private static readonly TimeSpan s_defaultDeleteRetention = TimeSpan.FromDays(1);

    /// <summary>The keys, all of which need <c>by</c>.</summary>
    public static IReadOnlyList<string> Keys { get; } = [By, "schema", Deleted, DeleteRetention];

    /// <summary>Reads the keys.</summary>
    /// <param name="node">The content of the node.</param>
    /// <param name="where">The node in messages.</param>
    /// <param name="isCompaction">Whether the operation is a compaction; other operations have no such keys.</param>
    /// <param name="scope">Receives errors.</param>
    /// <param name="rule">The rule; null if the node declares none.</param>
    /// <returns>False after an error.</returns>
    public static bool TryRead(MapNode node, string where, bool isCompaction, PipelineScope scope, out CompactionRule? rule)
    {
        rule = null;
        if (!isCompaction || Keys.All(key => node.Find(key) is null))
        {
            return true;
        }

        EsfSchema? schema = scope.Schema(node, where);
        EsfExpressionScope? messages = schema is null ? null : new EsfExpressionScope(schema);
        EsfExpression? key = scope.Expression(node, where, By, "device_id", messages, "text or a whole number", EsfValueKind.Text,
            EsfValueKind.Integer);
        EsfExpression? deleted = node.Find(Deleted) is null
            ? null
            : scope.Expression(node, where, Deleted, "not has(value)", messages, "a condition", EsfValueKind.Boolean);
        TimeSpan? retention = scope.Duration(node, where, DeleteRetention, s_defaultDeleteRetention);
        if (schema is null || key is null || retention is null || (deleted is null && node.Find(Deleted) is not null)
            || !scope.IsWithoutPrivate(schema, node, "a queue that is compacted by key"))
        {
            return false;
        }

        rule = new CompactionRule(schema, key, deleted, retention.Value);
        return true;
    }
}

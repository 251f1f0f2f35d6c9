using Estream.Esf;
using Estream.Esf.Schema.Internal;

namespace Estream.Streams.Pipelines.Reading;

/// <summary>Reads the audiences whose messages a pipeline reads: one, or a list.</summary>
internal static class AudienceDeclaration
{
    public const string Key = "audience";
    private const string Example = "audience: auditor";

    /// <summary>Reads the filter; null if the key is absent.</summary>
    /// <returns>False after reporting an error.</returns>
    public static bool TryRead(MapNode map, EsfSchema? schema, PipelineScope scope, out EsfAudienceFilter? audience)
    {
        audience = null;
        if (map.Find(Key) is not SourceNode node)
        {
            return true;
        }

        if (node is ListNode { Items.Count: 0 })
        {
            scope.Sink.Report(PipelineCodes.Empty, node, Messages.Empty($"'{Key}'", Example));
            return false;
        }

        bool isGood = true;
        List<string> names = [];
        foreach (SourceNode item in node is ListNode list ? list.Items : [node])
        {
            isGood &= IsAudience(item, schema, scope, names);
        }

        if (!isGood || names.Count == 0 || schema is null)
        {
            return false;
        }

        audience = new EsfAudienceFilter(schema, names);
        return true;
    }

    private static bool IsAudience(SourceNode node, EsfSchema? schema, PipelineScope scope, List<string> names)
    {
        if (scope.Sink.AsScalar(node, $"'{Key}'", Example) is not ScalarNode name)
        {
            return false;
        }

        names.Add(name.Value);
        if (schema is null || schema.Audiences.Audiences.Contains(name.Value))
        {
            return true;
        }

        scope.Sink.Report(PipelineCodes.Audience, name,
            PipelineMessages.NoAudience(name.Value, schema.QualifiedName, schema.Audiences.Audiences));
        return false;
    }
}

using Estream.Esf;
using Estream.Esf.Schema.Internal;

namespace Estream.Streams.Pipelines.Reading;

/// <summary>Reads the lattice pattern and the address pattern that select the messages of a pipeline; both are optional.</summary>
internal static class PatternDeclaration
{
    public const string LatticeKey = "lattice";
    public const string PathKey = "path";

    /// <summary>Reads the filter; null if both keys are absent.</summary>
    /// <returns>False after reporting an error.</returns>
    public static bool TryRead(MapNode map, EsfSchema? schema, PipelineScope scope, out EsfMessageFilter? filter)
    {
        filter = null;
        bool isGood = TryRead(map, LatticeKey, schema, scope, out EsfAddressPattern? lattice);
        isGood &= TryRead(map, PathKey, schema, scope, out EsfAddressPattern? path);
        if (isGood && schema is not null && (lattice is not null || path is not null))
        {
            filter = new EsfMessageFilter([schema], lattice, path);
        }

        return isGood;
    }

    private static bool TryRead(MapNode map, string key, EsfSchema? schema, PipelineScope scope, out EsfAddressPattern? pattern)
    {
        pattern = null;
        if (map.Find(key) is not SourceNode node)
        {
            return true;
        }

        bool isPath = key == PathKey;
        if (scope.Sink.AsScalar(node, $"'{key}'", isPath ? "path: /devices/*/telemetry" : "lattice: estream.iot.**") is not ScalarNode text)
        {
            return false;
        }

        string? error = text.Value.StartsWith('/') != isPath ? PipelineMessages.OtherPattern(text.Value, isPath)
            : !EsfAddressPattern.TryParse(text.Value, out pattern, out string? reason) ? PipelineMessages.BadPattern(key, reason)
            : schema is null || Applies(pattern, schema) ? null
            : PipelineMessages.NotApplicable(key, text.Value, schema.QualifiedName,
                isPath ? schema.Address?.Template : schema.Definition.Traits.Lattice);
        if (error is not null)
        {
            scope.Sink.Report(PipelineCodes.Pattern, text, error);
        }

        return error is null;
    }

    private static bool Applies(EsfAddressPattern pattern, EsfSchema schema) =>
        new EsfMessageFilter([schema], pattern.IsPath ? null : pattern, pattern.IsPath ? pattern : null).CanMatch;
}

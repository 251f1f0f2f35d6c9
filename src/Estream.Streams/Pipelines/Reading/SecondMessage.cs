using Estream.Esf;
using Estream.Esf.Expressions;
using Estream.Esf.Schema.Internal;

namespace Estream.Streams.Pipelines.Reading;

/// <summary>Reads the name of the second message of a stage in expressions: the key <c>as</c>.</summary>
internal static class SecondMessage
{
    public static EsfExpressionScope? Add(MapNode map, string where, EsfExpressionScope? messages, EsfSchema? other, PipelineScope scope)
    {
        if (scope.Scalar(map, where, "as", "as: other") is not ScalarNode name || messages is null || other is null)
        {
            return null;
        }

        try
        {
            return messages.With(name.Value, other);
        }
        catch (ArgumentException)
        {
            scope.Sink.Report(PipelineCodes.Name, name, PipelineMessages.Secondary(name.Value));
            return null;
        }
    }
}

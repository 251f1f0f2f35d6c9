using Estream.Esf.Schema.Internal;
using Estream.Streams.Pipelines.Reading;

namespace Estream.Circuits.Reading;

/// <summary>Reads the declaration of a timer input: <c>every: 30s</c> instead of a type.</summary>
internal static class TimerDeclaration
{
    public const string Key = "every";

    // Keys that a timer does not have.
    private static readonly string[] s_others = ["type", AudienceDeclaration.Key];

    /// <summary>Returns the interval; null after reporting an error.</summary>
    public static TimeSpan? Read(MapNode port, string where, PipelineScope scope)
    {
        bool isGood = true;
        foreach (string key in s_others)
        {
            if (port.Find(key) is SourceNode other)
            {
                scope.Sink.Report(CircuitCodes.Timer, other, CircuitMessages.OfTimer(key));
                isGood = false;
            }
        }

        TimeSpan? every = scope.Duration(port, where, Key, null);
        if (every < TimeSpan.FromMilliseconds(CircuitLimits.LeastTimerMs))
        {
            scope.Sink.Report(CircuitCodes.Timer, port.Find(Key)!, CircuitMessages.TimerTooFast(CircuitLimits.LeastTimerMs));
            return null;
        }

        return isGood ? every : null;
    }
}

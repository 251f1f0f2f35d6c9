using Estream.Esf.Schema.Internal;
using Estream.Streams.Pipelines.Reading;

namespace Estream.Circuits.Reading;

/// <summary>Reads what makes an input a timer: <c>every: 30s</c> in place of a type.</summary>
internal static class TimerDeclaration
{
    public const string Key = "every";

    // What a timer does not have.
    private static readonly string[] s_others = ["type", AudienceDeclaration.Key];

    /// <summary>How often it ticks; null after reporting a mistake.</summary>
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

using Estream.Esf;
using Estream.Esf.Schema;
using Estream.Esf.Schema.Internal;

namespace Estream.Circuits.Reading;

/// <summary>Checks that the outputs of a circuit have the pattern in its annotation <c>stream_pattern</c>.</summary>
internal static class PatternChecks
{
    private const string State = "state";
    private const string Log = "log";

    // Patterns whose messages a circuit cannot write, since one result is not one message of the stream.
    private static readonly Dictionary<string, string> s_refused = new(StringComparer.Ordinal)
    {
        ["signal"] = "a signal has no history, so nothing could resume after a crash; write it with EsfSignalWriter",
        ["media"] = "a medium is written in chunks; write it with EsfMediaWriter",
        ["transaction"] = "a transaction spans several queues; write it with EsfTransaction",
        ["mpc_session"] = "a session runs in rounds between parties; write it with MpcPoster",
    };

    /// <summary>All patterns of streams.</summary>
    public static IReadOnlyList<string> Words { get; } = ["event", State, Log, "curated", .. s_refused.Keys];

    public static void Check(Circuit circuit, SourceNode annotations, DiagnosticSink sink)
    {
        if (circuit.StreamPattern is not { } pattern)
        {
            return;
        }

        if (s_refused.TryGetValue(pattern, out string? reason))
        {
            sink.Report(CircuitCodes.Annotation, annotations, CircuitMessages.RefusedPattern(pattern, reason));
            return;
        }

        foreach (CircuitPort output in circuit.Outputs)
        {
            if (output.Map is not null != (pattern == State))
            {
                sink.Report(CircuitCodes.Annotation, output.Position, CircuitMessages.OtherPattern(pattern, output.Name));
                return;
            }

            if (output.Schema.Pattern is { } declared && !Words.First(word => Is(declared, word)).Equals(pattern, StringComparison.Ordinal))
            {
                sink.Report(CircuitCodes.Annotation, output.Position,
                    CircuitMessages.PatternOfType(pattern, output.Name, output.Schema.QualifiedName));
            }
        }
    }

    private static bool Is(StreamPattern pattern, string word) =>
        pattern.ToString().Equals(word.Replace("_", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase);
}

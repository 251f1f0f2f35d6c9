using Estream.Cli.Output;

namespace Estream.Cli.Tune;

/// <summary>Prints findings, changes and measurements: as text, or as one JSON object per line.</summary>
internal sealed class TuneText(LineWriter lines, bool isJson)
{
    public void Write(TuneFinding finding)
    {
        string verdict = finding.Verdict.ToString().ToLowerInvariant();
        if (isJson)
        {
            lines.WriteObject(writer =>
            {
                writer.WriteString("setting", finding.Name);
                writer.WriteString("verdict", verdict);
                writer.WriteString("present", finding.Present);
                writer.WriteString("proposed", finding.Proposed);
                writer.WriteString("why", finding.Why);
                writer.WriteString("advice", finding.Advice);
                writer.WriteTexts("files", finding.Changes.Select(change => change.Path));
            });
            return;
        }

        string value = finding.Verdict switch
        {
            TuneVerdict.Absent => "this machine does not have the setting",
            TuneVerdict.Ok => finding.Present,
            _ => $"{finding.Present}{(finding.Proposed.Length > 0 ? $", proposed {finding.Proposed}" : "")}",
        };
        lines.WriteLine($"{verdict,-6}  {finding.Name}: {value}");
        if (finding.Verdict is TuneVerdict.Change or TuneVerdict.Manual)
        {
            lines.WriteLine($"        {finding.Why}");
        }

        if (finding.Advice.Length > 0)
        {
            lines.WriteLine($"        {finding.Advice}");
        }
    }

    public void Write(TuneLatency latency, string when)
    {
        if (!isJson)
        {
            lines.WriteLine($"{when,-6}  {latency}");
            lines.Flush();
            return;
        }

        lines.WriteObject(writer =>
        {
            writer.WriteString("measured", latency.Name);
            writer.WriteString("when", when);
            writer.WriteNumber("count", latency.Count);
            writer.WriteNumber("p50Nanos", latency.P50);
            writer.WriteNumber("p99Nanos", latency.P99);
            writer.WriteNumber("p999Nanos", latency.P999);
            writer.WriteNumber("maxNanos", latency.Max);
        });
    }

    public void WritePlan(IReadOnlyList<TuneChange> changes)
    {
        foreach (TuneChange change in changes)
        {
            Write(new TuneResult(change, TuneOutcome.Done), "would", $"would set {change.Path} from {change.Before} to {change.After}");
        }

        if (changes.Count == 0)
        {
            WriteNote("There is nothing to change.");
        }
    }

    public void WriteApplied(IReadOnlyList<TuneResult> results)
    {
        foreach (TuneResult result in results)
        {
            TuneChange change = result.Change;
            bool isDone = result.Outcome == TuneOutcome.Done;
            Write(result, isDone ? "set" : "refused", isDone
                ? $"set {change.Path} from {change.Before} to {change.After}"
                : $"did not set {change.Path}, which is still {change.Before}: {result.Detail}");
        }
    }

    public void WriteUndone(IReadOnlyList<TuneResult> results)
    {
        foreach (TuneResult result in results)
        {
            (TuneChange change, string file) = (result.Change, result.Change.Path);
            (string word, string text) = result.Outcome switch
            {
                TuneOutcome.Done => ("restored", $"put back {file} from {change.After} to {change.Before}"),
                TuneOutcome.AlreadyBack => ("unchanged", $"{file} is already {change.Before}"),
                TuneOutcome.ChangedSince => ("left", $"left {file} at {result.Detail}: set by another program after apply had set "
                    + $"{change.After}; it was {change.Before} before"),
                TuneOutcome.Gone => ("gone", $"{file} does not exist any more"),
                _ => ("refused", $"did not put back {file} to {change.Before}: {result.Detail}. Run undo again."),
            };
            Write(result, word, text);
        }
    }

    /// <summary>Writes a note to text output; JSON output has no notes.</summary>
    public void WriteNote(string text)
    {
        if (!isJson)
        {
            lines.WriteLine(text);
        }
    }

    private void Write(TuneResult result, string outcome, string text)
    {
        if (!isJson)
        {
            lines.WriteLine(text);
            return;
        }

        lines.WriteObject(writer =>
        {
            writer.WriteString("outcome", outcome);
            writer.WriteString("file", result.Change.Path);
            writer.WriteString("before", result.Change.Before);
            writer.WriteString("after", result.Change.After);
            writer.WriteString("detail", result.Detail);
        });
    }
}

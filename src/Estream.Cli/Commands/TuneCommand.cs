using System.CommandLine;
using Estream.Cli.Output;
using Estream.Cli.Tune;

namespace Estream.Cli.Commands;

/// <summary>`estream tune`: checks the kernel settings that add latency, changes them, and puts them back.</summary>
internal static class TuneCommand
{
    private const string JournalFile = "/var/lib/estream-tune/journal";
    private const string JournalVariable = "ESTREAM_TUNE_JOURNAL";

    private static readonly TimeSpan s_measured = TimeSpan.FromSeconds(1);

    public static Command Create(CliContext context)
    {
        return new Command(
            "tune",
            "Checks the kernel settings that add latency, changes them, and puts them back. Changes last until the machine "
            + "restarts. Example: estream tune check, sudo estream tune apply --dry-run")
        {
            CreateCheck(context),
            CreateApply(context),
            CreateUndo(context),
        };
    }

    private static Command CreateCheck(CliContext context)
    {
        Option<string?> cpus = CpusOption();
        Option<bool> measure = new("--measure")
        {
            Description = "Also measure, for about three seconds: interruptions of a polling thread, lateness of a sleep, and the time "
                + "from append to read between two CPUs.",
        };
        Option<bool> json = JsonOption();
        Command command = new(
            "check",
            "Prints each setting with its present value, its proposed value and the reason. Changes nothing. Exit code 1 if apply would "
            + "change something. Example: estream tune check")
        {
            cpus, measure, json,
        };
        command.SetAction(parsed =>
        {
            SortedSet<int>? quiet = ReadCpus(parsed.GetValue(cpus));
            IReadOnlyList<TuneFinding> findings = TuneCatalog.Find(context.Machine, quiet);
            using LineWriter lines = new(context.Output);
            TuneText text = new(lines, parsed.GetValue(json));
            foreach (TuneFinding finding in findings)
            {
                text.Write(finding);
            }

            if (parsed.GetValue(measure))
            {
                Measure(context, text, quiet, "now");
            }

            return findings.Any(finding => finding.Verdict == TuneVerdict.Change) ? ExitCode.No : ExitCode.Ok;
        });
        return command;
    }

    private static Command CreateApply(CliContext context)
    {
        Option<string[]> only = new("--only")
        {
            Description = "Change only these settings, named as in check. Default: all settings that check marks 'change'.",
            HelpName = "NAME",
            AllowMultipleArgumentsPerToken = true,
        };
        Option<bool> dryRun = new("--dry-run") { Description = "Print the changes without making them. Needs no root." };
        Option<bool> measure = new("--measure") { Description = "Measure before and after the changes, as check does." };
        Option<string?> cpus = CpusOption();
        Option<string> journal = JournalOption();
        Option<bool> json = JsonOption();
        Command command = new(
            "apply",
            "Writes the present values to a journal, then sets the proposed values. undo reads the journal, also after a crash. Needs "
            + "root. Exit code 1 if the kernel refused a value. Example: sudo estream tune apply --dry-run")
        {
            only, dryRun, measure, cpus, journal, json,
        };
        command.SetAction(parsed =>
        {
            SortedSet<int>? quiet = ReadCpus(parsed.GetValue(cpus));
            List<TuneChange> changes = Select(TuneCatalog.Find(context.Machine, quiet), parsed.GetValue(only) ?? []);
            using LineWriter lines = new(context.Output);
            TuneText text = new(lines, parsed.GetValue(json));
            if (changes.Count == 0 || parsed.GetValue(dryRun))
            {
                text.WritePlan(changes);
                return ExitCode.Ok;
            }

            RequireRoot(context, "apply");
            using TuneJournal opened = TuneJournal.Open(parsed.GetValue(journal)!);
            MeasureIf(parsed.GetValue(measure), context, text, quiet, "before");
            IReadOnlyList<TuneResult> results = TuneRun.Apply(context.Machine, opened, changes);
            text.WriteApplied(results);
            MeasureIf(parsed.GetValue(measure), context, text, quiet, "after");
            return results.Any(result => result.Outcome == TuneOutcome.Refused) ? ExitCode.No : ExitCode.Ok;
        });
        return command;
    }

    private static Command CreateUndo(CliContext context)
    {
        Option<string> journal = JournalOption();
        Option<bool> json = JsonOption();
        Command command = new(
            "undo",
            "Puts back the values from before apply. Reports a value that another program has set since, and does not change it; the "
            + "exit code is then 1. Needs root. Example: sudo estream tune undo")
        {
            journal, json,
        };
        command.SetAction(parsed =>
        {
            RequireRoot(context, "undo");
            using TuneJournal opened = TuneJournal.Open(parsed.GetValue(journal)!);
            using LineWriter lines = new(context.Output);
            TuneText text = new(lines, parsed.GetValue(json));
            if (opened.Changes.Count == 0)
            {
                text.WriteNote("There is nothing to undo.");
                return ExitCode.Ok;
            }

            if (TuneRun.HasRestarted(context.Machine, opened))
            {
                opened.Delete();
                text.WriteNote("The machine has restarted since apply. The restart has put all values back.");
                return ExitCode.Ok;
            }

            IReadOnlyList<TuneResult> results = TuneRun.Undo(context.Machine, opened);
            text.WriteUndone(results);
            return results.Any(result => result.Outcome == TuneOutcome.Refused) ? ExitCode.Failed
                : results.Any(result => result.Outcome == TuneOutcome.ChangedSince) ? ExitCode.No
                : ExitCode.Ok;
        });
        return command;
    }

    private static Option<string?> CpusOption() => new("--cpus")
    {
        Description = "The CPUs for threads that poll, such as 2-3: these CPUs get no interrupts and no deep idle states. Default: the "
            + "isolated CPUs.",
        HelpName = "LIST",
    };

    private static Option<string> JournalOption() => new("--journal")
    {
        Description = $"The journal. Default: {JournalFile}, or the environment variable {JournalVariable}.",
        HelpName = "FILE",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable(JournalVariable) is { Length: > 0 } file ? file : JournalFile,
    };

    private static Option<bool> JsonOption() => new("--json") { Description = "Print one JSON object per line." };

    private static SortedSet<int>? ReadCpus(string? text) => text is null ? null
        : CpuList.TryParse(text) is { Count: > 0 } cpus ? cpus
        : throw new CliException($"--cpus '{text}' is not a list of CPUs. Give numbers and ranges, such as 2-3,6.");

    private static List<TuneChange> Select(IReadOnlyList<TuneFinding> findings, string[] only)
    {
        string[] names = [.. only.SelectMany(text => text.Split(',', StringSplitOptions.RemoveEmptyEntries))];
        string? unknown = names.FirstOrDefault(name => findings.All(finding => finding.Name != name));
        return unknown is null
            ? [.. findings.Where(finding => names.Length == 0 || names.Contains(finding.Name)).SelectMany(finding => finding.Changes)]
            : throw new CliException($"--only '{unknown}' is not a setting. Choose from: "
                + $"{string.Join(", ", findings.Select(finding => finding.Name))}.");
    }

    private static void RequireRoot(CliContext context, string command)
    {
        if (!context.IsRoot)
        {
            throw new CliException($"Only root may change kernel settings. Run: sudo estream tune {command}");
        }
    }

    private static void MeasureIf(bool isAsked, CliContext context, TuneText text, SortedSet<int>? quiet, string when)
    {
        if (isAsked)
        {
            Measure(context, text, quiet, when);
        }
    }

    private static void Measure(CliContext context, TuneText text, SortedSet<int>? quiet, string when)
    {
        TuneMeasurement measurement = new(context.Clock, s_measured);
        foreach (TuneLatency latency in measurement.Run(quiet ?? CpuSettings.Isolated(context.Machine)))
        {
            text.Write(latency, when);
        }
    }
}

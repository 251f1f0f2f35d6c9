namespace Estream.Cli.Tune;

/// <summary>The outcome of a change.</summary>
internal enum TuneOutcome
{
    /// <summary>The file has the new value after <c>apply</c>, or the old value after <c>undo</c>.</summary>
    Done,

    /// <summary>The file already had the old value, for example after a crash before the change.</summary>
    AlreadyBack,

    /// <summary>Another program has since set a third value, which stays.</summary>
    ChangedSince,

    /// <summary>The file does not exist any more.</summary>
    Gone,

    /// <summary>The kernel refused the value.</summary>
    Refused,
}

/// <summary>A change and its outcome.</summary>
/// <param name="Change">The change.</param>
/// <param name="Outcome">The outcome.</param>
/// <param name="Detail">The value found, or the answer of the kernel; empty if there is nothing to add.</param>
internal sealed record TuneResult(TuneChange Change, TuneOutcome Outcome, string Detail = "");

/// <summary>Applies changes and undoes them.</summary>
internal static class TuneRun
{
    private const string BootIdFile = "/proc/sys/kernel/random/boot_id";

    /// <summary>Journals changes, then makes them one by one.</summary>
    /// <exception cref="CliException">The machine has no boot id, or the journal cannot be used.</exception>
    public static IReadOnlyList<TuneResult> Apply(MachineFiles machine, TuneJournal journal, IReadOnlyList<TuneChange> changes)
    {
        journal.Add(BootId(machine), changes);
        return [.. changes.Select(change => Apply(machine, change))];
    }

    /// <summary>Whether the machine has restarted since the journal was written. The restart has undone the changes.</summary>
    public static bool HasRestarted(MachineFiles machine, TuneJournal journal) => journal.BootId != BootId(machine);

    /// <summary>Puts the old values back, newest change first. Deletes the journal unless the kernel refused a value.</summary>
    public static IReadOnlyList<TuneResult> Undo(MachineFiles machine, TuneJournal journal)
    {
        TuneResult[] results = [.. journal.Changes.Reverse().Select(change => Undo(machine, change))];
        if (!results.Any(result => result.Outcome == TuneOutcome.Refused))
        {
            journal.Delete();
        }

        return results;
    }

    private static TuneResult Apply(MachineFiles machine, TuneChange change)
    {
        string? refusal = machine.TryWriteValue(change.Path, change.After);
        if (refusal is null)
        {
            return new TuneResult(change, TuneOutcome.Done);
        }

        // The kernel may have accepted a part of the value.
        if (machine.TryReadValue(change.Path) != change.Before)
        {
            _ = machine.TryWriteValue(change.Path, change.Before);
        }

        return new TuneResult(change, TuneOutcome.Refused, refusal);
    }

    private static TuneResult Undo(MachineFiles machine, TuneChange change)
    {
        string? present = machine.TryReadValue(change.Path);
        if (present is null)
        {
            return new TuneResult(change, TuneOutcome.Gone);
        }

        if (present == change.Before)
        {
            return new TuneResult(change, TuneOutcome.AlreadyBack);
        }

        if (present != change.After)
        {
            return new TuneResult(change, TuneOutcome.ChangedSince, present);
        }

        string? refusal = machine.TryWriteValue(change.Path, change.Before);
        return new TuneResult(change, refusal is null ? TuneOutcome.Done : TuneOutcome.Refused, refusal ?? "");
    }

    private static string BootId(MachineFiles machine) => machine.TryReadText(BootIdFile)
        ?? throw new CliException($"'{BootIdFile}' cannot be read. Mount /proc: undo needs the file to detect a restart of the "
            + "machine.");
}

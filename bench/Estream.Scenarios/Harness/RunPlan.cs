namespace Estream.Scenarios.Harness;

/// <summary>The settings of a run: sizes, rounds, the location of the files, and the C++ peers if they could be built.</summary>
internal sealed record RunPlan(RunSize Size, bool IsQuick, string DataDirectory, NativePeers? Peers)
{
    /// <summary>The JavaScript peers; null if they could not be installed.</summary>
    public NodePeers? Node { get; init; }

    /// <summary>The location of files that must be on a disk.</summary>
    public string DiskDirectory { get; init; } = DataDirectory;

    /// <summary>A directory of a file system that gives huge pages; null if there is none.</summary>
    public string? HugePageDirectory { get; init; }

    /// <summary>Measured rounds per contender. Odd, so that the median is a measured value.</summary>
    public int Runs => Size == RunSize.Tiny ? 3 : IsQuick ? 9 : 15;

    /// <summary>Warm-up rounds: the JIT reaches its last tier over several, not within one.</summary>
    public int WarmupRounds => Size == RunSize.Tiny ? 1 : 4;

    /// <summary>Pause after each warm-up round, in which the background JIT has a processor to itself.</summary>
    public TimeSpan WarmupPause => TimeSpan.FromMilliseconds(Size == RunSize.Tiny ? 0 : 150);

    public string DirectoryFor(Storage storage) => storage switch
    {
        Storage.Disk => DiskDirectory,
        Storage.HugePages => HugePageDirectory ?? DataDirectory,
        _ => DataDirectory,
    };

    /// <summary>Returns the contenders of a case under this plan.</summary>
    public IEnumerable<Contender> TakingPart(ScenarioCase scenarioCase)
    {
        return scenarioCase.Contenders.Where(c => !SkippedAsPeer(c) && !SkippedAsMissing(c));
    }

    public bool SkippedAsPeer(Contender contender) => contender.IsPeer && IsQuick;

    /// <summary>Whether a row is skipped because its library or compiler is missing, or the file system of an extra row.</summary>
    public bool SkippedAsMissing(Contender contender)
    {
        return !contender.IsBuilt
            || (contender is NativeContender native && Peers?.Has(native.Command) != true)
            || (contender.NativeCommand is { } command && Peers?.Has(command) != true)
            || (contender is NodeContender && Node is null)
            || (contender is { IsPeer: true, Storage: Storage.HugePages } && HugePageDirectory is null);
    }
}

/// <summary>
/// The amount of work in a round. <see cref="Tiny"/> exists for the tests, which run every scenario so that none
/// breaks unnoticed; its figures mean nothing.
/// </summary>
internal enum RunSize
{
    Full,
    Tiny,
}

internal static class RunSizeExtensions
{
    /// <summary>Returns the amount for this size: <paramref name="full"/>, or <paramref name="tiny"/> in a tiny run.</summary>
    public static long Of(this RunSize size, long full, long tiny)
    {
        return size == RunSize.Full ? full : tiny;
    }
}

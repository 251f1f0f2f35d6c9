namespace Estream.Fpga;

/// <summary>What a card has counted since it was opened or reset.</summary>
public readonly record struct FpgaCounters
{
    /// <summary>What counted.</summary>
    public FpgaBackend Backend { get; init; }

    /// <summary>Cycles of a simulation; 0 of a card on the bus.</summary>
    public long Cycles { get; init; }

    /// <summary>Submissions its engines took.</summary>
    public long Submissions { get; init; }

    /// <summary>Completions they gave.</summary>
    public long Completions { get; init; }

    /// <summary>Cycles in which a submission waited for its engine.</summary>
    public long StallCycles { get; init; }

    /// <summary>Submissions that asked for what the card does not have.</summary>
    public long Refused { get; init; }

    /// <summary>Transfers that broke off.</summary>
    public long DmaErrors { get; init; }

    /// <summary>Messages it numbered.</summary>
    public long AppendMessages { get; init; }

    /// <summary>Their bytes.</summary>
    public long AppendBytes { get; init; }

    /// <summary>Lookups its map answered, those of the memory for hot keys not counted.</summary>
    public long MapGets { get; init; }

    /// <summary>Changes of its map.</summary>
    public long MapChanges { get; init; }

    /// <summary>Entries it moved to make room for others.</summary>
    public long MapDisplacements { get; init; }

    /// <summary>Keys for which it had no room.</summary>
    public long MapFull { get; init; }

    /// <summary>Operations that met damaged memory of the card.</summary>
    public long MapDamaged { get; init; }

    /// <summary>Entries in its map.</summary>
    public long MapEntries { get; init; }

    /// <summary>Those of them that are in the stash.</summary>
    public long MapStashed { get; init; }

    /// <summary>Cycles of the longest displacement.</summary>
    public long MapWorstCycles { get; init; }

    /// <summary>Lookups the memory for hot keys answered.</summary>
    public long HotHits { get; init; }

    /// <summary>Lookups it passed on.</summary>
    public long HotMisses { get; init; }

    /// <summary>Leaves it hashed.</summary>
    public long LeafHashes { get; init; }

    /// <summary>Permutations it took for them.</summary>
    public long LeafPermutations { get; init; }

    /// <summary>Submissions whose deadline passed.</summary>
    public long Timeouts { get; init; }

    /// <summary>How often it was reset since it was opened.</summary>
    public long Resets { get; init; }
}

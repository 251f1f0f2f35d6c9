namespace Estream.Fpga;

/// <summary>A card's counters since it was opened or reset.</summary>
public readonly record struct FpgaCounters
{
    /// <summary>The kind of card that counted.</summary>
    public FpgaBackend Backend { get; init; }

    /// <summary>Cycles of a simulation; 0 for a card on the bus.</summary>
    public long Cycles { get; init; }

    /// <summary>Submissions accepted by the engines.</summary>
    public long Submissions { get; init; }

    /// <summary>Completions written by the engines.</summary>
    public long Completions { get; init; }

    /// <summary>Cycles in which a submission waited for its engine.</summary>
    public long StallCycles { get; init; }

    /// <summary>Submissions rejected because the card lacks the requested feature.</summary>
    public long Refused { get; init; }

    /// <summary>DMA transfers that were aborted.</summary>
    public long DmaErrors { get; init; }

    /// <summary>Messages numbered by the append engine.</summary>
    public long AppendMessages { get; init; }

    /// <summary>Bytes of the numbered messages.</summary>
    public long AppendBytes { get; init; }

    /// <summary>Lookups answered by the map, without the lookups answered by the hot-key memory.</summary>
    public long MapGets { get; init; }

    /// <summary>Changes of the map.</summary>
    public long MapChanges { get; init; }

    /// <summary>Map entries moved to make room for other entries.</summary>
    public long MapDisplacements { get; init; }

    /// <summary>Keys that did not fit into the map.</summary>
    public long MapFull { get; init; }

    /// <summary>Operations that found damaged memory of the card.</summary>
    public long MapDamaged { get; init; }

    /// <summary>Entries in the map.</summary>
    public long MapEntries { get; init; }

    /// <summary>Map entries in the stash.</summary>
    public long MapStashed { get; init; }

    /// <summary>Cycles of the longest displacement.</summary>
    public long MapWorstCycles { get; init; }

    /// <summary>Lookups answered by the hot-key memory.</summary>
    public long HotHits { get; init; }

    /// <summary>Lookups that the hot-key memory passed on to the map.</summary>
    public long HotMisses { get; init; }

    /// <summary>Merkle tree leaves hashed.</summary>
    public long LeafHashes { get; init; }

    /// <summary>Permutations computed for the leaf hashes.</summary>
    public long LeafPermutations { get; init; }

    /// <summary>Submissions whose deadline passed.</summary>
    public long Timeouts { get; init; }

    /// <summary>Resets since the card was opened.</summary>
    public long Resets { get; init; }
}

namespace Estream.Witness.Internal;

/// <summary>The subtrees whose roots a witness stores. Nodes below them are recomputed from the messages when needed.</summary>
internal static class MerkleBlocks
{
    /// <summary>The level of the roots; leaves have level 0.</summary>
    public const int Level = 8;

    /// <summary>The number of leaves of a block.</summary>
    public const int Leaves = 1 << Level;
}

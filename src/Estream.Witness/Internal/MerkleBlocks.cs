namespace Estream.Witness.Internal;

/// <summary>The subtrees whose roots a witness keeps: what is below them is computed again from the messages when it is needed.</summary>
internal static class MerkleBlocks
{
    /// <summary>The level of their roots; that of the leaves is 0.</summary>
    public const int Level = 8;

    /// <summary>Leaves of one.</summary>
    public const int Leaves = 1 << Level;
}

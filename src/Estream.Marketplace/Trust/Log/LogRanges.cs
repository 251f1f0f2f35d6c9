using System.Numerics;

namespace Estream.Marketplace.Trust.Log;

/// <summary>A range of adjacent leaves that starts where a full subtree starts.</summary>
/// <param name="Start">The index of the first leaf.</param>
/// <param name="End">The index after the last leaf.</param>
internal readonly record struct LeafRange(long Start, long End);

/// <summary>The nodes of a proof, as ranges of the leaves below them: RFC 9162, sections 2.1.3.1 and 2.1.4.1.</summary>
internal static class LogRanges
{
    /// <summary>Returns the nodes of an inclusion proof, starting next to the leaf.</summary>
    public static List<LeafRange> OfInclusion(long index, long size)
    {
        List<LeafRange> path = [];
        for (long start = 0, end = size; end - start > 1;)
        {
            long middle = start + LargestPowerBelow(end - start);
            (path, start, end) = Step(path, start, middle, end, index < middle);
        }

        path.Reverse();
        return path;
    }

    /// <summary>Returns the nodes of a consistency proof.</summary>
    public static List<LeafRange> OfConsistency(long size, long laterSize)
    {
        List<LeafRange> path = [];
        long start = 0, end = laterSize;
        while (end != size)
        {
            long middle = start + LargestPowerBelow(end - start);
            (path, start, end) = Step(path, start, middle, end, size <= middle);
        }

        // If the smaller tree is a node of the larger tree, the verifier already has its root.
        if (start != 0)
        {
            path.Add(new LeafRange(start, end));
        }

        path.Reverse();
        return path;
    }

    private static (List<LeafRange> Path, long Start, long End) Step(List<LeafRange> path, long start, long middle, long end, bool isLeft)
    {
        path.Add(isLeft ? new LeafRange(middle, end) : new LeafRange(start, middle));
        return isLeft ? (path, start, middle) : (path, middle, end);
    }

    private static long LargestPowerBelow(long count) => 1L << BitOperations.Log2((ulong)(count - 1));
}

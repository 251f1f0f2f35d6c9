using System.Numerics;

namespace Estream.Marketplace.Trust.Log;

/// <summary>Some leaves that stand side by side, the first of which begins a full subtree.</summary>
/// <param name="Start">The first of them.</param>
/// <param name="End">The one behind the last.</param>
internal readonly record struct LeafRange(long Start, long End);

/// <summary>Which nodes a proof is made of, as the leaves below them: RFC 9162, sections 2.1.3.1 and 2.1.4.1.</summary>
internal static class LogRanges
{
    /// <summary>Those beside the way from a leaf to the root, the nearest to the leaf first.</summary>
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

    /// <summary>Those from which the roots of two trees follow.</summary>
    public static List<LeafRange> OfConsistency(long size, long laterSize)
    {
        List<LeafRange> path = [];
        long start = 0, end = laterSize;
        while (end != size)
        {
            long middle = start + LargestPowerBelow(end - start);
            (path, start, end) = Step(path, start, middle, end, size <= middle);
        }

        // Where the smaller tree is a node of the larger one, who verifies has its root.
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

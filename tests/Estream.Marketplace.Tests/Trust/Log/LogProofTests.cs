using Estream.Marketplace.Trust.Log;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Trust.Log;

/// <summary>Compares proofs of RFC 9162, sections 2.1.3.2 and 2.1.4.2, with the definitions and with published proofs.</summary>
public sealed class LogProofTests
{
    private static readonly byte[][] s_leaves = [.. Enumerable.Range(0, 300).Select(number => ReferenceTree.Leaf(LogRig.Entry(number)))];

    /// <summary>From transparency-dev/merkle (Apache 2.0), testdata/inclusion: index, size, leaf, root, path.</summary>
    public static TheoryData<long, long, string, string, string[]> Inclusions => new()
    {
        {
            0, 8, "bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=", "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=",
            ["lqKW0iTyhcZ77pPDD4owkVfw2qNdxbh+QQt4YwoJz8c=", "Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4=",
                "a0eq8p7jwq+a+Im8H7klTavTEXfxYjLdaqsDXKOb9uQ="]
        },
        {
            5, 8, "QnGia+DYqE8L1UyMMC58s6O10fpngKQLzOKHNHfatlg=", "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=",
            ["vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms=", "yoVOoSjtBQtBs1/8G4e46yveRh6eO1WW7Oa51ZdaCuA=",
                "037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc="]
        },
        { 2, 3, "ApjRIpBtz8EIkstTpzmS/FufST6kybrbJ7eRtBJ6f+c=", "rra8/idLcKFPsGel5VeCZNsPqbUa9eC6FZFY8yngbnc=",
            ["+sVCA+fMaWzw38tCySodnbr3CtnmIfS9jZhmLwDjwSU="] },
    };

    /// <summary>From transparency-dev/merkle (Apache 2.0), testdata/consistency: both sizes, both roots, path.</summary>
    public static TheoryData<long, long, string, string, string[]> Consistencies => new()
    {
        {
            1, 8, "bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=", "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=",
            ["lqKW0iTyhcZ77pPDD4owkVfw2qNdxbh+QQt4YwoJz8c=", "Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4=",
                "a0eq8p7jwq+a+Im8H7klTavTEXfxYjLdaqsDXKOb9uQ="]
        },
        {
            6, 8, "duZ9rbzfHhDht03cYIq9L5jfsW+851J3tSMqEn8gh+8=", "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=",
            ["DrxdNDf74tsVi58Sah0RjjCBgQMdCpSfje3t68VY72o=", "yoVOoSjtBQtBs1/8G4e46yveRh6eO1WW7Oa51ZdaCuA=",
                "037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc="]
        },
        {
            2, 5, "+sVCA+fMaWzw38tCySodnbr3CtnmIfS9jZhmLwDjwSU=", "Tju7H3tHjc/nH7YxYxUZo7yhLJrvyhYSv85ME6hiZNQ=",
            ["Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4=", "vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms="]
        },
    };

    [Theory]
    [MemberData(nameof(Inclusions))]
    public void Published_inclusion_proofs_verify_and_fail_with_a_flipped_bit(long index, long size, string leaf, string root,
        string[] path)
    {
        ArgumentNullException.ThrowIfNull(path);
        byte[] leafHash = Convert.FromBase64String(leaf), rootHash = Convert.FromBase64String(root),
        hashes = [.. path.SelectMany(Convert.FromBase64String)];
        Assert.True(LogProof.VerifyInclusion(index, size, leafHash, rootHash, hashes));
        Assert.All(Flipped(hashes), other => Assert.False(LogProof.VerifyInclusion(index, size, leafHash, rootHash, other)));
        Assert.All(Flipped(leafHash), other => Assert.False(LogProof.VerifyInclusion(index, size, other, rootHash, hashes)));
        Assert.False(LogProof.VerifyInclusion(index + 1, size, leafHash, rootHash, hashes));
        Assert.False(LogProof.VerifyInclusion(index - 1, size, leafHash, rootHash, hashes));
        Assert.False(LogProof.VerifyInclusion(index ^ 2, size, leafHash, rootHash, hashes));
        Assert.False(LogProof.VerifyInclusion(index, size * 2, leafHash, rootHash, hashes));
        Assert.False(LogProof.VerifyInclusion(index, size / 2, leafHash, rootHash, hashes));
        Assert.False(LogProof.VerifyInclusion(index, size, leafHash, rootHash, [.. hashes, .. rootHash]));
        Assert.False(LogProof.VerifyInclusion(index, size, leafHash, rootHash, [.. rootHash, .. hashes]));
        Assert.False(LogProof.VerifyInclusion(index, size, leafHash, rootHash, hashes.AsSpan(0, hashes.Length - 1)));
        Assert.False(LogProof.VerifyInclusion(index, size, leafHash, rootHash, []));
        Assert.False(LogProof.VerifyInclusion(index, size, leafHash, [], hashes));
    }

    [Theory]
    [MemberData(nameof(Consistencies))]
    public void Published_consistency_proofs_verify_and_fail_with_a_flipped_bit(long size, long later, string root,
        string laterRoot, string[] path)
    {
        ArgumentNullException.ThrowIfNull(path);
        byte[] first = Convert.FromBase64String(root), second = Convert.FromBase64String(laterRoot),
        hashes = [.. path.SelectMany(Convert.FromBase64String)];
        Assert.True(LogProof.VerifyConsistency(size, later, first, second, hashes));
        Assert.All(Flipped(hashes), other => Assert.False(LogProof.VerifyConsistency(size, later, first, second, other)));
        Assert.False(LogProof.VerifyConsistency(size, later, second, first, hashes));
        Assert.False(LogProof.VerifyConsistency(size + 1, later, first, second, hashes));
        Assert.False(LogProof.VerifyConsistency(size - 1, later, first, second, hashes));
        Assert.False(LogProof.VerifyConsistency(size, later * 2, first, second, hashes));
        Assert.False(LogProof.VerifyConsistency(size, later, first, second, [.. hashes, .. first]));
        Assert.False(LogProof.VerifyConsistency(size, later, first, second, [.. first, .. hashes]));
        Assert.False(LogProof.VerifyConsistency(size, later, first, second, hashes.AsSpan(32)));
        Assert.False(LogProof.VerifyConsistency(size, later, first, second, []));
    }

    [Fact]
    public void Inclusion_proof_by_definition_verifies_only_for_its_own_leaf()
    {
        for (int size = 1; size <= s_leaves.Length; size += size < 40 ? 1 : LongRun.Count(37, 1))
        {
            ReadOnlySpan<byte[]> leaves = s_leaves.AsSpan(0, size);
            byte[] root = ReferenceTree.Root(leaves);
            for (int index = 0; index < size; index++)
            {
                byte[] path = [.. ReferenceTree.Path(index, leaves).SelectMany(hash => hash)];
                Assert.True(LogProof.VerifyInclusion(index, size, leaves[index], root, path), $"{index} of {size}");
                Assert.False(LogProof.VerifyInclusion(index, size, leaves[(index + 1) % size], root, path) && size > 1,
                    $"{index} of {size}, the leaf beside it");
            }
        }
    }

    [Fact]
    public void Consistency_proof_by_definition_verifies_for_every_prefix()
    {
        for (int later = 1; later <= s_leaves.Length; later += later < 40 ? 1 : LongRun.Count(37, 1))
        {
            byte[] laterRoot = ReferenceTree.Root(s_leaves.AsSpan(0, later));
            for (int size = 1; size <= later; size++)
            {
                byte[] root = ReferenceTree.Root(s_leaves.AsSpan(0, size)),
                path = [.. ReferenceTree.Consistency(size, s_leaves.AsSpan(0, later)).SelectMany(hash => hash)];
                Assert.True(LogProof.VerifyConsistency(size, later, root, laterRoot, path), $"{size} of {later}");
                Assert.Equal(size == later, LogProof.VerifyConsistency(size, later, laterRoot, laterRoot, path));
            }
        }
    }

    [Fact]
    public void Inclusion_of_an_index_outside_the_tree_is_rejected()
    {
        // In a tree with one leaf, the leaf is the root, and no hash proves its index.
        byte[] leaf = s_leaves[0];
        Assert.True(LogProof.VerifyInclusion(0, 1, leaf, leaf, []));
        Assert.All((long[])[1, 2, long.MaxValue, -1], index => Assert.False(LogProof.VerifyInclusion(index, 1, leaf, leaf, [])));
        Assert.False(LogProof.VerifyInclusion(0, 0, leaf, leaf, []));
    }

    [Fact]
    public void Inner_node_is_not_accepted_as_a_leaf()
    {
        // A leaf that contains two hashes would hash like the node above them if leaves and nodes had the same prefix.
        byte[] node = ReferenceTree.Root(s_leaves.AsSpan(0, 2)), root = ReferenceTree.Root(s_leaves.AsSpan(0, 4));
        byte[] path = ReferenceTree.Root(s_leaves.AsSpan(2, 2));
        Assert.False(LogProof.VerifyInclusion(0, 4, ReferenceTree.Leaf([.. s_leaves[0], .. s_leaves[1]]), root, path));
        Assert.False(LogProof.VerifyInclusion(0, 4, node, root, path));
    }

    [Fact]
    public void Every_tree_is_consistent_with_the_empty_tree_and_itself()
    {
        byte[] empty = ReferenceTree.Root([]), root = ReferenceTree.Root(s_leaves);
        Assert.True(LogProof.VerifyConsistency(0, 300, empty, root, []));
        Assert.True(LogProof.VerifyConsistency(0, 0, empty, empty, []));
        Assert.False(LogProof.VerifyConsistency(0, 300, root, root, []));
        Assert.False(LogProof.VerifyConsistency(0, 0, empty, root, []));
        Assert.False(LogProof.VerifyConsistency(0, 300, empty, root, root));
        Assert.False(LogProof.VerifyConsistency(300, 300, root, root, root));
        Assert.True(LogProof.VerifyConsistency(300, 300, root, root, []));
        Assert.False(LogProof.VerifyConsistency(300, 300, root, empty, []));
        Assert.False(LogProof.VerifyConsistency(300, 300, empty, root, []));
        Assert.False(LogProof.VerifyConsistency(301, 300, root, root, []));
    }

    private static IEnumerable<byte[]> Flipped(byte[] bytes)
    {
        for (int bit = 0; bit < bytes.Length * 8; bit++)
        {
            byte[] other = [.. bytes];
            other[bit / 8] ^= (byte)(1 << (bit % 8));
            yield return other;
        }
    }
}

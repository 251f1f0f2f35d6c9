using System.Buffers.Binary;

namespace Estream.Witness.Tests.Support;

/// <summary>A large tree and the roots of all its earlier sizes, for tests that need many sizes.</summary>
internal sealed class SampleTree
{
    public SampleTree(int size)
    {
        LeafHashes = new byte[size * MerkleTree.HashBytes];
        byte[] leaf = new byte[sizeof(int)];
        for (int index = 0; index < size; index++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(leaf, index);
            MerkleTree.HashLeaf(leaf, LeafHashes.AsSpan(index * MerkleTree.HashBytes, MerkleTree.HashBytes));
        }

        Nodes.Append(LeafHashes);
    }

    public byte[] LeafHashes { get; }

    public MerkleNodes Nodes { get; } = new();

    public byte[] LeafHash(long index) => LeafHashes.AsSpan((int)index * MerkleTree.HashBytes, MerkleTree.HashBytes).ToArray();

    public byte[] Root(long size)
    {
        byte[] root = new byte[MerkleTree.HashBytes];
        MerkleProver.GetRoot(Nodes, size, root);
        return root;
    }
}

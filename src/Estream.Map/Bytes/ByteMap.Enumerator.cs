using Estream.Map.Internal;

namespace Estream.Map;

/// <summary>An entry of a <see cref="ByteMap"/>, as an enumeration found it: copies, valid until the enumeration moves on.</summary>
public readonly ref struct ByteMapEntry
{
    internal ByteMapEntry(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        Key = key;
        Value = value;
    }

    /// <summary>The key.</summary>
    public ReadOnlySpan<byte> Key { get; }

    /// <summary>The value.</summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <summary>Deconstructs the entry.</summary>
    public void Deconstruct(out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        key = Key;
        value = Value;
    }
}

public sealed partial class ByteMap
{
    /// <summary>
    /// Enumerates all entries in no particular order. A key that is present all the time is returned exactly once, with a value it had at
    /// some moment during the enumeration. A key added or removed meanwhile may or may not be returned.
    /// </summary>
    public Enumerator GetEnumerator()
    {
        _ = Index;
        return new Enumerator(this);
    }

    /// <summary>
    /// Enumerates the entries of a map; see <see cref="GetEnumerator"/>. Not thread-safe itself, but the map may be written meanwhile.
    /// Allocates nothing; until it is disposed it rents a buffer as large as the largest entry it found.
    /// </summary>
    public struct Enumerator : IDisposable
    {
        private readonly ByteMap _map;
        private StateMap<nuint, nuint>.Enumerator _hashes;
        private EntryCopies _copies = new();

        internal Enumerator(ByteMap map)
        {
            _map = map;
            _hashes = map._index.GetEnumerator();
        }

        /// <summary>The entry that the last <see cref="MoveNext"/> found.</summary>
        public readonly ByteMapEntry Current => new(_copies.Key, _copies.Value);

        /// <summary>Moves to the next entry.</summary>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="Core.EstreamCorruptionException">The next entry is damaged. Another call continues after it.</exception>
        /// <exception cref="ObjectDisposedException">The map was disposed during the enumeration, so the remaining entries cannot be
        /// read.</exception>
        public bool MoveNext()
        {
            _ = _map.Index;
            while (!_copies.TryNext())
            {
                if (!_hashes.MoveNext())
                {
                    return false;
                }

                _map.CopyEntries(_hashes.Current.Key, new BlockRef(_hashes.Current.Value), ref _copies);
            }

            return true;
        }

        /// <summary>Returns the buffer.</summary>
        public void Dispose() => _copies.Dispose();
    }

    // Copies all entries of a hash at once, so that none is returned twice if the hash has to be looked up again.
    private void CopyEntries(nuint hash, BlockRef root, ref EntryCopies copies)
    {
        BlockRef before = default;
        while (true)
        {
            copies.Clear();
            BlockOutcome outcome = _view.CopyAll(root, hash, ref copies);
            if (outcome == BlockOutcome.Found)
            {
                return;
            }

            copies.Clear();
            if (outcome == BlockOutcome.Damaged || root == before)
            {
                HeapErrors.NoSuchBlock(Place, root);
            }

            before = root;
            if (!Index.TryGet(in hash, out nuint word))
            {
                return;
            }

            root = new BlockRef(word);
        }
    }
}

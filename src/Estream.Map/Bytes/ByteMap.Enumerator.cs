using Estream.Map.Internal;

namespace Estream.Map;

/// <summary>An entry of a <see cref="ByteMap"/>, as an enumeration met it: copies, valid until the enumeration goes on.</summary>
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

    /// <summary>Takes the entry apart.</summary>
    public void Deconstruct(out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        key = Key;
        value = Value;
    }
}

public sealed partial class ByteMap
{
    /// <summary>
    /// Goes through all entries in no particular order. A key that is there all the time comes exactly once, with a value it had at some
    /// moment in between; one that comes or goes meanwhile may or may not come.
    /// </summary>
    public Enumerator GetEnumerator()
    {
        _ = Index;
        return new Enumerator(this);
    }

    /// <summary>
    /// Goes through the entries of a map; see <see cref="GetEnumerator"/>. Not thread-safe itself, but the map may be written meanwhile.
    /// Allocates nothing but a buffer it borrows, as large as the largest entry it met, until it is disposed.
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

        /// <summary>The entry the last <see cref="MoveNext"/> found.</summary>
        public readonly ByteMapEntry Current => new(_copies.Key, _copies.Value);

        /// <summary>Goes on to the next entry.</summary>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="Core.EstreamCorruptionException">The next entry is damaged. Another call goes on behind it.</exception>
        /// <exception cref="ObjectDisposedException">The map was disposed meanwhile, so what is left cannot be seen any more.</exception>
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

        /// <summary>Gives the buffer back.</summary>
        public void Dispose() => _copies.Dispose();
    }

    // All entries of a hash at once, so that none comes twice when one of them has to be looked up again.
    private void CopyEntries(nuint hash, BlockRef root, ref EntryCopies copies)
    {
        BlockRef before = default;
        while (true)
        {
            copies.Clear();
            BlockOutcome outcome = _view.CopyAll(root, ref copies);
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

using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

public sealed partial class ByteMap
{
    /// <summary>Takes an image of the map as it is now, and lets writing go on; what is written later is not in it. It ends with this
    /// object.</summary>
    /// <remarks>
    /// <para>The index is left behind like a <see cref="StateMap{TKey, TValue}"/>, see <see cref="StateMap{TKey, TValue}.CreateSnapshot"/>.
    /// Keys and values are where they were: nothing is copied. A file of which nothing is in use any more is deleted meanwhile, and not
    /// used again, and its space comes back when the snapshot is disposed: so the map takes more space the more of it is replaced while
    /// there is a snapshot, up to all of it once more.</para>
    /// <para>Costs the making of an index, and an object for each file, of which there are 16 to 20 in most maps.</para>
    /// <para>Thread-safety: a call that writes. What it returns may be used by any thread.</para>
    /// </remarks>
    /// <exception cref="EstreamStorageException">The disk has no room for another index, or the device reported an error. Nothing
    /// changed.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only: only its writer can keep what it replaces. Enumerating
    /// needs no snapshot where it is enough that each entry is whole.</exception>
    public ByteMapSnapshot CreateSnapshot()
    {
        _ = Writable(default, default);
        MapSnapshot<nuint, nuint> hashes = _index.CreateSnapshot();
        return new ByteMapSnapshot(hashes, hashes.Count + _meta.Collisions, PinnedHeap.Of(this, _view), _hash, Directory);
    }

    internal void RequireOpen() => _ = Index;
}

using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

// Encryption: keys come from ByteMapOptions.Keys and are stored wrapped in map.keys.
public sealed partial class ByteMap
{
    /// <summary>Whether the entries are encrypted; see <see cref="ByteMapOptions.Keys"/>.</summary>
    public bool IsEncrypted => _keys is not null;

    /// <summary>
    /// Creates a new key for everything stored from now on. Existing entries keep their key until a compaction moves them, which seals
    /// them with the new key; <see cref="Compact"/> moves all of them, and then erases the keys that no entry needs.
    /// </summary>
    /// <returns>The number of the new key generation.</returns>
    /// <exception cref="InvalidOperationException">The map was opened read-only or is not encrypted, or has 4096 keys in
    /// use.</exception>
    /// <exception cref="EstreamKeyException">The ring does not open map.keys any more.</exception>
    /// <exception cref="EstreamStorageException">The new key could not be stored. The old key stays in use.</exception>
    /// <remarks>Thread-safety: that of a write. Costs one flush. Readers, in other processes too, need nothing: they find the new key in
    /// map.keys.</remarks>
    public int RotateKey()
    {
        _ = Writable(default, default);
        MapKeys keys = RequireKeys();
        int generation = (int)keys.Rotate(_heap!.KeyGenerations);

        // A segment has one key, so new blocks go to new segments.
        _heap.Close(all: true);
        return generation;
    }

    /// <summary>
    /// Wraps the keys of the map under the current master key of <see cref="ByteMapOptions.Keys"/>. Afterwards this map does not need the
    /// older master keys. Rewrites no entry.
    /// </summary>
    /// <returns>The number of keys.</returns>
    /// <exception cref="InvalidOperationException">The map is not encrypted.</exception>
    /// <exception cref="EstreamKeyException">The ring does not open all keys of the map.</exception>
    /// <exception cref="EstreamStorageException">The file could not be stored. The old file stays in use.</exception>
    /// <remarks>
    /// Thread-safe, also across processes, and allowed on a map that was opened read-only: it changes map.keys only. Costs one flush. First
    /// give all processes a key ring with both master keys.
    /// </remarks>
    public int RewrapKeys()
    {
        _ = Index;
        return RequireKeys().Rewrap();
    }

    private MapKeys RequireKeys() => _keys ?? throw new InvalidOperationException(
        $"The map '{Place}' is not encrypted, so it has no keys. Only a map that is created with ByteMapOptions.Keys is.");
}

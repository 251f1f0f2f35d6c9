using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

// Encryption: keys come from ByteMapOptions.Keys and are stored wrapped in map.keys.
public sealed partial class ByteMap
{
    /// <summary>Whether the entries are encrypted; see <see cref="ByteMapOptions.Keys"/>.</summary>
    public bool IsEncrypted => _keys is not null;

    /// <summary>
    /// Creates a new key, which encrypts all entries that are stored later. An existing entry keeps its key until a compaction moves the
    /// entry and encrypts it with the new key. <see cref="Compact"/> moves all entries, and then erases the keys that no entry needs.
    /// </summary>
    /// <returns>The number of the new key generation.</returns>
    /// <exception cref="InvalidOperationException">The map was opened read-only or is not encrypted, or has 4096 keys in
    /// use.</exception>
    /// <exception cref="EstreamKeyException">The ring cannot unwrap the keys in map.keys.</exception>
    /// <exception cref="EstreamStorageException">The new key could not be stored. The old key stays in use.</exception>
    /// <remarks>Thread-safe like a write. Costs one flush. Readers, also in other processes, find the new key in map.keys; they need no
    /// change.</remarks>
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
    /// Wraps the keys of the map under the current master key of <see cref="ByteMapOptions.Keys"/>. Then the map no longer
    /// needs older master keys. Rewrites no entry.
    /// </summary>
    /// <returns>The number of keys.</returns>
    /// <exception cref="InvalidOperationException">The map is not encrypted.</exception>
    /// <exception cref="EstreamKeyException">The ring cannot unwrap all keys of the map.</exception>
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

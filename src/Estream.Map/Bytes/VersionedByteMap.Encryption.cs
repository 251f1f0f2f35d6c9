using Estream.Core;

namespace Estream.Map;

public sealed partial class VersionedByteMap
{
    /// <summary>Creates a new key, which encrypts all entries that are stored later; see <see cref="ByteMap.RotateKey"/>.</summary>
    /// <returns>The number of the new key generation.</returns>
    /// <exception cref="InvalidOperationException">The map was opened read-only or is not encrypted.</exception>
    /// <exception cref="EstreamKeyException">The ring cannot unwrap the keys in map.keys.</exception>
    /// <exception cref="EstreamStorageException">The new key could not be stored. The old key stays in use.</exception>
    public int RotateKey() => _map.RotateKey();

    /// <summary>Wraps the keys of the map under the current master key of the ring; see <see cref="ByteMap.RewrapKeys"/>.</summary>
    /// <returns>The number of keys.</returns>
    /// <exception cref="InvalidOperationException">The map is not encrypted.</exception>
    /// <exception cref="EstreamKeyException">The ring cannot unwrap all keys of the map.</exception>
    /// <exception cref="EstreamStorageException">The file could not be stored. The old file stays in use.</exception>
    public int RewrapKeys() => _map.RewrapKeys();
}

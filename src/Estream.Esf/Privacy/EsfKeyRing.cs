using System.Diagnostics.CodeAnalysis;
using Estream.Crypto;
using Estream.Esf.Internal;

namespace Estream.Esf;

/// <summary>
/// The private keys of a reader. A message lists the ids of the keys it is sealed for, so a ring may hold the keys of several audiences,
/// and the current and previous keys of one audience. Messages sealed for previous keys stay readable as long as the ring has these keys.
/// Disposing overwrites the keys in memory.
/// </summary>
/// <remarks>Immutable, and thread-safe until disposed. Several readers may share a ring; dispose them before the ring.</remarks>
public sealed class EsfKeyRing : IDisposable
{
    private readonly Dictionary<ulong, MlKem1024PrivateKey> _keys = [];

    /// <summary>Creates a ring that owns the keys and disposes them. A key given twice counts once.</summary>
    /// <exception cref="ArgumentException">Two keys have the same 64-bit id by chance.</exception>
    public EsfKeyRing(params IEnumerable<MlKem1024PrivateKey> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        foreach (MlKem1024PrivateKey key in keys)
        {
            Add(key);
        }
    }

    /// <summary>The number of keys.</summary>
    public int Count => _keys.Count;

    /// <summary>Reads the files <c>NAME.key.pem</c> of a folder; the previous keys of an audience are <c>NAME.1.key.pem</c> and so on.
    /// Only the owner may have access to the files (mode 600 or 400).</summary>
    /// <param name="folder">The folder. A folder without such files gives an empty ring, which opens nothing.</param>
    /// <exception cref="EsfKeyException">A file name does not name an audience, or there are too many files.</exception>
    /// <exception cref="EstreamKeyFileException">A file does not contain an ML-KEM-1024 private key.</exception>
    /// <exception cref="Core.EstreamStorageException">The folder or a file is missing or cannot be read, or users other than the owner have
    /// access to a file.</exception>
    public static EsfKeyRing Load(string folder)
    {
        EsfKeyRing ring = new();
        try
        {
            foreach ((_, string path) in KeyFolder.Files(folder, KeyFolder.PrivateEnding))
            {
                ring.Add(MlKem1024KeyFile.ReadPrivate(path));
            }

            return ring;
        }
        catch
        {
            ring.Dispose();
            throw;
        }
    }

    /// <summary>Overwrites the keys. Idempotent.</summary>
    public void Dispose()
    {
        foreach (MlKem1024PrivateKey key in _keys.Values)
        {
            key.Dispose();
        }
    }

    /// <summary>Returns the number of keys, without key material.</summary>
    public override string ToString() => $"ring of {Count} keys";

    internal bool TryGet(ulong id, [NotNullWhen(true)] out MlKem1024PrivateKey? key) => _keys.TryGetValue(id, out key);

    private void Add(MlKem1024PrivateKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        ulong id = KeyEncryption.IdOf(key.PublicKey);
        if (_keys.TryAdd(id, key))
        {
            return;
        }

        byte[] known = new byte[MlKem1024.PublicKeyBytes];
        byte[] added = new byte[MlKem1024.PublicKeyBytes];
        _keys[id].PublicKey.Export(known);
        key.PublicKey.Export(added);
        if (!known.AsSpan().SequenceEqual(added))
        {
            throw new ArgumentException("Two keys of the ring have the same 64-bit id by chance. Generate one of them again.", nameof(key));
        }

        if (_keys[id] != key)
        {
            key.Dispose();
        }
    }
}

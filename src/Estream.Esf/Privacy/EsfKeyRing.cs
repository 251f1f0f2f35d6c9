using System.Diagnostics.CodeAnalysis;
using Estream.Crypto;
using Estream.Esf.Internal;

namespace Estream.Esf;

/// <summary>
/// The private keys a reader has. A message says by ids which keys it is sealed for, so a ring may hold keys of several audiences, and of
/// one audience the present key and those before: what was sealed under them stays readable for as long as they are kept. Disposing
/// overwrites the keys in memory.
/// </summary>
/// <remarks>Immutable, and thread-safe until it is disposed. One ring may serve many readers; keep it until they are disposed.</remarks>
public sealed class EsfKeyRing : IDisposable
{
    private readonly Dictionary<ulong, MlKem1024PrivateKey> _keys = [];

    /// <summary>A ring of keys, which it disposes with itself. The same key twice counts once.</summary>
    /// <exception cref="ArgumentException">Two keys have the same 64-bit id by chance.</exception>
    public EsfKeyRing(params IEnumerable<MlKem1024PrivateKey> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        foreach (MlKem1024PrivateKey key in keys)
        {
            Add(key);
        }
    }

    /// <summary>How many keys there are.</summary>
    public int Count => _keys.Count;

    /// <summary>Reads the files <c>NAME.key.pem</c> of a folder, and <c>NAME.1.key.pem</c> and so on for the keys an audience had before.
    /// Nobody but their owner may use them (mode 600 or 400).</summary>
    /// <param name="folder">The folder. One without such files gives an empty ring, to which everything is withheld.</param>
    /// <exception cref="EsfKeyException">A file is named after no audience, or there are too many.</exception>
    /// <exception cref="EstreamKeyFileException">A file holds no private key of ML-KEM-1024.</exception>
    /// <exception cref="Core.EstreamStorageException">The folder or a file is missing or may not be read, or others than its owner may use
    /// a file.</exception>
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

    /// <summary>How many keys there are, and nothing of them.</summary>
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
            throw new ArgumentException("Two keys of the ring have the same 64-bit id by chance: make one of them anew.", nameof(key));
        }

        if (_keys[id] != key)
        {
            key.Dispose();
        }
    }
}

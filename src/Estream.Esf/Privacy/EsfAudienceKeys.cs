using Estream.Crypto;
using Estream.Esf.Internal;
using Estream.Esf.Schema;

namespace Estream.Esf;

/// <summary>The public keys of audiences. Writers seal private values for these keys. Immutable and thread-safe.</summary>
/// <remarks>The ownership of a key is not checked. Distribute public keys so that they reach the writer unchanged.</remarks>
public sealed class EsfAudienceKeys
{
    private readonly Dictionary<string, MlKem1024PublicKey[]> _keys;

    private EsfAudienceKeys(Dictionary<string, MlKem1024PublicKey[]> keys)
    {
        _keys = keys;
    }

    /// <summary>No keys.</summary>
    public static EsfAudienceKeys None { get; } = new([]);

    /// <summary>The audiences that have a key, in no particular order.</summary>
    public IReadOnlyCollection<string> Audiences => _keys.Keys;

    /// <summary>
    /// Reads the files <c>NAME.pub.pem</c> of a folder. If an audience has several holders, each with a separate key, their files are
    /// <c>NAME.1.pub.pem</c> and so on.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="EsfKeyException">A file name does not name an audience, or there are too many files.</exception>
    /// <exception cref="EstreamKeyFileException">A file does not contain an ML-KEM-1024 public key.</exception>
    /// <exception cref="Core.EstreamStorageException">The folder or a file is missing or cannot be read.</exception>
    public static EsfAudienceKeys Load(string folder)
    {
        EsfAudienceKeys keys = None;
        foreach ((string audience, string path) in KeyFolder.Files(folder, KeyFolder.PublicEnding))
        {
            keys = keys.With(audience, MlKem1024KeyFile.ReadPublic(path));
        }

        return keys;
    }

    /// <summary>Returns these keys and one more key. An audience may have several keys.</summary>
    /// <param name="audience">The audience, as named in schemas.</param>
    /// <param name="key">The key to add.</param>
    /// <exception cref="ArgumentException">The audience already has as many keys as a message can be sealed for.</exception>
    public EsfAudienceKeys With(string audience, MlKem1024PublicKey key)
    {
        ArgumentException.ThrowIfNullOrEmpty(audience);
        ArgumentNullException.ThrowIfNull(key);
        MlKem1024PublicKey[] known = [.. Of(audience)];
        return known.Length < EsfLimits.MaxRecipients
            ? new EsfAudienceKeys(new Dictionary<string, MlKem1024PublicKey[]>(_keys) { [audience] = [.. known, key] })
            : throw new ArgumentException(
                $"Audience '{audience}' has {known.Length} keys, but a message can be sealed for at most {EsfLimits.MaxRecipients}.",
                nameof(audience));
    }

    /// <summary>Returns the keys of an audience; empty if it has none.</summary>
    public IReadOnlyList<MlKem1024PublicKey> Of(string audience) => _keys.GetValueOrDefault(audience) ?? [];

    /// <summary>Returns the names of the audiences, without key material.</summary>
    public override string ToString() => $"keys of {string.Join(", ", _keys.Keys.Order(StringComparer.Ordinal))}";
}

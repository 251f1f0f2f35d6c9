using Estream.Crypto;
using Estream.Esf.Internal;
using Estream.Esf.Schema;

namespace Estream.Esf;

/// <summary>The public keys of audiences, for who writes messages: whatever is private in them is sealed for these keys. Immutable and
/// thread-safe.</summary>
/// <remarks>Who owns a key is not checked: public keys have to reach the writer unchanged.</remarks>
public sealed class EsfAudienceKeys
{
    private readonly Dictionary<string, MlKem1024PublicKey[]> _keys;

    private EsfAudienceKeys(Dictionary<string, MlKem1024PublicKey[]> keys)
    {
        _keys = keys;
    }

    /// <summary>No keys.</summary>
    public static EsfAudienceKeys None { get; } = new([]);

    /// <summary>The audiences that have a key, in no order.</summary>
    public IReadOnlyCollection<string> Audiences => _keys.Keys;

    /// <summary>
    /// Reads the files <c>NAME.pub.pem</c> of a folder, and <c>NAME.1.pub.pem</c> and so on for audiences of several holders, each with a
    /// key of his own.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="EsfKeyException">A file is named after no audience, or there are too many.</exception>
    /// <exception cref="EstreamKeyFileException">A file holds no public key of ML-KEM-1024.</exception>
    /// <exception cref="Core.EstreamStorageException">The folder or a file is missing or may not be read.</exception>
    public static EsfAudienceKeys Load(string folder)
    {
        EsfAudienceKeys keys = None;
        foreach ((string audience, string path) in KeyFolder.Files(folder, KeyFolder.PublicEnding))
        {
            keys = keys.With(audience, MlKem1024KeyFile.ReadPublic(path));
        }

        return keys;
    }

    /// <summary>These keys and one more: of an audience that has one already it becomes another.</summary>
    /// <param name="audience">The audience as schemas name it.</param>
    /// <param name="key">Its key.</param>
    /// <exception cref="ArgumentException">The audience has as many keys as a message can be sealed for.</exception>
    public EsfAudienceKeys With(string audience, MlKem1024PublicKey key)
    {
        ArgumentException.ThrowIfNullOrEmpty(audience);
        ArgumentNullException.ThrowIfNull(key);
        MlKem1024PublicKey[] known = [.. Of(audience)];
        return known.Length < EsfLimits.MaxRecipients
            ? new EsfAudienceKeys(new Dictionary<string, MlKem1024PublicKey[]>(_keys) { [audience] = [.. known, key] })
            : throw new ArgumentException(
                $"Audience '{audience}' has {known.Length} keys, and a message is sealed for at most {EsfLimits.MaxRecipients}.",
                nameof(audience));
    }

    /// <summary>The keys of an audience; none where it has none.</summary>
    public IReadOnlyList<MlKem1024PublicKey> Of(string audience) => _keys.GetValueOrDefault(audience) ?? [];

    /// <summary>The audiences, and nothing of the keys.</summary>
    public override string ToString() => $"keys of {string.Join(", ", _keys.Keys.Order(StringComparer.Ordinal))}";
}

using System.Globalization;
using System.Text;
using Estream.Core;
using Estream.Crypto;

namespace Estream.Esf;

/// <summary>
/// The public keys that are trusted to sign messages, with the times at which each is trusted, for readers and for hosts that accept signed
/// messages only. Read from a text file; see docs/formats/esf.md, "Trusted keys". Immutable and thread-safe.
/// </summary>
/// <remarks>
/// A message does not name its key, so <see cref="Check"/> tries the keys one after another. Its cost grows with the number of keys, so a
/// file has at most <see cref="MaxKeys"/>.
/// </remarks>
public sealed class EsfTrustedKeys
{
    /// <summary>The maximum number of keys, so that a forged message costs at most this many verifications.</summary>
    public const int MaxKeys = 16;

    /// <summary>The maximum length of an id, in characters.</summary>
    public const int MaxIdLength = 64;

    private const string Header = "# estream trusted keys 1";
    private const string None = "-";
    private const int MaxBytes = 64 << 10;
    private const int LeastFields = 2;
    private const int MostFields = 4;

    private readonly EsfTrustedKey[] _keys;

    /// <summary>Creates a set of keys.</summary>
    /// <param name="keys">The keys, 1 to <see cref="MaxKeys"/>, in the order in which they are tried.</param>
    /// <exception cref="ArgumentException">There are no keys or too many; two have the same id or are the same key; or an id is
    /// invalid.</exception>
    public EsfTrustedKeys(IEnumerable<EsfTrustedKey> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        _keys = [.. keys];
        if (WhyNot(_keys) is { } reason)
        {
            throw new ArgumentException(reason, nameof(keys));
        }
    }

    /// <summary>The keys, in the order in which they are tried.</summary>
    public IReadOnlyList<EsfTrustedKey> Keys => _keys;

    /// <summary>Reads a file of trusted keys and the public key files that it names.</summary>
    /// <param name="path">The file. Its paths are relative to its folder.</param>
    /// <exception cref="EstreamStorageException">A file cannot be read.</exception>
    /// <exception cref="EstreamFormatException">A line is invalid, or a file has no ML-DSA-87 public key. The message has the
    /// line.</exception>
    public static EsfTrustedKeys Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        byte[] buffer = new byte[MaxBytes + 1];
        if (SecretFile.Read(path, "trusted key file", isSecret: false, buffer, out int length, out _) == SecretFileOutcome.TooLong)
        {
            throw new EstreamFormatException($"The trusted key file '{path}' has more than {MaxBytes} bytes.", path);
        }

        string[] lines = Encoding.UTF8.GetString(buffer.AsSpan(0, length)).Split('\n');
        if (lines[0].TrimEnd('\r') != Header)
        {
            throw new EstreamFormatException($"The first line of the trusted key file '{path}' is not '{Header}'.", path);
        }

        List<EsfTrustedKey> keys = [];
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        for (int number = 1; number < lines.Length; number++)
        {
            string line = lines[number].Trim();
            if (line.Length > 0 && line[0] != '#')
            {
                if (keys.Count == MaxKeys)
                {
                    throw Refuse(path, number + 1, $"is one key too many: the file may have {MaxKeys}");
                }

                keys.Add(ParseLine(line, folder, path, number + 1));
            }
        }

        return WhyNot(keys) is { } reason
            ? throw new EstreamFormatException($"The trusted key file '{path}' is invalid: {reason}", path)
            : new EsfTrustedKeys(keys);
    }

    /// <summary>Verifies the signature of a message with the keys that are trusted at a time. Allocates nothing in steady state. A message
    /// with a valid signature costs one verification for each key up to the signer's; a forged message one for each key of the
    /// file.</summary>
    /// <param name="schema">The schema, in any compatible version, with exactly one public <c>pq_signature</c> field outside
    /// objects.</param>
    /// <param name="message">The stored bytes of the message, of any content.</param>
    /// <param name="time">The time of the message, in nanoseconds since 1970-01-01 UTC: the time of arrival, or the time of the append of
    /// a message in a queue.</param>
    /// <exception cref="ArgumentException">The schema does not have exactly one such field.</exception>
    public EsfSignatureCheck Check(EsfSchema schema, ReadOnlySpan<byte> message, long time)
    {
        using SignedBytes signed = SignedBytes.Read(schema, message);
        if (signed.Outcome != EsfSignatureOutcome.Valid)
        {
            return new EsfSignatureCheck(signed.Outcome);
        }

        DateTimeOffset at = DateTimeOffset.UnixEpoch.AddTicks(time / TimeSpan.NanosecondsPerTick);
        foreach (EsfTrustedKey key in _keys)
        {
            if (key.IsTrusted(at) && signed.IsSignedBy(key.Key))
            {
                return new EsfSignatureCheck(EsfSignatureOutcome.Valid, key);
            }
        }

        // The other keys are tried only to tell a revoked key from an unknown one.
        foreach (EsfTrustedKey key in _keys)
        {
            if (!key.IsTrusted(at) && signed.IsSignedBy(key.Key))
            {
                return new EsfSignatureCheck(key.IsEarly(at) ? EsfSignatureOutcome.NotYetValid : EsfSignatureOutcome.Revoked, key);
            }
        }

        return new EsfSignatureCheck(EsfSignatureOutcome.NoTrustedKey);
    }

    private static EsfTrustedKey ParseLine(string line, string folder, string path, int number)
    {
        string[] fields = line.Split((char[])[' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length is < LeastFields or > MostFields)
        {
            throw Refuse(path, number, "needs an id, a public key file and, if wanted, the times valid-from and revoked-at");
        }

        if (fields[1].Contains('\0', StringComparison.Ordinal))
        {
            throw Refuse(path, number, "names a key file with a zero character");
        }

        try
        {
            return new EsfTrustedKey(fields[0], MlDsa87PublicKey.Load(Path.Combine(folder, fields[1])),
                ParseTime(fields, 2, path, number), ParseTime(fields, 3, path, number));
        }
        catch (EstreamInvalidKeyException refused)
        {
            throw Refuse(path, number, $"names '{fields[1]}', which has no ML-DSA-87 public key: {refused.Message}", refused);
        }
        catch (EstreamStorageException refused)
        {
            throw new EstreamStorageException(
                $"Line {number} of the trusted key file '{path}': {refused.Message}", refused.Path, refused.Reason, refused);
        }
    }

    private static DateTimeOffset? ParseTime(string[] fields, int index, string path, int number) =>
        fields.Length <= index || fields[index] == None ? null
        : DateTimeOffset.TryParseExact(fields[index], "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal, out DateTimeOffset time) ? time
        : throw Refuse(path, number, $"has the time '{fields[index]}'. Write a time such as 2026-11-01T00:00:00Z, or {None} for none");

    private static EstreamFormatException Refuse(string path, int number, string what, Exception? cause = null) =>
        new($"Line {number} of the trusted key file '{path}' {what}.", path, cause);

    private static string? WhyNot(IReadOnlyCollection<EsfTrustedKey> keys) =>
        keys.Count is 0 or > MaxKeys ? $"it has {keys.Count} keys; it needs 1 to {MaxKeys}."
        : keys.FirstOrDefault(key => !IsId(key.Id)) is { } odd
            ? $"'{odd.Id}' is not an id. An id has up to {MaxIdLength} letters, digits, '.', '_' and '-'."
        : keys.GroupBy(key => key.Id, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice
            ? $"the id '{twice.Key}' appears twice."
        : keys.GroupBy(key => Convert.ToHexString(key.Key.PublicKey.Span), StringComparer.Ordinal)
            .FirstOrDefault(group => group.Count() > 1) is { } same
            ? $"'{string.Join("' and '", same.Select(key => key.Id))}' are the same key."
        : null;

    private static bool IsId(string id) =>
        id.Length is > 0 and <= MaxIdLength && id.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-');
}

using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Estream.Wire.Mqtt.Internal;
using Estream.Wire.Mqtt.Internal.Authentication;

namespace Estream.Wire.Mqtt;

/// <summary>
/// Users of SCRAM-SHA-256, one `user:SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey` a line, in base64: the form PostgreSQL keeps them
/// in. Whoever reads it cannot log in, and can try passwords: others than its owner must not be able to. Immutable and thread-safe.
/// </summary>
public sealed class MqttScramFile
{
    private const string Algorithm = "SCRAM-SHA-256";
    private const int DefaultIterations = 210_000;
    private const int SaltBytes = 16;

    /// <summary>The most bytes that HKDF makes of one key.</summary>
    private const int MaxMadeSaltBytes = 255 * Scram.HashBytes;

    private const int MaxUsers = 1_000_000;
    private readonly Dictionary<string, ScramCredentials> _users;
    private readonly byte[] _disguise;
    private readonly (int Iterations, int SaltBytes)[] _shapes;

    private MqttScramFile(Dictionary<string, ScramCredentials> users, byte[] disguise)
    {
        _users = users;
        _disguise = disguise;
        _shapes = users.Count == 0
            ? [(DefaultIterations, SaltBytes)]
            : [.. users.Values.Select(user => (user.Iterations, Math.Min(user.Salt.Length, MaxMadeSaltBytes)))];
    }

    /// <summary>How many users there are.</summary>
    public int Count => _users.Count;

    /// <summary>Reads a file. Empty lines and lines that start with # are skipped.</summary>
    /// <exception cref="WireConfigurationException">
    /// It cannot be read, others than its owner may use it, it has more than a million users, or a line is not of the format; the line is
    /// named, not shown.
    /// </exception>
    public static MqttScramFile Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string[] lines = ConfiguredLines.Read("ScramFile", path, isSecret: true);
        Dictionary<string, ScramCredentials> users = new(StringComparer.Ordinal);
        for (int index = 0; index < lines.Length; index++)
        {
            string line = lines[index].Trim();
            if (line.Length > 0 && line[0] != '#')
            {
                int end = line.IndexOf(':', StringComparison.Ordinal);
                users[line[..Math.Max(end, 0)]] = end > 0 && Parse(line[(end + 1)..]) is { } user
                    ? user
                    : throw new WireConfigurationException(
                        "ScramFile",
                        $"line {index + 1} of {path} is not 'user:{Algorithm}$iterations:salt$StoredKey:ServerKey' with at least "
                        + $"{Scram.MinIterations} iterations.");
            }

            if (users.Count > MaxUsers)
            {
                throw new WireConfigurationException("ScramFile",
                    $"{path} has more than {MaxUsers} users; take those out that are not used.");
            }
        }

        // What users nobody knows are asked with must not change as long as the file does not.
        return new MqttScramFile(users, SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines))));
    }

    /// <summary>Makes the line of a user, with a fresh salt and 210,000 iterations.</summary>
    public static string CreateLine(string user, string password)
    {
        ArgumentException.ThrowIfNullOrEmpty(user);
        ArgumentNullException.ThrowIfNull(password);
        if (user.AsSpan().ContainsAny(":\r\n"))
        {
            throw new ArgumentException("A user name has no colon and no line break.", nameof(user));
        }

        byte[] salt = RandomNumberGenerator.GetBytes(SaltBytes);
        byte[] salted = Scram.SaltedPassword(Encoding.UTF8.GetBytes(password), salt, DefaultIterations);
        string storedKey = Convert.ToBase64String(SHA256.HashData(Scram.ClientKey(salted)));
        string serverKey = Convert.ToBase64String(Scram.ServerKey(salted));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{user}:{Algorithm}${DefaultIterations}:{Convert.ToBase64String(salt)}${storedKey}:{serverKey}");
    }

    /// <summary>Whether there is a user of this name.</summary>
    internal bool Has(string user) => _users.ContainsKey(user);

    /// <summary>Whether a user has the same line as in another file.</summary>
    internal bool HasSame(MqttScramFile? other, string user) => other is not null
        && _users.TryGetValue(user, out ScramCredentials? mine) && other._users.TryGetValue(user, out ScramCredentials? others)
        && mine.Iterations == others.Iterations && mine.Salt.AsSpan().SequenceEqual(others.Salt)
        && mine.StoredKey.AsSpan().SequenceEqual(others.StoredKey) && mine.ServerKey.AsSpan().SequenceEqual(others.ServerKey);

    /// <summary>What is kept of a user; for one nobody knows something that looks alike, so that names cannot be tried.</summary>
    internal ScramCredentials Find(string user)
    {
        if (_users.TryGetValue(user, out ScramCredentials? known))
        {
            return known;
        }

        // As much work and salt as one of those who are known has, by chance, but the same one each time.
        byte[] made = HMACSHA256.HashData(_disguise, Encoding.UTF8.GetBytes(user));
        (int iterations, int saltBytes) = _shapes[BinaryPrimitives.ReadUInt32LittleEndian(made) % (uint)_shapes.Length];
        byte[] salt = HKDF.Expand(HashAlgorithmName.SHA256, made, saltBytes, info: "salt"u8.ToArray());
        return new ScramCredentials(iterations, salt, made, made, IsKnown: false);
    }

    private static ScramCredentials? Parse(string text)
    {
        string[] parts = text.Split('$');
        string[] work = parts.Length == 3 ? parts[1].Split(':') : [];
        string[] keys = parts.Length == 3 ? parts[2].Split(':') : [];
        bool isValid = work.Length == 2 && keys.Length == 2 && parts[0] == Algorithm;
        return isValid
            && int.TryParse(work[0], NumberStyles.None, CultureInfo.InvariantCulture, out int iterations)
            && iterations is >= Scram.MinIterations and <= Scram.MaxIterations
            && Scram.BytesOf(work[1]) is { Length: > 0 } salt
            && Scram.BytesOf(keys[0]) is { Length: Scram.HashBytes } storedKey
            && Scram.BytesOf(keys[1]) is { Length: Scram.HashBytes } serverKey
            ? new ScramCredentials(iterations, salt, storedKey, serverKey, IsKnown: true)
            : null;
    }
}

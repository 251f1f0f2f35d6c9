using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Estream.Wire.Mqtt.Internal;
using Estream.Wire.Mqtt.Internal.Authentication;

namespace Estream.Wire.Mqtt;

/// <summary>
/// The users of SCRAM-SHA-256, one `user:SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey` per line, in base64. PostgreSQL stores them in
/// the same format. The file does not let a reader log in, but lets a reader try passwords offline, so only its owner may have access.
/// Immutable and thread-safe.
/// </summary>
public sealed class MqttScramFile
{
    private const string Algorithm = "SCRAM-SHA-256";
    private const int DefaultIterations = 210_000;
    private const int SaltBytes = 16;

    /// <summary>The maximum output length of one HKDF expansion, in bytes.</summary>
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

    /// <summary>The number of users.</summary>
    public int Count => _users.Count;

    /// <summary>Reads a file. Skips empty lines and lines that start with #.</summary>
    /// <exception cref="WireConfigurationException">
    /// The file cannot be read, others than its owner have access, it has more than a million users, or a line is not valid. The message
    /// gives the number of the line but not its text.
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
                    $"{path} has more than {MaxUsers} users. Remove unused users.");
            }
        }

        // Challenges for unknown users must stay the same as long as the file does, so their key is a hash of the file.
        return new MqttScramFile(users, SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines))));
    }

    /// <summary>Creates the line of a user, with a new salt and 210,000 iterations.</summary>
    public static string CreateLine(string user, string password)
    {
        ArgumentException.ThrowIfNullOrEmpty(user);
        ArgumentNullException.ThrowIfNull(password);
        if (user.AsSpan().ContainsAny(":\r\n"))
        {
            throw new ArgumentException("A user name must not contain a colon or a line break.", nameof(user));
        }

        byte[] salt = RandomNumberGenerator.GetBytes(SaltBytes);
        byte[] salted = Scram.SaltedPassword(Encoding.UTF8.GetBytes(password), salt, DefaultIterations);
        string storedKey = Convert.ToBase64String(SHA256.HashData(Scram.ClientKey(salted)));
        string serverKey = Convert.ToBase64String(Scram.ServerKey(salted));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{user}:{Algorithm}${DefaultIterations}:{Convert.ToBase64String(salt)}${storedKey}:{serverKey}");
    }

    /// <summary>Whether a user of this name exists.</summary>
    internal bool Has(string user) => _users.ContainsKey(user);

    /// <summary>Whether the line of a user is the same in another file.</summary>
    internal bool HasSame(MqttScramFile? other, string user) => other is not null
        && _users.TryGetValue(user, out ScramCredentials? mine) && other._users.TryGetValue(user, out ScramCredentials? others)
        && mine.Iterations == others.Iterations && mine.Salt.AsSpan().SequenceEqual(others.Salt)
        && mine.StoredKey.AsSpan().SequenceEqual(others.StoredKey) && mine.ServerKey.AsSpan().SequenceEqual(others.ServerKey);

    /// <summary>Returns the credentials of a user. For an unknown user, returns look-alike credentials, so that names cannot be
    /// probed.</summary>
    internal ScramCredentials Find(string user)
    {
        if (_users.TryGetValue(user, out ScramCredentials? known))
        {
            return known;
        }

        // The iterations and the salt length are copied from a known user, who is chosen pseudorandomly but always the same for this name.
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

using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Estream.Wire.Mqtt.Internal;

namespace Estream.Wire.Mqtt;

/// <summary>
/// The users and their hashed passwords, one `user:$7$iterations$salt$hash` per line: PBKDF2 with HMAC-SHA-512, salt and hash in base64.
/// Files written by mosquitto_passwd have this format and can be used unchanged. Thread-safe.
/// </summary>
/// <remarks>
/// The cost of a check grows with the iterations, so the file remembers each correct password as a keyed hash. A thousand devices that
/// reconnect at once need no thousand derivations. A wrong password always costs its full derivation.
/// </remarks>
public sealed class MqttPasswordFile
{
    private const string Algorithm = "7";
    private const int DefaultIterations = 210_000;
    private const int MaxIterations = 10_000_000;
    private const int SaltBytes = 16;
    private const int HashBytes = 64;
    private const int MaxUsers = 1_000_000;

    private readonly Dictionary<string, Entry> _entries;
    private readonly byte[] _cacheKey = RandomNumberGenerator.GetBytes(32);
    private readonly ConcurrentDictionary<string, byte[]> _known = new(StringComparer.Ordinal);
    private readonly Entry _nobody;
    private long _iterationsSpent;

    private MqttPasswordFile(Dictionary<string, Entry> entries)
    {
        _entries = entries;
        int iterations = entries.Count == 0 ? DefaultIterations : entries.Values.Max(entry => entry.Iterations);
        _nobody = new Entry(iterations, RandomNumberGenerator.GetBytes(SaltBytes), RandomNumberGenerator.GetBytes(HashBytes));
    }

    /// <summary>The total number of iterations that all checks so far have run.</summary>
    internal long IterationsSpent => Interlocked.Read(ref _iterationsSpent);

    /// <summary>The number of users.</summary>
    public int Count => _entries.Count;

    /// <summary>Reads a file. Skips empty lines and lines that start with #.</summary>
    /// <exception cref="WireConfigurationException">
    /// The file cannot be read, others than its owner have access, it has more than a million users, or a line is not valid. The message
    /// gives the number of the line but not its text.
    /// </exception>
    public static MqttPasswordFile Load(string path)
    {
        return Load(path, MaxUsers);
    }

    internal static MqttPasswordFile Load(string path, int maxUsers)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string[] lines = ConfiguredLines.Read("PasswordFile", path, isSecret: true);
        Dictionary<string, Entry> entries = new(StringComparer.Ordinal);
        for (int index = 0; index < lines.Length; index++)
        {
            string line = lines[index].Trim();
            if (line.Length > 0 && line[0] != '#')
            {
                int end = line.IndexOf(':', StringComparison.Ordinal);
                entries[line[..Math.Max(end, 0)]] = Entry.Parse(line[(end + 1)..]) is { } entry && end > 0
                    ? entry
                    : throw new WireConfigurationException(
                        "PasswordFile",
                        $"line {index + 1} of {path} is not 'user:$7$iterations$salt$hash'. Write it with mosquitto_passwd (2.0 or "
                        + "later).");
            }

            if (entries.Count > maxUsers)
            {
                throw new WireConfigurationException("PasswordFile",
                    $"{path} has more than {maxUsers} users. Remove unused users.");
            }
        }

        return new MqttPasswordFile(entries);
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

        return $"{user}:{Entry.Create(password, DefaultIterations)}";
    }

    /// <summary>
    /// Whether the password of a user is correct. A wrong password takes as long as the line with the most iterations, even for an unknown
    /// user. A correct password takes as long as the line of its user, or microseconds if it was verified before.
    /// </summary>
    public bool Verify(string user, ReadOnlySpan<byte> password)
    {
        if (IsKnown(user, password))
        {
            return true;
        }

        bool isUser = _entries.TryGetValue(user, out Entry? entry);
        bool isRight = Matches(entry ?? _nobody, password) && isUser;
        if (isRight)
        {
            _known[user] = HMACSHA256.HashData(_cacheKey, password);
        }

        return isRight;
    }

    /// <summary>Whether a user of this name exists.</summary>
    internal bool Has(string user) => _entries.ContainsKey(user);

    /// <summary>Whether the line of a user is the same in another file.</summary>
    internal bool HasSame(MqttPasswordFile? other, string user) => other is not null
        && _entries.TryGetValue(user, out Entry? mine) && other._entries.TryGetValue(user, out Entry? others)
        && mine.Iterations == others.Iterations && mine.Salt.AsSpan().SequenceEqual(others.Salt)
        && mine.Hash.AsSpan().SequenceEqual(others.Hash);

    /// <summary>Copies the remembered passwords of users whose lines are unchanged, so that a fleet that reconnects after a change needs no
    /// new derivations.</summary>
    internal void RememberFrom(MqttPasswordFile earlier)
    {
        earlier._cacheKey.CopyTo(_cacheKey.AsSpan());
        foreach ((string user, byte[] known) in earlier._known)
        {
            if (HasSame(earlier, user))
            {
                _known[user] = known;
            }
        }
    }

    /// <summary>Whether this password was verified for this user before. Takes microseconds.</summary>
    internal bool IsKnown(string user, ReadOnlySpan<byte> password)
    {
        Span<byte> seen = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_cacheKey, password, seen);
        return _known.TryGetValue(user, out byte[]? known) && CryptographicOperations.FixedTimeEquals(known, seen);
    }

    private bool Matches(Entry entry, ReadOnlySpan<byte> password)
    {
        bool isRight = entry.Matches(password);
        int rest = isRight ? 0 : _nobody.Iterations - entry.Iterations;
        if (rest > 0)
        {
            // A line with fewer iterations would be refused faster, which would reveal that its user exists. So every refusal costs as much
            // as the refusal of an unknown user. A correct password is not padded, so that a fleet with few iterations logs in quickly.
            Span<byte> waste = stackalloc byte[HashBytes];
            Rfc2898DeriveBytes.Pbkdf2(password, entry.Salt, waste, rest, HashAlgorithmName.SHA512);
        }

        Interlocked.Add(ref _iterationsSpent, entry.Iterations + rest);
        return isRight;
    }

    private sealed record Entry(int Iterations, byte[] Salt, byte[] Hash)
    {
        public static Entry Create(string password, int iterations)
        {
            byte[] salt = RandomNumberGenerator.GetBytes(SaltBytes);
            byte[] hash = Rfc2898DeriveBytes.Pbkdf2(
                Encoding.UTF8.GetBytes(password), salt, iterations, HashAlgorithmName.SHA512, HashBytes);
            return new Entry(iterations, salt, hash);
        }

        public static Entry? Parse(string text)
        {
            string[] parts = text.Split('$');
            byte[] salt = new byte[text.Length];
            byte[] hash = new byte[text.Length];
            bool isValid = parts.Length == 5
                && parts[0].Length == 0
                && parts[1] == Algorithm
                && int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out int iterations)
                && iterations is > 0 and <= MaxIterations
                && Convert.TryFromBase64String(parts[3], salt, out int saltBytes)
                && Convert.TryFromBase64String(parts[4], hash, out int hashBytes)
                && saltBytes > 0
                && hashBytes == HashBytes;
            return isValid
                ? new Entry(
                    int.Parse(parts[2], CultureInfo.InvariantCulture),
                    Convert.FromBase64String(parts[3]),
                    Convert.FromBase64String(parts[4]))
                : null;
        }

        public bool Matches(ReadOnlySpan<byte> password)
        {
            Span<byte> derived = stackalloc byte[HashBytes];
            Rfc2898DeriveBytes.Pbkdf2(password, Salt, derived, Iterations, HashAlgorithmName.SHA512);
            return CryptographicOperations.FixedTimeEquals(derived, Hash);
        }

        public override string ToString()
        {
            return $"${Algorithm}${Iterations}${Convert.ToBase64String(Salt)}${Convert.ToBase64String(Hash)}";
        }
    }
}

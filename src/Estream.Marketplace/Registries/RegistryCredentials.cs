using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Estream.Core;
using Estream.Marketplace.Json;

namespace Estream.Marketplace.Registries;

/// <summary>
/// The credentials of a user for web registries, in a file that only its owner can access. Each is a bearer token (RFC 6750) with an
/// expiry, sent only to its origin, and over plain http only to this machine.
/// </summary>
/// <remarks>
/// Thread-safe, and safe across processes: one process at a time changes the file, and replaces it atomically. Tokens never appear in
/// messages or lists. The file is canonical JSON: <c>type</c> (<c>credentials</c>), <c>version</c> (1), <c>credentials</c>: objects of
/// <c>origin</c>, <c>token</c>, <c>expires</c>.
/// </remarks>
public sealed class RegistryCredentials
{
    /// <summary>The maximum number of characters in a token.</summary>
    public const int MaxTokenLength = 4096;

    /// <summary>The maximum number of credentials of a user.</summary>
    public const int MaxCredentials = 128;

    private const string What = "credentials file";
    private const int MaxBytes = 1 << 20;

    private readonly string _file;
    private readonly IClock _clock;

    /// <summary>Creates an instance for a credentials file.</summary>
    /// <param name="file">The file; need not exist.</param>
    /// <param name="clock">The clock for the expiry of credentials.</param>
    public RegistryCredentials(string file, IClock clock)
    {
        ArgumentException.ThrowIfNullOrEmpty(file);
        ArgumentNullException.ThrowIfNull(clock);
        (_file, _clock) = (Path.GetFullPath(file), clock);
    }

    /// <summary>Returns the origin of an address, or null if no credentials are sent to it because it is neither https nor http on this
    /// machine.</summary>
    /// <param name="address">The address.</param>
    public static string? OriginOf(Uri address)
    {
        ArgumentNullException.ThrowIfNull(address);
        bool isSafe = address.IsAbsoluteUri
            && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback));
        return isSafe ? address.GetLeftPart(UriPartial.Authority).Replace($"{address.UserInfo}@", "", StringComparison.Ordinal) : null;
    }

    /// <summary>Returns whether a text is a valid token: printable ASCII without spaces.</summary>
    /// <param name="token">The text.</param>
    public static bool IsToken([NotNullWhen(true)] string? token) =>
        token is { Length: > 0 and <= MaxTokenLength } && token.All(character => character is > ' ' and <= '~');

    /// <summary>Returns the token for an address, or null if there is none.</summary>
    /// <param name="address">The requested address.</param>
    /// <exception cref="EstreamRegistryException">The token has expired (<see cref="RegistryFault.Forbidden"/>).</exception>
    /// <exception cref="EstreamException">Other users can access the file, or it cannot be read or is damaged.</exception>
    public string? Find(Uri address)
    {
        if (OriginOf(address) is not { } origin || !Read().TryGetValue(origin, out (string Token, DateTimeOffset Expires) entry))
        {
            return null;
        }

        return entry.Expires > JsonTime.Now(_clock) ? entry.Token : throw new EstreamRegistryException(
            RegistryFault.Forbidden,
            $"The credential for {origin} expired at {JsonTime.Write(entry.Expires)}. Get a new one and run 'estream marketplace "
            + $"login {origin}', or remove it with 'estream marketplace logout {origin}'.", origin);
    }

    /// <summary>Lists the credentials, ordered by origin.</summary>
    /// <exception cref="EstreamException">Other users can access the file, or it cannot be read or is damaged.</exception>
    public IReadOnlyList<RegistryCredential> List() => [.. Read().Select(entry => new RegistryCredential(entry.Key, entry.Value.Expires))];

    /// <summary>Saves the token of an origin, replacing an existing one.</summary>
    /// <param name="origin">An origin returned by <see cref="OriginOf"/>.</param>
    /// <param name="token">The token.</param>
    /// <param name="expires">When the token expires; it is not sent afterwards.</param>
    /// <exception cref="ArgumentException">The token is not valid, or the maximum number of credentials is exceeded.</exception>
    /// <exception cref="EstreamException">The storage reports an error, or the existing file is damaged.</exception>
    public void Save(string origin, string token, DateTimeOffset expires)
    {
        ArgumentException.ThrowIfNullOrEmpty(origin);
        if (!IsToken(token))
        {
            throw new ArgumentException($"The token must have 1 to {MaxTokenLength} printable ASCII characters without spaces.",
                nameof(token));
        }

        Change(entries => entries[origin] = (token, expires));
    }

    /// <summary>Removes the token of an origin.</summary>
    /// <param name="origin">An origin returned by <see cref="OriginOf"/>.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="EstreamException">The storage reports an error, or the existing file is damaged.</exception>
    public bool Remove(string origin)
    {
        ArgumentException.ThrowIfNullOrEmpty(origin);
        bool isThere = false;
        Change(entries => isThere = entries.Remove(origin));
        return isThere;
    }

    private SortedDictionary<string, (string Token, DateTimeOffset Expires)> Read()
    {
        SortedDictionary<string, (string Token, DateTimeOffset Expires)> entries = new(StringComparer.Ordinal);
        if (!File.Exists(_file))
        {
            return entries;
        }

        byte[] buffer = new byte[MaxBytes + 1];
        try
        {
            SecretFileOutcome outcome = SecretFile.Read(_file, What, isSecret: true, buffer, out int length, out UnixFileMode mode);
            if (outcome == SecretFileOutcome.OthersMayUse)
            {
                throw new EstreamStorageException(
                    $"Users other than the owner can access the {What} '{_file}' (mode {Convert.ToString((int)mode, 8)}). Run 'chmod 600' "
                    + "on it, and get new credentials if someone may have read it.", _file, StorageFailure.AccessDenied);
            }

            if (outcome == SecretFileOutcome.TooLong || !TryRead(buffer.AsSpan(0, length), entries))
            {
                throw new EstreamCorruptionException($"The {What} '{_file}' is damaged. Delete it, and log in again.", _file);
            }

            return entries;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer);
        }
    }

    private static bool TryRead(ReadOnlySpan<byte> bytes, SortedDictionary<string, (string Token, DateTimeOffset Expires)> entries)
    {
        if (!StrictJsonReader.TryReadCanonical(bytes, new JsonLimits(MaxBytes, 3), out JsonValue? value, out _))
        {
            return false;
        }

        JsonFields fields = new(value);
        fields.OneOf("type", "credentials");
        fields.Integer("version", 1, 1);
        foreach (JsonFields member in fields.Objects("credentials", MaxCredentials))
        {
            entries[member.Text("origin", 512)] = (member.Text("token", MaxTokenLength), member.Time("expires"));
        }

        return fields.End() is null && entries.Values.All(entry => IsToken(entry.Token));
    }

    private void Change(Action<SortedDictionary<string, (string Token, DateTimeOffset Expires)>> change)
    {
        string folder = Path.GetDirectoryName(_file)!, next = _file + ".new";
        FileStorage.Instance.CreateDirectory(folder);
        using IDisposable held = TimedLock.Take(FileStorage.Instance, _file + ".lock");
        SortedDictionary<string, (string Token, DateTimeOffset Expires)> entries = Read();
        change(entries);
        if (entries.Count > MaxCredentials)
        {
            throw new ArgumentException($"The limit of {MaxCredentials} credentials is reached. Remove one first.", nameof(change));
        }

        byte[] bytes = CanonicalJson.Write(new JsonObject
        {
            { "type", "credentials" }, { "version", 1 },
            { "credentials",
                JsonArray.Of(
                    entries.Select(entry =>
                        (JsonValue)new JsonObject
                        {
                            { "origin", entry.Key },
                            { "token", entry.Value.Token },
                            { "expires", JsonTime.Write(entry.Value.Expires) },
                        })) },
        });
        try
        {
            // Removes the temporary file of a process that was killed before the rename.
            File.Delete(next);
            SecretFile.Create(next, What, isSecret: true, bytes);
            FileStorage.Instance.Rename(next, _file);
            FileStorage.Instance.SyncDirectory(folder);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }
}

/// <summary>The origin and expiry of a credential, without its token.</summary>
/// <param name="Origin">Scheme, host and port: <c>https://components.example.org</c>.</param>
/// <param name="Expires">When the credential expires; it is not sent afterwards.</param>
public sealed record RegistryCredential(string Origin, DateTimeOffset Expires);

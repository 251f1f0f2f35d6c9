using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Estream.Core;
using Estream.Marketplace.Json;

namespace Estream.Marketplace.Registries;

/// <summary>
/// The credentials of a user for registries behind web servers: a file that nobody but its owner may use. Each is a bearer token (RFC 6750)
/// of one origin and has an end; it is given for addresses of that origin alone, and never for one over plain http but on this machine.
/// </summary>
/// <remarks>
/// Thread-safe, and safe with other processes: one at a time changes the file, which is replaced whole. Tokens are in no message and in no
/// list. The file is canonical JSON: <c>type</c> (<c>credentials</c>), <c>version</c> (1), <c>credentials</c>: objects of <c>origin</c>,
/// <c>token</c>, <c>expires</c>.
/// </remarks>
public sealed class RegistryCredentials
{
    /// <summary>Most characters of a token.</summary>
    public const int MaxTokenLength = 4096;

    /// <summary>Most credentials of a user.</summary>
    public const int MaxCredentials = 128;

    private const string What = "file of credentials";
    private const int MaxBytes = 1 << 20;

    private readonly string _file;
    private readonly IClock _clock;

    /// <summary>The credentials in a file.</summary>
    /// <param name="file">The file, which need not be there.</param>
    /// <param name="clock">Tells whether one still counts.</param>
    public RegistryCredentials(string file, IClock clock)
    {
        ArgumentException.ThrowIfNullOrEmpty(file);
        ArgumentNullException.ThrowIfNull(clock);
        (_file, _clock) = (Path.GetFullPath(file), clock);
    }

    /// <summary>The origin of an address, or null where no credential is sent to it: it is none of https, nor of http on this
    /// machine.</summary>
    /// <param name="address">The address.</param>
    public static string? OriginOf(Uri address)
    {
        ArgumentNullException.ThrowIfNull(address);
        bool isSafe = address.IsAbsoluteUri
            && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback));
        return isSafe ? address.GetLeftPart(UriPartial.Authority).Replace($"{address.UserInfo}@", "", StringComparison.Ordinal) : null;
    }

    /// <summary>Whether a text can be a token: printable ASCII without spaces.</summary>
    /// <param name="token">The text.</param>
    public static bool IsToken([NotNullWhen(true)] string? token) =>
        token is { Length: > 0 and <= MaxTokenLength } && token.All(character => character is > ' ' and <= '~');

    /// <summary>The token for an address, or null where there is none.</summary>
    /// <param name="address">What is asked for.</param>
    /// <exception cref="EstreamRegistryException">Its time has run out (<see cref="RegistryFault.Forbidden"/>).</exception>
    /// <exception cref="EstreamException">Others may use the file, or it cannot be read or is damaged.</exception>
    public string? Find(Uri address)
    {
        if (OriginOf(address) is not { } origin || !Read().TryGetValue(origin, out (string Token, DateTimeOffset Expires) entry))
        {
            return null;
        }

        return entry.Expires > JsonTime.Now(_clock) ? entry.Token : throw new EstreamRegistryException(
            RegistryFault.Forbidden,
            $"The credential for {origin} counted until {JsonTime.Write(entry.Expires)}. Get a new one, and give it to 'estream "
            + $"marketplace login {origin}'; or forget it with 'estream marketplace logout {origin}'.", origin);
    }

    /// <summary>What there is, in the order of the origins.</summary>
    /// <exception cref="EstreamException">Others may use the file, or it cannot be read or is damaged.</exception>
    public IReadOnlyList<RegistryCredential> List() => [.. Read().Select(entry => new RegistryCredential(entry.Key, entry.Value.Expires))];

    /// <summary>Keeps a token in the place of the one of its origin, if there is one.</summary>
    /// <param name="origin">Of <see cref="OriginOf"/>.</param>
    /// <param name="token">The token.</param>
    /// <param name="expires">From when on it is not sent any more.</param>
    /// <exception cref="ArgumentException">It is no token, or there are as many as there may be.</exception>
    /// <exception cref="EstreamException">The storage refused, or what is there is damaged.</exception>
    public void Save(string origin, string token, DateTimeOffset expires)
    {
        ArgumentException.ThrowIfNullOrEmpty(origin);
        if (!IsToken(token))
        {
            throw new ArgumentException($"A token has 1 to {MaxTokenLength} printable ASCII characters without spaces.", nameof(token));
        }

        Change(entries => entries[origin] = (token, expires));
    }

    /// <summary>Forgets the token of an origin.</summary>
    /// <param name="origin">Of <see cref="OriginOf"/>.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="EstreamException">The storage refused, or what is there is damaged.</exception>
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
                    $"Others than its owner may use the {What} '{_file}' (mode {Convert.ToString((int)mode, 8)}). Make it 'chmod 600', "
                    + "and get new credentials if somebody may have read it.", _file, StorageFailure.AccessDenied);
            }

            if (outcome == SecretFileOutcome.TooLong || !TryRead(buffer.AsSpan(0, length), entries))
            {
                throw new EstreamCorruptionException($"The {What} '{_file}' was damaged. Remove it, and log in again.", _file);
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
            throw new ArgumentException($"There are {MaxCredentials} credentials, and no more are kept. Forget one first.", nameof(change));
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
            // What a process left that was killed between the two is not what counts.
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

/// <summary>That there is a credential for the registries of an origin; the credential itself is not in it.</summary>
/// <param name="Origin">Scheme, host and port: <c>https://components.example.org</c>.</param>
/// <param name="Expires">From when on it is not sent any more.</param>
public sealed record RegistryCredential(string Origin, DateTimeOffset Expires);

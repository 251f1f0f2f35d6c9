using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Estream.Core;
using Estream.Core.Internal;

namespace Estream.Crypto;

/// <summary>
/// The access tokens of a host: a text file, mode 600, with one line for each token. A line has seven fields, separated by tabs: id; role
/// and scopes, separated by spaces; time of creation and of expiry (seconds since 1970 UTC, 0 for never); SHA-256 of the token in
/// hexadecimal; grants, separated by spaces; name. The first line is <c># estream tokens 2</c>. Files of format 1, which have no grants,
/// are read too. See docs/guides/operating/secure.md.
/// </summary>
/// <remarks>
/// A token contains 32 random bytes, which cannot be guessed, so a plain hash is enough. Instances are immutable and thread-safe; changes
/// go to the file, under a lock file next to it.
/// </remarks>
public sealed class AccessTokenFile
{
    /// <summary>The longest name of a token, in characters.</summary>
    public const int MaxNameLength = 64;

    private const string Header = "# estream tokens 2";
    private const string FirstHeader = "# estream tokens 1";
    private const string AnyHeader = "# estream tokens ";
    private const string Prefix = "est_";
    private const string NextSuffix = ".new";
    private const string LockSuffix = ".lock";
    private const int IdBytes = 4;
    private const int SecretBytes = 32;
    private const int Fields = 7;
    private const int FirstFields = 6;
    private const int MaxBytes = 1 << 20;

    private static readonly long s_maxUnixSeconds = DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    private readonly List<(AccessToken Token, byte[] Hash)> _tokens;

    private AccessTokenFile(List<(AccessToken Token, byte[] Hash)> tokens)
    {
        _tokens = tokens;
    }

    /// <summary>A file without tokens.</summary>
    public static AccessTokenFile Empty { get; } = new([]);

    /// <summary>The tokens, in the order of their creation; expired ones are included.</summary>
    public IReadOnlyList<AccessToken> Tokens => [.. _tokens.Select(entry => entry.Token)];

    /// <summary>Reads a file; a file that does not exist contains no tokens.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="EstreamStorageException">The file cannot be read, or users other than its owner have access.</exception>
    /// <exception cref="EstreamCorruptionException">A line is not a token.</exception>
    public static AccessTokenFile Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
        {
            return Empty;
        }

        return Parse(SecretFile.ReadText(path, "token file", MaxBytes), path);
    }

    /// <summary>Creates a token and adds it to a file, which is created if it does not exist.</summary>
    /// <param name="path">The file.</param>
    /// <param name="name">The name; may be empty. Must differ from the names and ids of all valid tokens, because cursors and consumer
    /// groups belong to token names. For the same reason, no valid token may have this name followed by a dot and more text, or a part
    /// of this name before a dot.</param>
    /// <param name="role">The role; not <see cref="AccessRole.None"/>.</param>
    /// <param name="lifetime">The time until it expires; <see langword="null"/> for never.</param>
    /// <param name="now">The current time.</param>
    /// <param name="scopes">The queues and maps that the token reaches; <see langword="null"/> for all.</param>
    /// <param name="grants">The marketplace rights; <see langword="null"/> for none. A token with grants expires within
    /// <see cref="AccessGrants.MaxLifetime"/>.</param>
    /// <returns>The token. It is not stored anywhere, and cannot be read back.</returns>
    /// <exception cref="ArgumentException">The name is in use (or the part before a dot, or the name with a dot and more), is too long
    /// or has control characters, the role is None, the lifetime is not positive or too long for the grants, or the scopes need a higher
    /// role.</exception>
    /// <exception cref="EstreamException">The file cannot be read or written.</exception>
    public static string Create(
        string path, string name, AccessRole role, TimeSpan? lifetime, DateTimeOffset now, AccessScopes? scopes = null,
        AccessGrants? grants = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length > MaxNameLength || name.Any(char.IsControl))
        {
            throw new ArgumentException($"The name must have at most {MaxNameLength} characters and no control characters.", nameof(name));
        }

        if (role is AccessRole.None || !Enum.IsDefined(role))
        {
            throw new ArgumentException("A token needs a role: Metrics, Viewer, Operator, Developer or Admin.", nameof(role));
        }

        if (scopes is { HasChanges: true } && role < AccessRole.Operator)
        {
            throw new ArgumentException("The rights append and write need the role operator.", nameof(scopes));
        }

        if (lifetime <= TimeSpan.Zero)
        {
            throw new ArgumentException("The lifetime must be positive.", nameof(lifetime));
        }

        if (grants is { IsEmpty: false } && !(lifetime <= AccessGrants.MaxLifetime))
        {
            throw new ArgumentException($"A token with grants expires within {AccessGrants.MaxLifetime.Days} days. Set a lifetime.",
                nameof(lifetime));
        }

        string id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes));
        string secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
        string token = $"{Prefix}{id}_{secret}";
        DateTimeOffset created = DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds());
        AccessToken entry = new(id, name, role, created, lifetime is { } time ? created + time : null)
        {
            Scopes = scopes ?? AccessScopes.All,
            Grants = grants ?? AccessGrants.None,
        };
        Change(path, file => file.Tokens.FirstOrDefault(other => IsNamed(other, name) && !(other.ExpiresAt <= now)) is { } taken
            ? throw new ArgumentException($"The token file '{path}' has a valid token named '{name}' (id {taken.Id}), and its cursors and "
                + $"consumer groups belong to the name. Use another name, or remove the token: estream token revoke {name}")
            : file.Tokens.FirstOrDefault(other => IsNested(other, name) && !(other.ExpiresAt <= now)) is { } near
            ? throw new ArgumentException($"The token file '{path}' has a valid token named '{KnownName(near)}'. A token reaches the "
                + $"cursors and consumer groups whose names begin with its own name and a dot, so one of '{KnownName(near)}' "
                + $"and '{name}' would reach those of the other. Use another name.")
            : [.. file._tokens, (entry, HashOf(token))]);
        return token;
    }

    /// <summary>Removes tokens from a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="idOrName">The id of a token, or the name of one or more.</param>
    /// <returns>The tokens that were removed; none if no token has this id or name.</returns>
    /// <exception cref="EstreamException">The file cannot be read or written.</exception>
    public static IReadOnlyList<AccessToken> Revoke(string path, string idOrName)
    {
        ArgumentException.ThrowIfNullOrEmpty(idOrName);
        List<AccessToken> removed = [];
        if (File.Exists(path))
        {
            Change(path, file =>
            {
                removed = [.. file.Tokens.Where(token => token.Id == idOrName || token.Name == idOrName)];
                return [.. file._tokens.Where(entry => !removed.Contains(entry.Token))];
            });
        }

        return removed;
    }

    /// <summary>Finds the token that a client presents.</summary>
    /// <param name="presented">The presented text.</param>
    /// <param name="now">The current time; an expired token is not found.</param>
    /// <param name="token">The token found; <see langword="null"/> if none was.</param>
    /// <remarks>Hashes are compared in constant time.</remarks>
    public bool TryFind(string presented, DateTimeOffset now, [NotNullWhen(true)] out AccessToken? token)
    {
        ArgumentNullException.ThrowIfNull(presented);
        byte[] hash = HashOf(presented);
        token = null;
        foreach ((AccessToken candidate, byte[] expected) in _tokens)
        {
            bool isIt = CryptographicOperations.FixedTimeEquals(hash, expected);
            token = isIt && !(candidate.ExpiresAt <= now) ? candidate : token;
        }

        return token is not null;
    }

    // A token without a name is known by its id.
    private static bool IsNamed(AccessToken token, string name) => name.Length > 0 && (token.Name == name || token.Id == name);

    // Whether one of the names is the other name followed by a dot and more text.
    private static bool IsNested(AccessToken token, string name) =>
        name.Length > 0
        && (name.StartsWith(KnownName(token) + ".", StringComparison.Ordinal)
            || KnownName(token).StartsWith(name + ".", StringComparison.Ordinal));

    private static string KnownName(AccessToken token) => token.Name.Length > 0 ? token.Name : token.Id;

    private static byte[] HashOf(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    private static void Change(string path, Func<AccessTokenFile, List<(AccessToken Token, byte[] Hash)>> change)
    {
        // The system releases the lock of a process that is killed. The file stays: who deletes it could delete the lock of another.
        string next = path + NextSuffix;
        try
        {
            using FileStream changing = new(path + LockSuffix, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            StringBuilder text = new($"{Header}\n");
            foreach ((AccessToken token, byte[] hash) in change(Load(path)))
            {
                text.AppendJoin(
                    '\t', token.Id, $"{token.Role} {token.Scopes}".TrimEnd(), token.CreatedAt.ToUnixTimeSeconds(),
                    token.ExpiresAt?.ToUnixTimeSeconds() ?? 0,
                    Convert.ToHexStringLower(hash), token.Grants, token.Name).Append('\n');
            }

            // A change that was killed may have left its file.
            File.Delete(next);
            SecretFile.Create(next, "new token file", isSecret: true, Encoding.UTF8.GetBytes(text.ToString()));
            // The user of the host must be able to read the file, even if an administrator changes the file as root.
            string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
            FileOwner.Copy(File.Exists(path) ? path : folder, next);
            FileOwner.Copy(folder, path + LockSuffix);
            File.Move(next, path, overwrite: true);

            // Otherwise a power cut could undo a revocation.
            FileStorage.Instance.SyncDirectory(folder);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new EstreamStorageException(
                $"The token file '{path}' cannot be written: {failure.Message} Retry when no other command changes it.", path,
                StorageFailure.Other, failure);
        }
    }

    private static AccessTokenFile Parse(string text, string path)
    {
        string[] lines = text.Split('\n');
        string format = lines[0].TrimEnd('\r');
        if (format.StartsWith(AnyHeader, StringComparison.Ordinal) && format is not (Header or FirstHeader))
        {
            throw new EstreamCorruptionException(
                $"The token file '{path}' begins with '{format}', which this version cannot read. Use a newer version, or restore the "
                + "file.", path);
        }

        // A file without a header is of format 1.
        int fields = format == Header ? Fields : FirstFields;
        List<(AccessToken Token, byte[] Hash)> tokens = [];
        for (int number = 0; number < lines.Length; number++)
        {
            if (lines[number].Length == 0 || lines[number].StartsWith('#'))
            {
                continue;
            }

            tokens.Add(TryParse(lines[number], fields, out (AccessToken, byte[]) token) ? token : throw new EstreamCorruptionException(
                $"Line {number + 1} of the token file '{path}' is not a token. Remove the line, or restore the file.", path));
        }

        return new AccessTokenFile(tokens);
    }

    private static bool TryParse(string line, int count, out (AccessToken Token, byte[] Hash) token)
    {
        token = default;
        string[] fields = line.Split('\t', count);
        if (fields.Length != count
            || fields[1].Split(' ', 2) is not [string roleName, .. string[] scopesText]
            || !Enum.TryParse(roleName, out AccessRole role)
            || !AccessScopes.TryParse(scopesText.Length > 0 ? scopesText[0] : "", out AccessScopes? scopes)
            || !long.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out long created)
            || !long.TryParse(fields[3], NumberStyles.None, CultureInfo.InvariantCulture, out long expires)
            || fields[4].Length != 2 * SHA256.HashSizeInBytes
            || !fields[4].All(char.IsAsciiHexDigit)
            || created > s_maxUnixSeconds || expires > s_maxUnixSeconds
            || !AccessGrants.TryParse(count == Fields ? fields[5] : "", out AccessGrants? grants)
            || (!grants.IsEmpty && (expires == 0 || expires - created > AccessGrants.MaxLifetime.TotalSeconds)))
        {
            return false;
        }

        token = (
            new AccessToken(
                fields[0], fields[^1], role, DateTimeOffset.FromUnixTimeSeconds(created),
                expires == 0 ? null : DateTimeOffset.FromUnixTimeSeconds(expires))
            {
                Scopes = scopes,
                Grants = grants,
            },
            Convert.FromHexString(fields[4]));
        return true;
    }
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Estream.Core;
using Estream.Wire.Fhir.Resources;

namespace Estream.Wire.Fhir.Access;

/// <summary>
/// The tokens of a server. The file has one line for each token: a name, the SHA-256 of the token in hexadecimal, then scopes and
/// properties such as <c>actor=Practitioner/f204</c>, <c>purpose=TREAT</c>, <c>patient=23</c> and <c>expires=2027-01-31</c>. Immutable and
/// thread-safe.
/// </summary>
internal sealed class FhirTokens
{
    private const int MaxFileBytes = 1 << 20;
    private const int MaxTokenChars = 4_096;

    private readonly List<(byte[] Hash, FhirPrincipal Principal)> _tokens = [];
    private readonly IClock _clock;

    private FhirTokens(IClock clock) => _clock = clock;

    /// <summary>What is wrong with the file; null for nothing. The tokens of invalid lines are not accepted.</summary>
    public string? Problem { get; private set; }

    /// <summary>Reads a file for the start of a server.</summary>
    /// <param name="path">The file.</param>
    /// <param name="urls">The URLs of this server: references below them are taken as relative.</param>
    /// <param name="clock">The clock for the expiry of tokens.</param>
    /// <exception cref="WireConfigurationException">The file cannot be read, other users may write it, or a line is invalid.</exception>
    public static FhirTokens Load(string path, ServerUrls urls, IClock clock)
    {
        FhirTokens tokens = Reload(path, urls, clock);
        return tokens.Problem is { } problem ? throw new WireConfigurationException("TokensFile", problem) : tokens;
    }

    /// <summary>Reads a changed file. An invalid line counts as removed, and a file that cannot be read as empty: otherwise a mistake
    /// would keep revoked tokens valid.</summary>
    /// <param name="path">The file.</param>
    /// <param name="urls">The URLs of this server.</param>
    /// <param name="clock">The clock for the expiry of tokens.</param>
    public static FhirTokens Reload(string path, ServerUrls urls, IClock clock)
    {
        try
        {
            return Parse(SecretFile.ReadText(path, "tokens file", MaxFileBytes).Split('\n'), urls, clock);
        }
        catch (EstreamStorageException failure)
        {
            return new FhirTokens(clock) { Problem = $"cannot be used: {failure.Message}" };
        }
    }

    /// <summary>Reads the lines of a file.</summary>
    /// <param name="lines">The lines.</param>
    /// <param name="urls">The URLs of this server: references below them are taken as relative.</param>
    /// <param name="clock">The clock for the expiry of tokens.</param>
    public static FhirTokens Parse(IReadOnlyList<string> lines, ServerUrls urls, IClock clock)
    {
        FhirTokens tokens = new(clock);
        for (int i = 0; i < lines.Count; i++)
        {
            string[] parts = lines[i].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length == 0 || parts[0].StartsWith('#'))
            {
                continue;
            }

            string? problem = ParseLine(parts, urls, out (byte[] Hash, FhirPrincipal Principal) token)
                ?? (tokens._tokens.Exists(other => other.Principal.Name == parts[0])
                    ? $"the name '{parts[0]}' is on an earlier line. Names are unique." : null);
            if (problem is null)
            {
                tokens._tokens.Add(token);
            }
            else
            {
                tokens.Problem ??= string.Create(
                    CultureInfo.InvariantCulture, $"has an invalid line {i + 1}, whose token is not accepted: {problem}");
            }
        }

        return tokens;
    }

    /// <summary>Finds the principal of a token that has not expired. Takes the same time for every token.</summary>
    public FhirPrincipal? Find(string token)
    {
        if (token.Length is 0 or > MaxTokenChars)
        {
            return null;
        }

        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(token));
        FhirPrincipal? found = null;
        foreach ((byte[] known, FhirPrincipal principal) in _tokens)
        {
            found = CryptographicOperations.FixedTimeEquals(known, hash) ? principal : found;
        }

        return Valid(found);
    }

    /// <summary>Finds a principal by the name in the file, for work on its behalf. Its token has not expired.</summary>
    public FhirPrincipal? FindName(string name) => Valid(_tokens.Find(token => token.Principal.Name == name).Principal);

    private FhirPrincipal? Valid(FhirPrincipal? principal) =>
        principal?.Expires is { } expires && FhirText.ToDateTime(_clock.UtcNanos) >= expires ? null : principal;

    /// <returns>What is wrong with the line; null for nothing.</returns>
    private static string? ParseLine(string[] parts, ServerUrls urls, out (byte[] Hash, FhirPrincipal Principal) token)
    {
        byte[] hash = new byte[SHA256.HashSizeInBytes];
        token = default;
        if (parts.Length < 3 || parts[0].Length > 64 || parts[1].Length != 2 * hash.Length
            || Convert.FromHexString(parts[1], hash, out _, out _) != System.Buffers.OperationStatus.Done)
        {
            return "write a name, the SHA-256 of the token in 64 hexadecimal digits, and at least one scope.";
        }

        List<SmartScope> scopes = [];
        List<string> actors = [];
        List<string> purposes = [];
        string? patient = null;
        DateTime? expires = null;
        foreach (string part in parts.Skip(2))
        {
            string[] pair = part.Contains('/', StringComparison.Ordinal) && !part.StartsWith("actor=", StringComparison.Ordinal)
                ? [part] : part.Split('=', 2);
            switch (pair)
            {
                case ["actor", { Length: > 0 } value]:
                    actors.Add(urls.Normalize(value));
                    break;
                case ["purpose", { Length: > 0 } value]:
                    purposes.Add(value);
                    break;
                case ["patient", { Length: > 0 } value]:
                    patient = $"Patient/{value}";
                    break;
                case ["expires", { } value] when TryReadTime(value, out DateTime time):
                    expires = time;
                    break;
                default:
                    if (!SmartScope.TryParse(part, urls, out SmartScope? scope))
                    {
                        return "a part is neither a scope, such as user/Observation.rs or patient/*.read, nor actor=, purpose=, patient= "
                            + "or expires= with a date or time in UTC, such as 2027-01-31.";
                    }

                    scopes.Add(scope);
                    break;
            }
        }

        token = (hash, new FhirPrincipal
        {
            Name = parts[0], Scopes = scopes, Actors = actors, Purposes = purposes, Patient = patient, Expires = expires,
        });
        return scopes.Exists(scope => scope.IsPatient) && patient is null
            ? "a patient/ scope needs patient= with the id of the patient." : null;
    }

    private static bool TryReadTime(string text, out DateTime time) => DateTime.TryParseExact(
        text, ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:ss'Z'"], CultureInfo.InvariantCulture,
        DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
}

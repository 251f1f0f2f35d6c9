using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Estream.Wire.Fhir.Resources;

namespace Estream.Wire.Fhir.Access;

/// <summary>
/// The tokens of a server. The file has one line for each token: a name, the SHA-256 of the token in hexadecimal, then scopes and
/// properties such as <c>actor=Practitioner/f204</c>, <c>purpose=TREAT</c> and <c>patient=23</c>. Immutable and thread-safe.
/// </summary>
internal sealed class FhirTokens
{
    private const int MaxFileBytes = 1 << 20;
    private const int MaxTokenChars = 4_096;

    private readonly List<(byte[] Hash, FhirPrincipal Principal)> _tokens = [];

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="urls">The URLs of this server: references below them are taken as relative.</param>
    /// <exception cref="WireConfigurationException">The file cannot be read, or a line is invalid.</exception>
    public static FhirTokens Load(string path, ServerUrls urls)
    {
        try
        {
            return new FileInfo(path).Length <= MaxFileBytes
                ? Parse(File.ReadAllLines(path), urls)
                : throw new WireConfigurationException("TokensFile", $"is '{path}', which is longer than {MaxFileBytes} bytes.");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new WireConfigurationException("TokensFile", $"cannot be read: {failure.Message}", failure);
        }
    }

    /// <summary>Reads the lines of a file.</summary>
    /// <param name="lines">The lines.</param>
    /// <param name="urls">The URLs of this server: references below them are taken as relative.</param>
    /// <exception cref="WireConfigurationException">A line is invalid.</exception>
    public static FhirTokens Parse(IReadOnlyList<string> lines, ServerUrls urls)
    {
        FhirTokens tokens = new();
        for (int i = 0; i < lines.Count; i++)
        {
            string[] parts = lines[i].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length > 0 && !parts[0].StartsWith('#'))
            {
                (byte[] Hash, FhirPrincipal Principal) token = ParseLine(parts, i + 1, urls);
                tokens._tokens.Add(tokens.FindName(token.Principal.Name) is null
                    ? token
                    : throw Invalid(i + 1, $"the name '{token.Principal.Name}' is on an earlier line. Names are unique."));
            }
        }

        return tokens;
    }

    /// <summary>Finds the principal of a token. Takes the same time for every token.</summary>
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

        return found;
    }

    /// <summary>Finds a principal by the name in the file, for work on its behalf.</summary>
    public FhirPrincipal? FindName(string name) => _tokens.Find(token => token.Principal.Name == name).Principal;

    private static (byte[] Hash, FhirPrincipal Principal) ParseLine(string[] parts, int line, ServerUrls urls)
    {
        byte[] hash = new byte[SHA256.HashSizeInBytes];
        if (parts.Length < 3 || parts[0].Length > 64 || parts[1].Length != 2 * hash.Length
            || Convert.FromHexString(parts[1], hash, out _, out _) != System.Buffers.OperationStatus.Done)
        {
            throw Invalid(line, "write a name, the SHA-256 of the token in 64 hexadecimal digits, and at least one scope.");
        }

        List<SmartScope> scopes = [];
        List<string> actors = [];
        List<string> purposes = [];
        string? patient = null;
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
                default:
                    scopes.Add(SmartScope.TryParse(part, urls, out SmartScope? scope) ? scope : throw Invalid(line,
                        "a part is neither a scope, such as user/Observation.rs or patient/*.read, nor actor=, purpose= or patient=."));
                    break;
            }
        }

        return scopes.Exists(scope => scope.IsPatient) && patient is null
            ? throw Invalid(line, "a patient/ scope needs patient= with the id of the patient.")
            : (hash, new FhirPrincipal { Name = parts[0], Scopes = scopes, Actors = actors, Purposes = purposes, Patient = patient });
    }

    private static WireConfigurationException Invalid(int line, string what) =>
        new("TokensFile", string.Create(CultureInfo.InvariantCulture, $"has an invalid line {line}: {what}"));
}

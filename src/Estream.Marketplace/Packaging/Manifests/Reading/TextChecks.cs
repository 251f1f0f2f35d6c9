using System.Text;
using System.Text.RegularExpressions;
using Estream.Circuits;
using Estream.Marketplace.Names;
using Estream.Marketplace.Toml;

namespace Estream.Marketplace.Manifests.Reading;

/// <summary>Texts of a manifest that are no names: for people, addresses, paths.</summary>
internal static partial class TextChecks
{
    private const int MaxStreamDepth = 16;
    private const int MaxReason = 200;

    /// <summary>A text for people: of one line, without characters that cannot be seen or turn the direction of others; as a name also
    /// without words of several scripts.</summary>
    public static string? Display(this ManifestPart part, string key, int most, string example, bool isRequired = false,
        bool isName = false)
    {
        if (part.Text(key, example, isRequired) is not { } text)
        {
            return null;
        }

        string? error = text.Value.Length == 0 || text.Value.Length > most ? ManifestMessages.TextLength(key, most)
            : text.Value.EnumerateRunes().FirstOrDefault(HiddenCharacters.IsHidden) is { Value: not 0 } hidden
                ? ManifestMessages.TextCharacter(key, TomlMessages.CodePoint(hidden.Value))
            : text.Value.Contains('\0', StringComparison.Ordinal) ? ManifestMessages.TextCharacter(key, TomlMessages.CodePoint(0))
            : text.Value[0] == ' ' || text.Value[^1] == ' ' ? ManifestMessages.TextEdge(key)
            : isName && MixedScripts.FirstWordOf(text.Value) is { } word ? ManifestMessages.TextScripts(key, word) : null;
        return Accepted(part, text, error);
    }

    /// <summary>An address of a page: https alone.</summary>
    public static string? Url(this ManifestPart part, string key, string example, bool isRequired = false)
    {
        if (part.Text(key, example, isRequired) is not { } text)
        {
            return null;
        }

        bool good = text.Value.Length <= ManifestLimits.MaxUrl && Ascii().IsMatch(text.Value)
            && Uri.TryCreate(text.Value, UriKind.Absolute, out Uri? uri) && uri.Scheme == Uri.UriSchemeHttps && uri.UserInfo.Length == 0
            && text.Value.StartsWith("https://", StringComparison.Ordinal);
        return Accepted(part, text,
            good ? null : ManifestMessages.NoText(text.Value, "an address that begins with https:// and names no user", example));
    }

    /// <summary>A text of a pattern.</summary>
    public static string? Matching(this ManifestPart part, string key, Regex pattern, string wanted, string example,
        bool isRequired = false) =>
        part.Text(key, example, isRequired) is { } text ? part.Matching(text, pattern, wanted, example) : null;

    public static string? Matching(this ManifestPart part, TomlString text, Regex pattern, string wanted, string example) =>
        Accepted(part, text, pattern.IsMatch(text.Value) ? null : ManifestMessages.NoText(text.Value, wanted, example));

    /// <summary>A container image that is pinned by its digest, so that it is the same one for everybody.</summary>
    public static string? Image(this ManifestPart part) =>
        part.Matching("image", PinnedImage(), "a container image pinned by its digest",
            "image = \"registry.example/acme/doors@sha256:\" and 64 hexadecimal digits", isRequired: true);

    /// <summary>A program and its arguments, each a text of one line.</summary>
    public static IReadOnlyList<string> Command(this ManifestPart part, string example, bool isRequired)
    {
        TomlArray? array = part.Value<TomlArray>("command", "an array of strings", example, isRequired);
        List<string> words = [];
        foreach (TomlValue item in array?.Items ?? [])
        {
            if (item is not TomlString { Value.Length: > 0 and <= ManifestLimits.MaxPath } word || word.Value.Any(char.IsControl))
            {
                part.Report(ManifestCodes.Text, item.Position,
                    ManifestMessages.NoText((item as TomlString)?.Value ?? "", "a word of a command: a string of one line", example));
                continue;
            }

            words.Add(word.Value);
        }

        if (array is { Items.Count: 0 } or { Items.Count: > ManifestLimits.MaxItems })
        {
            part.Report(ManifestCodes.Limit, array.Position,
                array.Items.Count == 0
                    ? ManifestMessages.Empty("command", example)
                    : ManifestMessages.TooMany("command", ManifestLimits.MaxItems));
        }

        return words;
    }

    /// <summary>Streams by address; a segment in braces stands for any one, and for the same one wherever its name is.</summary>
    public static IReadOnlyList<string> Streams(this ManifestPart part, string key, string example, bool isRequired)
    {
        List<string> streams = [];
        foreach (TomlString text in part.Texts(key, example, isRequired))
        {
            // What is in braces stands for a segment, so that an address is left which the rules of addresses apply to.
            string address = Placeholder().Replace(text.Value, "x");
            string? fault = address.Count(c => c == '/') - LexAddress.Scheme.Count(c => c == '/') > MaxStreamDepth
                ? $"it is deeper than {MaxStreamDepth}"
                : LexFault(address);
            if (fault is not null)
            {
                part.Report(ManifestCodes.Text, text.Position,
                    ManifestMessages.NoText(text.Value, $"an address of streams ({fault})", example));
                continue;
            }

            streams.Add(text.Value);
        }

        return streams;
    }

    /// <summary>What is wrong with an address; null where nothing is, and it is written as addresses are compared.</summary>
    public static string? LexFault(string text) =>
        !LexAddress.TryParse(text, out LexAddress? address, out string? reason) ? TomlMessages.Shorten(reason, MaxReason)
        : address.ToString() != text ? $"it is written {address}" : null;

    private static string? Accepted(ManifestPart part, TomlString text, string? error)
    {
        if (error is null)
        {
            return text.Value;
        }

        part.Report(ManifestCodes.Text, text.Position, error);
        return null;
    }

    [GeneratedRegex(@"\A[\x21-\x7e]+\z")]
    private static partial Regex Ascii();

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9.:_/-]{0,254}@sha256:[0-9a-f]{64}\z")]
    private static partial Regex PinnedImage();

    [GeneratedRegex(@"(?<=/)\{[a-z][a-z0-9_]{0,63}\}(?=/|\z)")]
    private static partial Regex Placeholder();
}

using System.Text;
using System.Text.RegularExpressions;
using Estream.Circuits;
using Estream.Marketplace.Names;
using Estream.Marketplace.Toml;

namespace Estream.Marketplace.Manifests.Reading;

/// <summary>Reads texts of a manifest that are not names: display texts, addresses, commands.</summary>
internal static partial class TextChecks
{
    private const int MaxStreamDepth = 16;
    private const int MaxReason = 200;

    /// <summary>Reads a single-line display text without characters that are invisible or change the direction of others. A name
    /// additionally must not have words with several scripts.</summary>
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

    /// <summary>Reads the address of a page; https only.</summary>
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
            good ? null : ManifestMessages.NoText(text.Value, "an https:// address without user info", example));
    }

    /// <summary>Reads a text that must match a pattern.</summary>
    public static string? Matching(this ManifestPart part, string key, Regex pattern, string wanted, string example,
        bool isRequired = false) =>
        part.Text(key, example, isRequired) is { } text ? part.Matching(text, pattern, wanted, example) : null;

    public static string? Matching(this ManifestPart part, TomlString text, Regex pattern, string wanted, string example) =>
        Accepted(part, text, pattern.IsMatch(text.Value) ? null : ManifestMessages.NoText(text.Value, wanted, example));

    /// <summary>Reads a container image. The image must be pinned by its digest, so that every machine gets the same image.</summary>
    public static string? Image(this ManifestPart part) =>
        part.Matching("image", PinnedImage(), "a container image pinned by its digest",
            "image = \"registry.example/acme/doors@sha256:\" and 64 hexadecimal digits", isRequired: true);

    /// <summary>Reads a program and its arguments, each a single-line text.</summary>
    public static IReadOnlyList<string> Command(this ManifestPart part, string example, bool isRequired)
    {
        TomlArray? array = part.Value<TomlArray>("command", "an array of strings", example, isRequired);
        List<string> words = [];
        foreach (TomlValue item in array?.Items ?? [])
        {
            if (item is not TomlString { Value.Length: > 0 and <= ManifestLimits.MaxPath } word || word.Value.Any(char.IsControl))
            {
                part.Report(ManifestCodes.Text, item.Position,
                    ManifestMessages.NoText((item as TomlString)?.Value ?? "", "a word of a command, a string on one line", example));
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

    /// <summary>Reads stream addresses. A segment in braces matches any segment; the same name stands for the same segment.</summary>
    public static IReadOnlyList<string> Streams(this ManifestPart part, string key, string example, bool isRequired)
    {
        List<string> streams = [];
        foreach (TomlString text in part.Texts(key, example, isRequired))
        {
            // Replaces placeholders by a plain segment, so that the address rules apply to the rest.
            string address = Placeholder().Replace(text.Value, "x");
            string? fault = address.Count(c => c == '/') - LexAddress.Scheme.Count(c => c == '/') > MaxStreamDepth
                ? $"it is deeper than {MaxStreamDepth}"
                : LexFault(address);
            if (fault is not null)
            {
                part.Report(ManifestCodes.Text, text.Position,
                    ManifestMessages.NoText(text.Value, $"a stream address ({fault})", example));
                continue;
            }

            streams.Add(text.Value);
        }

        return streams;
    }

    /// <summary>Returns what is wrong with an address; null if it is valid and in normalized form.</summary>
    public static string? LexFault(string text) =>
        !LexAddress.TryParse(text, out LexAddress? address, out string? reason) ? TomlMessages.Shorten(reason, MaxReason)
        : address.ToString() != text ? $"its normalized form is {address}" : null;

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

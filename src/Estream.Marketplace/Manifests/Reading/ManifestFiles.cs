using Estream.Esf.Schema;
using Estream.Marketplace.Toml;

namespace Estream.Marketplace.Manifests.Reading;

/// <summary>The files that a manifest names, and the rule for their paths.</summary>
internal sealed class ManifestFiles
{
    private const int MaxSegments = 16;

    private readonly OrderedDictionary<string, ManifestFile> _files = new(StringComparer.Ordinal);

    public IReadOnlyList<ManifestFile> All => _files.Values;

    /// <summary>Takes the file that a key names; null where it names none.</summary>
    public string? Take(ManifestPart part, string key, string ending, string example, bool isRequired, int maxBytes = 1 << 20) =>
        part.Text(key, example, isRequired) is { } text ? Take(part, text, ending, maxBytes) : null;

    /// <summary>Takes the files of an array.</summary>
    public IReadOnlyList<string> TakeAll(ManifestPart part, string key, string ending, string example, bool isRequired, int maxBytes = 1 << 20) =>
        [.. part.Texts(key, example, isRequired).Select(text => Take(part, text, ending, maxBytes)).OfType<string>()];

    /// <summary>Takes a file that the category asks for without a key of its own.</summary>
    public void Need(string path, SourcePosition position, int maxBytes) => _files.TryAdd(path, new ManifestFile(path, position, maxBytes));

    /// <summary>What is wrong with a path, or a pattern for paths; null where nothing is.</summary>
    public static string? Fault(string path, bool isPattern)
    {
        if (path.Length is 0 or > ManifestLimits.MaxPath)
        {
            return $"write 1 to {ManifestLimits.MaxPath} characters";
        }

        string[] segments = path.Split('/');
        if (segments.Length > MaxSegments)
        {
            return $"it is deeper than {MaxSegments} folders";
        }

        return segments.Select(segment => SegmentFault(segment, isPattern)).FirstOrDefault(fault => fault is not null);
    }

    private string? Take(ManifestPart part, TomlString text, string ending, int maxBytes)
    {
        string? mistake = Fault(text.Value, isPattern: false) is { } fault ? ManifestMessages.NoPath(text.Value, fault)
            : !text.Value.EndsWith(ending, StringComparison.Ordinal) ? ManifestMessages.PathEnding(text.Value, ending) : null;
        if (mistake is not null)
        {
            part.Report(ManifestCodes.Path, text.Position, mistake);
            return null;
        }

        Need(text.Value, text.Position, maxBytes);
        return text.Value;
    }

    private static string? SegmentFault(string segment, bool isPattern)
    {
        if (segment.Length == 0)
        {
            return "it begins with a slash, ends with one or has two of them: write a path from the folder of the manifest, as in schemas/iot.esf.yaml";
        }

        if (segment is "." or "..")
        {
            return "'.' and '..' are no names of files";
        }

        if (segment.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-' or '+' or '@') && !(isPattern && c == '*')))
        {
            return "write letters, digits and . _ - + @ with slashes between folders" + (isPattern ? ", and * for any characters" : "");
        }

        return segment[0] is '-' or '+' || segment[^1] == '.' ? "a name begins with no '-' or '+' and ends with no '.'"
            : isPattern && segment.Contains("**", StringComparison.Ordinal) && segment != "**" ? "** stands alone between slashes" : null;
    }
}
